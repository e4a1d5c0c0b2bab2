import CLoopProbe
import NIOCore
import Synchronization

/// What of the process can be watched, and the switching on of it.
///
/// Each mechanism is tried out once a process before anything relies on it.
struct Probes: Sendable {
    /// How loops and pool are watched, what is missing and why.
    var methods: Methods
    /// The threads of the groups that were named, by generation.
    var groupThreads: Set<UInt64> = []
    /// Whether every event loop is watched.
    var hasAllLoops: Bool
    /// Whether the cooperative pool is watched.
    var hasPool: Bool

    /// Switches on what is needed to watch something.
    ///
    /// - Parameter watched: What.
    /// - Returns: What could be had.
    /// - Throws: ``LoopWatchError`` for a pool that was asked for by name and can't be watched, or a group that
    ///   was shut down.
    static func install(for watched: Watched) async throws(LoopWatchError) -> Probes {
        var methods = Probes.provenMethods()
        var hasPool = false
        if watched.hasPool {
            let result = lp_install_job_hook()
            hasPool = result == 0
            methods.pool = hasPool ? .probe : .none
            if !hasPool {
                let isTaken = result == LP_TAKEN.rawValue
                if watched.needsPool, isTaken { throw .jobHookTaken }
                let reason =
                    isTaken ? "another library has taken its hook" : "this runtime has no hook for its jobs"
                if watched.needsPool { throw .needsJobHook(reason) }
                methods.notes.append("the cooperative pool is not watched: \(reason)")
            } else {
                _ = await TaskTracking.start()
            }
        }
        methods.taskNames = lp_tasks_are_calibrated()
        let hasLoopProbe = methods.loops == .probe
        if watched.hasAllLoops, hasLoopProbe { lp_watch_loops(true) }
        var probes = Probes(
            methods: methods,
            hasAllLoops: watched.hasAllLoops && hasLoopProbe,
            hasPool: hasPool
        )
        for group in watched.groups where hasLoopProbe {
            probes.groupThreads.formUnion(try await register(group))
        }
        // From here on this task runs inside a job that the hook has seen begin.
        await Task.yield()
        return probes
    }

    /// Whether an interval belongs to what is watched.
    ///
    /// - Parameters:
    ///   - kind: What kind of thread it is from.
    ///   - generation: The thread.
    /// - Returns: Whether it does.
    func covers(_ kind: lp_kind, _ generation: UInt64) -> Bool {
        switch kind {
        case LP_EVENT_LOOP: hasAllLoops || groupThreads.contains(generation)
        case LP_POOL: hasPool
        default: hasAllLoops || hasPool
        }
    }

    /// Registers the threads of a group, each on itself.
    private static func register(_ group: any EventLoopGroup) async throws(LoopWatchError) -> [UInt64] {
        var generations: [UInt64] = []
        for loop in group.makeIterator() {
            let registered = await Probes.answer(of: loop)
            generations.append(try registered.get())
        }
        return generations
    }

    /// Has a loop register its thread.
    ///
    /// A loop that was shut down never answers, and keeps no promise: so it has a while to do so.
    private static func answer(of loop: any EventLoop) async -> Result<UInt64, LoopWatchError> {
        let (answers, continuation) = AsyncStream.makeStream(of: Result<UInt64, LoopWatchError>.self)
        loop.execute { continuation.yield(Probes.registerThisThread()) }
        let timer = Task {
            // Fails when the loop has answered.
            try await Task.sleep(for: Probes.patience)
            continuation.yield(.failure(.groupShutDown))
        }
        let answer = await answers.first { _ in true } ?? .failure(.groupShutDown)
        timer.cancel()
        // Or it would be found by a check for tasks that are left.
        _ = await timer.result
        return answer
    }

    /// The most time that a loop is busy with other things.
    private static let patience = Duration.seconds(5)

    private static func registerThisThread() -> Result<UInt64, LoopWatchError> {
        let slot = lp_register(UInt8(LP_EVENT_LOOP.rawValue), nil)
        guard slot >= 0 else { return .failure(.threadLimit(Int(LP_MAX_SLOTS))) }
        var state = lp_slot_state()
        guard lp_slot(slot, &state) else { return .failure(.groupShutDown) }
        // The loop runs this: it is busy, and was since its wait ended, which nobody saw.
        if state.busy_since == 0 { lp_begin() }
        return .success(state.generation)
    }

    private static let proven = Mutex<Methods?>(nil)

    /// What has shown in this process that it works; tried out once.
    private static func provenMethods() -> Methods {
        proven.withLock { proven in
            if let proven { return proven }
            let methods = tryOut()
            proven = methods
            return methods
        }
    }

    private static func tryOut() -> Methods {
        var notes: [String] = []
        let started = lp_start(0)
        let hasLoops = lp_self_check(Int32(LP_LOOP_PROBE.rawValue))
        if !hasLoops {
            notes.append(
                "event loops are not watched: their waiting for events can't be seen in this process"
            )
        }
        let hasStacks = started > 0 && lp_self_check(Int32(LP_STACKS.rawValue))
        if started == LP_SIGNAL_TAKEN.rawValue {
            notes.append("no stacks: no real-time signal is free")
        } else if !hasStacks {
            notes.append("no stacks: one that was taken to try did not show its own function")
        }
        if hasStacks, !lp_self_check(Int32(LP_ASYNC_CALLERS.rawValue)) {
            notes.append("no async callers: the layout of async frames is not the known one")
        }
        let hasSchedule = lp_self_check(Int32(LP_SCHEDULE.rawValue))
        if !hasSchedule {
            notes.append("time without a processor is not known and counts as blocked")
        }
        if !lp_self_check(Int32(LP_SHIELDS.rawValue)) {
            notes.append("calls that block may end early when a stack is taken")
        }
        return Methods(
            loops: hasLoops ? .probe : .none,
            pool: .none,
            stacks: hasStacks,
            cpuSplit: hasSchedule,
            taskNames: false,
            notes: notes
        )
    }
}
