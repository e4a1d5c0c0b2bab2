import CLoopProbe
import Dispatch
import Synchronization

/// Watches a live server and keeps what blocked it; at most one runs in a process.
///
/// Finding costs the loops two clock reads an iteration. Naming happens on a thread of its own.
public final class BlockDetector: Sendable {
    /// When blocks get their names.
    public enum Symbolication: Sendable {
        /// Soon after they ended, on a thread of its own with a budget of processor time.
        case background
        /// Not here: frames keep module and offset, for a symbolizer elsewhere.
        case deferred
        /// Never: frames are bare addresses.
        case off
    }

    /// What is watched and what is kept.
    public struct Configuration: Sendable {
        /// What is watched.
        public var watched = Watched.everything
        /// How long is too long: 1 ms or more.
        public var threshold = Duration.milliseconds(10)
        /// Blocks that are counted, but not kept.
        public var ignoring: [IgnoreRule] = []
        /// Which calls are found however short.
        public var strict = Strictness.off
        /// How many blocks are kept; older ones are dropped.
        public var capacity = 256
        /// How many stacks of one busy interval are kept, 2 or more: of more every second is dropped.
        public var samplesPerInterval = 32
        /// How many stacks may be taken in a second, so that a busy machine isn't made busier; 0 for none.
        public var capturesPerSecond = 200
        /// When blocks get their names.
        public var symbolication = Symbolication.background
        /// Whether names wait until ``settle()``, and then come at once: naming takes processor time, which a
        /// measurement under way can't spare.
        package var namesWhenSettled = false
        /// Told of each stack right after it was taken; for blockers that block for just as long.
        package var sampled: (@Sendable (_ threadID: Int) -> Void)?
        /// Told of each block once it has its names, on a thread of the detector.
        public var onBlock: (@Sendable (LoopBlock) -> Void)?

        /// Makes the usual configuration.
        public init() {}
    }

    fileprivate struct State {
        var blocks: [LoopBlock] = []
        var lastID = 0
        var lastInterval = 0
        var dropped = 0
        var ignored = 0
        var totals = LoopTotals()
        var calls = CallLog()
        /// Intervals that wait for their names.
        var waiting = 0
        /// Those that wait until they are asked for.
        var unnamed: [RawInterval] = []
        var streams: [Int: AsyncStream<LoopBlock>.Continuation] = [:]
        var nextStream = 0
        var isStopped = false
    }

    /// How loops and pool are watched, what is missing and why.
    public var methods: Methods { probes.methods }

    private let configuration: Configuration
    private let probes: Probes
    private let finder: BlockFinder
    private let started = lp_now()
    private let lostBefore = BlockDetector.lost
    fileprivate let state = Mutex(State())
    private let watcher = Mutex<Int?>(nil)
    fileprivate let naming = DispatchQueue(label: "loopwatch-names", qos: .utility)

    private static let running = Mutex(false)
    /// Intervals beyond this number that wait for their names are dropped.
    private static let longestQueue = 1024

    /// Starts watching.
    ///
    /// - Parameter configuration: What is watched and what is kept.
    /// - Returns: The detector, which watches until ``stop()``.
    /// - Throws: ``LoopWatchError``.
    public static func start(
        _ configuration: Configuration = Configuration()
    ) async throws(LoopWatchError) -> BlockDetector {
        guard configuration.threshold >= BlockScope.shortestThreshold else {
            throw .thresholdTooSmall(configuration.threshold)
        }
        let isFirst = running.withLock { running in
            defer { running = true }
            return !running
        }
        guard isFirst else { throw .alreadyRunning }
        do throws(LoopWatchError) {
            var probes = try await Probes.install(for: configuration.watched)
            probes.note(configuration.strict)
            let detector = BlockDetector(configuration, probes)
            try detector.watch()
            detector.probes.warning.map(Finding.warnOnce)
            return detector
        } catch {
            running.withLock { $0 = false }
            throw error
        }
    }

    /// What the probe had no room for.
    private static var lost: UInt64 { lp_dropped_intervals() + lp_dropped_calls() }

    private init(_ configuration: Configuration, _ probes: Probes) {
        self.configuration = configuration
        self.probes = probes
        finder = BlockFinder(
            threshold: configuration.threshold,
            ignoring: configuration.ignoring,
            symbolication: configuration.symbolication,
            patience: configuration.namesWhenSettled ? .none : .background
        )
        state.withLock { $0.totals.update(probes) }
    }

    private func watch() throws(LoopWatchError) {
        let probes = probes
        let id = Watchdog.shared.add(
            Watchdog.Watcher(
                threshold: configuration.threshold.clockNanoseconds,
                strict: configuration.strict,
                wants: { probes.covers($0, $1) },
                take: { [weak self] in self?.take($0) },
                sampled: configuration.sampled,
                pingedLoops: probes.pingedLoops,
                samplesPerInterval: max(2, configuration.samplesPerInterval),
                capturesPerSecond: max(0, configuration.capturesPerSecond)
            )
        )
        guard let id else { throw .threadLimit(0) }
        watcher.withLock { $0 = id }
    }

