import ArgumentParser
import BenchReport
import LoadGenerator
import Measurements

/// The flags of `run` that make it one of several processes.
struct ShardOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "This process is the I-th of N that share each round; ingest-bench merge joins their results.",
            valueName: "i/n"
        )
    )
    var shard: String?

    @Option(
        help: ArgumentHelp(
            "When all shards start their first round, such as 2026-11-28T18:00:00Z.",
            valueName: "time"
        )
    )
    var startAt: String?

    /// The part of the run that this process has.
    ///
    /// - Parameter now: The wall time.
    /// - Returns: nil for all of it.
    /// - Throws: `PlanError` or ``UsageError`` for flags that make no part.
    func plan(now: Timestamp) throws -> ShardPlan? {
        switch (shard, startAt) {
        case (nil, nil): return nil
        case (nil, _?): throw PlanError.startWithoutShard
        case (_?, nil): throw PlanError.shardWithoutStart
        case (let shard?, let text?):
            guard let startAt = Timestamp(iso8601: text) else {
                throw UsageError(
                    message: "--start-at \(text): expected a time such as 2026-11-28T18:00:00Z",
                    hint: "it ends with Z: all shards go by UTC"
                )
            }
            return try ShardPlan(parsing: shard, startAt: startAt, now: now)
        }
    }
}
