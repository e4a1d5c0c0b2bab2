package import Measurements

/// Which part of a run this process has, and when all parts begin.
///
/// The rest of the plan is the whole run's: shard I of N has every N-th upload of each round, from the I-th on.
package struct ShardPlan: Sendable, Codable, Equatable {
    /// Its number, from 1.
    package let index: Int
    /// How many there are.
    package let count: Int
    /// The wall time at which all shards start their first round.
    package let startAt: Timestamp

    private static let most = 1000
    /// The furthest ahead that a start may lie.
    private static let day: Nanoseconds = 86_400_000_000_000

    /// Reads `I/N`.
    ///
    /// - Parameters:
    ///   - text: What stood behind `--shard`.
    ///   - startAt: When all shards start.
    ///   - now: The wall time.
    /// - Throws: ``PlanError`` if it is no part, or the start lies behind or too far ahead.
    package init(parsing text: String, startAt: Timestamp, now: Timestamp) throws(PlanError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], (1...Self.most).contains(count),
            (1...count).contains(index)
        else { throw .invalidShard(text: text) }
        let ahead = startAt.nanosecondsSince1970 - now.nanosecondsSince1970
        guard ahead > 0 else { throw .startIsOver(seconds: -ahead / 1_000_000_000) }
        guard ahead <= Self.day else { throw .startTooFar }
        self.index = index
        self.count = count
        self.startAt = startAt
    }

    /// The same as a part of a schedule.
    var part: Pacer.Shard { Pacer.Shard(index: index - 1, count: count) }
}

/// When the rounds of a shard begin: the first when all shards do, each later one at a whole second from there.
///
/// Shards don't talk to each other. One whose part ended a little sooner would be further ahead with every
/// round, since it then has the server to itself; by the second they meet again.
struct RoundStarts {
    let first: Timestamp

    /// Connections are opened so long before the first round: servers close those that idle for some seconds.
    static let lead: Nanoseconds = 2_000_000_000
    private static let step: Nanoseconds = 1_000_000_000

    /// When a round begins that is ready now.
    ///
    /// - Parameter now: The wall time.
    /// - Returns: The first of the times that isn't over.
    func next(now: Timestamp) -> Timestamp {
        let late = max(0, now.nanosecondsSince1970 - first.nanosecondsSince1970)
        let steps = (late + Self.step - 1) / Self.step
        return Timestamp(nanosecondsSince1970: first.nanosecondsSince1970 + steps * Self.step)
    }
}
