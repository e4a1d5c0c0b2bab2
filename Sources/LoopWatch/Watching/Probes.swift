import CLoopProbe
import NIOCore

/// What of the process can be watched, and the switching on of it.
struct Probes: Sendable {
    /// The threads of the groups that were named, by generation.
    private(set) var groupThreads: Set<UInt64> = []
    /// Those of their loops that are pinged.
    private(set) var pingedLoops: [PingedLoop] = []
    /// Whether every event loop is watched.
    private(set) var hasAllLoops: Bool
    /// Whether the cooperative pool is watched.
    private(set) var hasPool = false
    /// What nobody sees although it was asked for, if that is so.
    private(set) var warning: String?
    private var methodsAtStart: Methods

    /// Makes probes of what was switched on elsewhere.
    ///
    /// - Parameters:
    ///   - methods: How things are watched.
    ///   - hasAllLoops: Whether every event loop is watched.
    ///   - hasPool: Whether the cooperative pool is watched.
    init(methods: Methods, hasAllLoops: Bool, hasPool: Bool = false) {
        methodsAtStart = methods
        self.hasAllLoops = hasAllLoops
        self.hasPool = hasPool
    }

    /// Notes what strict mode misses here.
    ///
    /// - Parameter strictness: What was asked for.
    mutating func note(_ strictness: Strictness) {
        methodsAtStart.notes += StrictMode.notes(for: strictness)
        if strictness != .off, !pingedLoops.isEmpty {
            methodsAtStart.notes.append("strict mode finds nothing on loops that are watched by heartbeat")
        }
    }

    /// Switches on what is needed to watch something.
    ///
    /// - Parameters:
    ///   - watched: What.
    ///   - proofTime: How long a loop that answers has to show that its waits are seen.
    /// - Returns: What could be had.
    /// - Throws: ``LoopWatchError`` for a pool that was asked for by name and can't be watched, or a group that
    ///   was shut down.
    static func install(
        for watched: Watched,
        proofTime: Duration = .seconds(1)
    ) async throws(LoopWatchError) -> Probes {
        let proofs = Proofs.ofThisProcess
        var probes = Probes(
            methods: Methods(
                loops: .none,
                pool: .none,
                stacks: proofs.hasStacks,
                cpuSplit: proofs.hasSchedule,
                taskNames: false,
                notes: proofs.notes
            ),
            hasAllLoops: watched.hasAllLoops && proofs.hasLoopProbe
        )
        if watched.hasPool { try await probes.watchPool(isNeeded: watched.needsPool) }
        try await probes.watchLoops(watched, proofs, proofTime: proofTime)
        // From here on this task runs inside a job that the hook has seen begin.
        await Task.yield()
        return probes
    }

    /// How things are watched, and what is missing by now.
    var methods: Methods {
        var methods = methodsAtStart
        let refused = lp_refused_threads()
        if refused > 0 {
            let limit = LoopWatchError.threadLimit(Int(LP_MAX_SLOTS)).message
            methods.notes.append("\(limit): \(refused) came too late")
        }
        return methods
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
        case LP_HEARTBEAT: groupThreads.contains(generation)
        case LP_POOL: hasPool
        default: hasAllLoops || hasPool
        }
    }

    /// Whether both watch one loop, so that a block of it belongs to both.
    ///
    /// - Parameter other: What else watches.
    /// - Returns: Whether they do.
    func sharesLoops(with other: Probes) -> Bool {
        if hasAllLoops && other.hasAllLoops { return true }
        if hasAllLoops || other.hasAllLoops { return !groupThreads.isEmpty || !other.groupThreads.isEmpty }
        return !groupThreads.isDisjoint(with: other.groupThreads)
    }

    private mutating func watchPool(isNeeded: Bool) async throws(LoopWatchError) {
        let result = lp_install_job_hook()
        guard result == 0 else {
            let isTaken = result == LP_TAKEN.rawValue
            if isNeeded, isTaken { throw .jobHookTaken }
            let reason =
                isTaken ? "another library has taken its hook" : "this runtime has no hook for its jobs"
            if isNeeded { throw .needsJobHook(reason) }
            methodsAtStart.notes.append("the cooperative pool is not watched: \(reason)")
            return
        }
        hasPool = true
        methodsAtStart.pool = .probe
        if case .tokensOnly(let reason) = await TaskTracking.start() {
            methodsAtStart.notes.append("names of tasks are not known: \(reason)")
        }
        methodsAtStart.taskNames = lp_tasks_are_calibrated()
    }

    private mutating func watchLoops(
        _ watched: Watched,
        _ proofs: Proofs,
        proofTime: Duration
    ) async throws(LoopWatchError) {
        if hasAllLoops {
            methodsAtStart.loops = .probe
            lp_watch_loops(true)
        }
        for group in watched.groups {
            for loop in group.makeIterator() {
                let registration = try await LoopRegistration.register(
                    loop,
                    hasProbe: proofs.hasLoopProbe,
                    proofTime: proofTime
                )
                add(registration)
            }
        }
        if !pingedLoops.isEmpty {
            methodsAtStart.loops = .heartbeat
            let reason = proofs.hasLoopProbe ? "of these loops" : "in this process"
            methodsAtStart.notes.append(
                "loops are pinged, for their waits for events can't be seen \(reason): a block may have begun "
                    + "earlier than told, and one hardly longer than the threshold may be missed"
            )
        }
        guard watched.hasAllLoops, !hasAllLoops else { return }
        let others = pingedLoops.isEmpty ? "" : " but those named"
        let note = "no event loops\(others) are watched: their waits for events can't be seen in this process"
        methodsAtStart.notes.append(note)
        warning = "LoopWatch: \(note); name groups, as in .loops(of: group), to have their loops pinged"
    }

    private mutating func add(_ registration: LoopRegistration) {
        switch registration {
        case .probed(let generation):
            groupThreads.insert(generation)
            if methodsAtStart.loops == .none { methodsAtStart.loops = .probe }
        case .pinged(let loop):
            groupThreads.insert(loop.generation)
            if !pingedLoops.contains(where: { $0.generation == loop.generation }) { pingedLoops.append(loop) }
        // Told by the number of refused threads.
        case .refused: break
        }
    }
}