    /// What has been seen so far.
    ///
    /// - Parameters:
    ///   - id: Only blocks after this one; nil for all that are kept.
    ///   - limit: The oldest so many of them; nil for all.
    /// - Returns: The blocks, oldest first, with the totals since the start.
    public func snapshot(since id: Int? = nil, limit: Int? = nil) -> Snapshot {
        var snapshot = counted(since: id, limit: limit)
        if configuration.symbolication == .deferred {
            let frames = snapshot.blocks.flatMap(\.samples).flatMap(\.frames)
            snapshot.buildIDs = Symbolicator.buildIDs(addresses: frames.map(\.address))
        }
        return snapshot
    }

    private func counted(since id: Int?, limit: Int?) -> Snapshot {
        state.withLock { state in
            state.totals.update(probes)
            var blocks = state.blocks.filter { $0.id > id ?? 0 }.map(state.calls.counted)
            if let limit { blocks = Array(blocks.prefix(max(0, limit))) }
            return Snapshot(
                methods: methods,
                threshold: configuration.threshold,
                watchedFor: .nanoseconds(lp_now() - started),
                loops: state.totals.usages,
                blocks: blocks,
                dropped: state.dropped + Int(BlockDetector.lost - lostBefore),
                ignored: state.ignored,
                isTraced: Tracer.isAttached,
                next: blocks.last?.id ?? max(id ?? 0, blocks.isEmpty && limit == nil ? state.lastID : id ?? 0)
            )
        }
    }

    /// The blocks as they come, from now on.
    ///
    /// - Returns: A stream that ends with the detector; its reader loses nothing however slow it is.
    public func blocks() -> AsyncStream<LoopBlock> {
        let (stream, continuation) = AsyncStream.makeStream(of: LoopBlock.self)
        let number = state.withLock { state -> Int? in
            guard !state.isStopped else { return nil }
            state.nextStream += 1
            state.streams[state.nextStream] = continuation
            return state.nextStream
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in state.streams[number] = nil }
        }
        return stream
    }

    /// Stops watching; a second call gives the same again.
    ///
    /// - Returns: Everything that was seen, with all names.
    public func stop() async -> Snapshot {
        let id = watcher.withLock { watcher in
            defer { watcher = nil }
            return watcher
        }
        if let id {
            await settle()
            Watchdog.shared.remove(id)
            let streams = state.withLock { state in
                defer { state.streams = [:] }
                state.isStopped = true
                state.blocks = state.blocks.map(state.calls.counted)
                state.calls = CallLog()
                return state.streams.values
            }
            for stream in streams { stream.finish() }
            BlockDetector.running.withLock { $0 = false }
        }
        return snapshot()
    }

    /// Takes an interval from the watchdog, on its thread.
    private func take(_ interval: RawInterval) {
        let isCall = interval.call != nil
        guard isCall || interval.blocked >= configuration.threshold.clockNanoseconds else { return }
        let isNext = state.withLock { state in
            if !isCall { state.totals.add(interval) }
            guard !configuration.namesWhenSettled else {
                if state.unnamed.count < configuration.capacity {
                    state.unnamed.append(interval)
                } else {
                    state.dropped += 1
                }
                return false
            }
            guard state.waiting < BlockDetector.longestQueue else {
                state.dropped += 1
                return false
            }
            state.waiting += 1
            return true
        }
        guard isNext else { return }
        naming.async { [self] in name(interval) }
    }

    fileprivate func name(_ interval: RawInterval) {
        // Naming takes long, so it comes before the lock; the numbers are given under it.
        let found = finder.blocks(in: interval, number: 0, firstID: 0)
        let (blocks, streams) = state.withLock { state in
            state.waiting -= 1
            state.ignored += found.ignored
            guard !found.blocks.isEmpty, state.calls.isNew(interval.call, found.blocks, id: state.lastID + 1)
            else {
                return ([LoopBlock](), [AsyncStream<LoopBlock>.Continuation]())
            }
            state.lastInterval += 1
            let blocks = found.blocks.map { block in
                state.lastID += 1
                var block = block
                block.id = state.lastID
                block.interval = state.lastInterval
                return block
            }
            state.blocks += blocks
            let excess = state.blocks.count - configuration.capacity
            if excess > 0 {
                for block in state.blocks.prefix(excess) { state.calls.forget(block.id) }
                state.blocks.removeFirst(excess)
                state.dropped += excess
            }
            return (blocks, Array(state.streams.values))
        }
        for block in blocks {
            for stream in streams { stream.yield(block) }
            configuration.onBlock?(block)
        }
    }
}

extension BlockDetector {
    /// Waits until everything that has ended before has its names and is in ``snapshot(since:limit:)``.
    package func settle() async {
        _ = await Watchdog.shared.ask { _ in 0 }
        let (unnamed, isWaiting) = state.withLock { state in
            defer { state.unnamed = [] }
            state.waiting += state.unnamed.count
            return (state.unnamed, state.waiting > 0)
        }
        // Making the symbolicator takes 10 ms: the caller's thread must not be kept for nothing.
        guard isWaiting else { return await finish([]) }
        // Within the budget three blocks can take half a minute, and a server that stops would wait for them.
        await Symbolicator.shared.withoutPatience { await finish(unnamed) }
    }

    /// Names intervals after those that came before, and waits for all.
    private func finish(_ unnamed: [RawInterval]) async {
        await withCheckedContinuation { continuation in
            naming.async { [self] in
                for interval in unnamed { name(interval) }
                continuation.resume()
            }
        }
    }
}
