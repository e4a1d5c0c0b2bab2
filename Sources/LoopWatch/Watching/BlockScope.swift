import CLoopProbe
import Synchronization

/// One scope that watches for blocks, from its opening to its close.
struct BlockScope: Sendable {
    private let probes: Probes
    private let threshold: UInt64
    private let watcher: Int
    private let inbox: Inbox
    /// The scope of the tasks made inside; nil where no job is watched.
    private let taskScope: Int32?
    private let openedAt: UInt64
    private let entry: OpenScopes.Entry
    /// How many calls had been dropped when it was opened.
    private let droppedBefore: UInt64

    /// What the watchdog has told so far.
    private final class Inbox: Sendable {
        let intervals = Mutex<[RawInterval]>([])
    }

    /// The shortest threshold that can be told from noise.
    static let shortestThreshold = Duration.milliseconds(1)

    /// How much longer than the threshold a scope waits for a thread that is busy at its end.
    private static let patience: UInt64 = 100_000_000

    /// How things are watched.
    var methods: Methods { probes.methods }

    /// What nobody sees although it was asked for, if that is so.
    var warning: String? { probes.warning }

    /// Opens a scope on the calling task.
    ///
    /// - Parameters:
    ///   - watched: What is watched.
    ///   - threshold: How long is too long.
    ///   - strict: Which calls are found however short.
    ///   - sampled: Told of each stack that was taken.
    /// - Returns: The open scope, which must be closed.
    /// - Throws: ``LoopWatchError``.
    static func open(
        _ watched: Watched,
        threshold: Duration,
        strict: Strictness = .off,
        sampled: (@Sendable (_ threadID: Int) -> Void)? = nil
    ) async throws(LoopWatchError) -> BlockScope {
        guard threshold >= shortestThreshold else { throw .thresholdTooSmall(threshold) }
        let probes = try await Probes.install(for: watched)
        return try open(probes, threshold: threshold, strict: strict, sampled: sampled)
    }

    /// Opens a scope on the calling task, over what has been switched on.
    ///
    /// - Parameters:
    ///   - probes: What is watched.
    ///   - threshold: How long is too long.
    ///   - strict: Which calls are found however short.
    ///   - sampled: Told of each stack that was taken.
    /// - Returns: The open scope, which must be closed.
    /// - Throws: ``LoopWatchError``.
    static func open(
        _ probes: Probes,
        threshold: Duration,
        strict: Strictness = .off,
        sampled: (@Sendable (_ threadID: Int) -> Void)? = nil
    ) throws(LoopWatchError) -> BlockScope {
        var probes = probes
        probes.note(strict)
        let inbox = Inbox()
        let nanoseconds = threshold.clockNanoseconds
        let watcher = Watchdog.Watcher(
            threshold: nanoseconds,
            strict: strict,
            wants: { [probes] in probes.covers($0, $1) },
            take: { interval in inbox.intervals.withLock { $0.append(interval) } },
            sampled: sampled,
            pingedLoops: probes.pingedLoops
        )
        guard let id = Watchdog.shared.add(watcher) else { throw .threadLimit(0) }
        let taskScope = probes.hasPool ? lp_scope_open(false) : LP_MISSING.rawValue
        return BlockScope(
            probes: probes,
            threshold: nanoseconds,
            watcher: id,
            inbox: inbox,
            taskScope: taskScope >= 0 ? taskScope : nil,
            openedAt: lp_mark(),
            entry: OpenScopes.shared.open(probes),
            droppedBefore: lp_dropped_calls()
        )
    }

    /// Closes it.
    ///
    /// - Returns: What it saw.
    func close() async -> Sight {
        let closedAt = lp_mark()
        let unfinished = await waitForTheBusy(since: closedAt)
        // Everything that ended before this answer has been told.
        _ = await Watchdog.shared.ask { _ in 0 }
        Watchdog.shared.remove(watcher)
        if let taskScope { lp_scope_close(taskScope) }
        let others = OpenScopes.shared.close(entry)
        let told = inbox.intervals.withLock { $0 }
        let intervals = (StrictMode.once(told) + unfinished)
            .filter { belongs($0) && isSeen($0, until: closedAt) }
            .sorted { ($0.start, $0.generation) < ($1.start, $1.generation) }
        return Sight(
            intervals: intervals,
            openedAt: openedAt,
            closedAt: closedAt,
            otherScopes: others,
            droppedCalls: Int(lp_dropped_calls() - droppedBefore)
        )
    }

    /// What a scope saw.
    struct Sight: Sendable {
        /// The intervals that reached into it for at least the threshold, whole, in the order they began.
        var intervals: [RawInterval]
        /// On the monotonic clock.
        var openedAt: UInt64
        /// On the monotonic clock.
        var closedAt: UInt64
        /// How many other scopes watched a loop of it meanwhile.
        var otherScopes = 0
        /// How many calls were lost because too many came at once.
        var droppedCalls = 0
    }

    /// Whether an interval reached into the scope for the threshold, or a call began in it.
    private func isSeen(_ interval: RawInterval, until closedAt: UInt64) -> Bool {
        guard interval.call == nil else { return (openedAt..<closedAt).contains(interval.start) }
        return min(interval.end, closedAt) >= max(interval.start, openedAt) &+ threshold
    }

    /// Jobs of the pool belong to the scope in whose task tree they run; a loop serves everyone.
    private func belongs(_ interval: RawInterval) -> Bool {
        guard interval.kind == LP_POOL else { return true }
        guard let taskScope else { return false }
        return interval.scopes & (1 << UInt64(taskScope % 64)) != 0
    }

    /// Waits for threads that were busy at the close, for a while; those that still are then are returned.
    private func waitForTheBusy(since closedAt: UInt64) async -> [RawInterval] {
        let limit = closedAt + threshold + BlockScope.patience
        while true {
            let ongoing = await Watchdog.shared.ask { [threshold] rounds in
                rounds.ongoing(longerThan: 0, begunBefore: closedAt).filter {
                    $0.end - $0.start >= threshold / 2
                }
            }
            let busy = ongoing.filter { probes.covers($0.kind, $0.generation) && belongs($0) }
            guard !busy.isEmpty else { return [] }
            guard lp_now() < limit else { return busy.filter { $0.end - $0.start >= threshold } }
            // Fails only when the task was cancelled: then the scope ends with what there is.
            guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { return busy }
        }
    }
}

extension Duration {
    /// Whole nanoseconds, as the probe counts them; 0 for less than nothing.
    var clockNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
    }
}
