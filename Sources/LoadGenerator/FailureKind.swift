package import Measurements

/// Failures of one target that are alike.
package struct FailureKind: Sendable, Equatable {
    /// The target's name.
    package var target: String
    /// What came of those uploads.
    package var outcome: Outcome
    /// Their HTTP status; 0 without a response.
    package var status: Int32
    /// How many there were in measured rounds.
    package var count: Int
    /// The first 512 bytes of the first answer's body, as text.
    package var firstBody: String
}

extension FailureKind {
    /// Counts the failures of measured rounds by target, outcome and status.
    ///
    /// - Parameters:
    ///   - rounds: The rounds.
    ///   - answers: The first answers.
    /// - Returns: The kinds in the order they first occurred.
    static func count(in rounds: [RoundRecord], answers: FirstAnswers) -> [FailureKind] {
        var kinds: [FailureKind] = []
        var places: [FirstAnswers.Key: Int] = [:]
        for round in rounds where !round.isWarmup {
            for failures in round.summary?.failures ?? [] {
                let key = FirstAnswers.Key(
                    target: round.target,
                    outcome: failures.outcome,
                    status: failures.status
                )
                if let place = places[key] {
                    kinds[place].count += failures.count
                    continue
                }
                places[key] = kinds.count
                kinds.append(
                    FailureKind(
                        target: key.target,
                        outcome: key.outcome,
                        status: key.status,
                        count: failures.count,
                        firstBody: answers.answer(to: key)
                    )
                )
            }
        }
        return kinds
    }
}
