package import Measurements

/// The first answer that a target gave with a failing status.
package struct FirstAnswer: Sendable, Equatable {
    package var target: String
    package var status: Int32
    /// The first bytes of its body, as text.
    package var body: String

    /// Notes an answer.
    ///
    /// - Parameters:
    ///   - target: The target's name.
    ///   - status: The HTTP status.
    ///   - body: The first bytes of the body, as text.
    package init(target: String, status: Int32, body: String) {
        self.target = target
        self.status = status
        self.body = body
    }
}

/// Failures of one kind at one target.
package struct ErrorGroup: Sendable, Equatable {
    package var target: String
    package var outcome: Outcome
    /// The HTTP status; 0 without a response.
    package var status: Int32
    package var count: Int
    package var firstBody: String?

    /// What it is: the status of an answer, "timeout", or the kind of another failure.
    var kind: String {
        switch outcome.outcomeClass {
        case .http: String(status)
        case .timeout: "timeout"
        default: outcome.kind
        }
    }

    /// Counts the failures of measured rounds.
    ///
    /// - Parameters:
    ///   - rounds: The run's rounds.
    ///   - firstAnswers: The bodies to show with them.
    /// - Returns: By target in the order they ran, most frequent first.
    static func groups(of rounds: [RunDocument.Round], firstAnswers: [FirstAnswer]) -> [ErrorGroup] {
        var groups: [ErrorGroup] = []
        for round in rounds where !round.record.isWarmup {
            for failure in round.summary.failures {
                let target = round.record.target
                let known = groups.firstIndex {
                    $0.target == target && $0.outcome == failure.outcome && $0.status == failure.status
                }
                if let known {
                    groups[known].count += failure.count
                } else {
                    let answer = firstAnswers.first { $0.target == target && $0.status == failure.status }
                    groups.append(
                        ErrorGroup(
                            target: target,
                            outcome: failure.outcome,
                            status: failure.status,
                            count: failure.count,
                            firstBody: answer?.body
                        )
                    )
                }
            }
        }
        return groups.sorted { ($0.target, $1.count, $0.order) < ($1.target, $0.count, $1.order) }
    }

    /// What tells two groups of equal count apart.
    private var order: String { "\(outcome.rawValue) \(status)" }
}
