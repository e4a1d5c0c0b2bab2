import CLoopProbe

/// Tells which tasks that were made inside a scope have not finished at its end.
///
/// Everything but ``open(_:isolation:)`` and ``close()`` may run anywhere; these two run on the task that the scope belongs to.
package struct TaskLeakScope: Sendable {
    /// More are counted, not shown.
    private static let capacity = 64

    private let check: LeakChecks.Tasks
    private let tracking: TaskTracking
    private let life = TaskToken.Life()
    /// The probe's number of the scope; nil where tasks can't be followed.
    private let number: Int32?

    /// Opens a scope on the current task.
    ///
    /// - Parameters:
    ///   - check: Which tasks count.
    ///   - isolation: Left to the compiler.
    /// - Returns: The scope, which must be closed on the same task.
    /// - Throws: ``LoopWatchError`` if the check can't be made.
    package static func open(
        _ check: LeakChecks.Tasks,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(LoopWatchError) -> TaskLeakScope {
        guard check.grace >= .zero else { throw .graceNegative(check.grace) }
        let tracking = await TaskTracking.start()
        if case .tokensOnly(let reason) = tracking, check.needsTracking { throw .needsJobHook(reason) }
        // So that the body runs within a job that the hook has seen the start of.
        await Task.yield()
        return TaskLeakScope(check: check, tracking: tracking)
    }

    private init(check: LeakChecks.Tasks, tracking: TaskTracking) {
        self.check = check
        self.tracking = tracking
        guard case .full = tracking else {
            number = nil
            return
        }
        lp_refresh_modules()
        let opened = lp_scope_open(check.creationStacks)
        number = opened > 0 ? opened : nil
    }

    /// Ends the scope: what it left is followed no longer, but can still be cancelled.
    package func close() {
        if let number { lp_scope_close(number) }
    }

    /// Runs the scope's body.
    ///
    /// - Parameters:
    ///   - isolation: Left to the compiler.
    ///   - body: The body.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    package func run<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> sending Result
    ) async throws -> sending Result {
        // Nothing else refers to the token when this function has returned, or it would outlive all tasks.
        let token = TaskToken(life: life, around: TaskToken.current)
        return try await TaskToken.$current.withValue(token) { Sent(value: try await body()) }.value
    }

    /// What the body sent: it belongs to nobody else, which `withValue` has no way to say.
    private struct Sent<Value>: @unchecked Sendable {
        let value: Value
    }

    /// Waits until no task is left, for the grace period at the most, and tells what is.
    ///
    /// - Parameters:
    ///   - site: Where the scope was opened.
    ///   - isolation: Left to the compiler.
    /// - Returns: What is left; nil if nothing is.
    package func findings(
        at site: CallSite,
        isolation: isolated (any Actor)? = #isolation
    ) async -> TaskLeakError? {
        await Grace(check.grace).wait { isAnythingLeft }
        let (all, uncounted) = await followedTasks()
        var left = all.filter { check.named.matches($0.name) }
        var notes: [String] = []
        if uncounted > 0 { notes.append("\(uncounted) more tasks are left than are shown") }
        if case .tokensOnly(let reason) = tracking {
            notes.append("tasks are told apart by nothing: \(reason)")
        }
        if all.isEmpty, !life.hasEnded, check.named.matches(nil) {
            left.append(LeakedTask(id: 0, name: nil, creationStack: [], currentStack: [], cancellation: {}))
            notes.append(
                number == nil
                    ? "at least one task is left, which can be neither named nor cancelled"
                    : "a task on an actor or a custom executor is left, which can be neither named nor cancelled"
            )
        }
        guard !left.isEmpty else { return nil }
        return TaskLeakError(leakedTasks: left, site: site, grace: check.grace, notes: notes)
    }

    private var isAnythingLeft: Bool {
        if let number, lp_leaked_tasks(number, nil, 0) > 0 { return true }
        return !life.hasEnded
    }

    /// The tasks that the probe has followed, in the order they were made, and how many there was no room for.
    private func followedTasks() async -> (tasks: [LeakedTask], uncounted: Int) {
        guard let number else { return ([], 0) }
        let count = min(Int(lp_leaked_tasks(number, nil, 0)), TaskLeakScope.capacity)
        guard count > 0 else { return ([], 0) }
        let (followed, total) = withUnsafeTemporaryAllocation(of: lp_leaked_task.self, capacity: count) {
            room in
            let total = Int(lp_leaked_tasks(number, room.baseAddress, Int32(count)))
            return (room.prefix(total).map(FollowedTask.init), total)
        }
        var tasks: [LeakedTask] = []
        for task in followed.sorted(by: { $0.identifier < $1.identifier }) {
            tasks.append(await task.named())
        }
        return (tasks, max(0, total - count))
    }
}

/// What the probe knows of a task, before its stacks have names.
private struct FollowedTask: Sendable {
    let identifier: UInt64
    let name: String?
    let creation: ProbedStack
    let suspension: ProbedStack
    let reference: TaskReference

    /// Takes over the probe's record with its reference to the task.
    init(_ raw: lp_leaked_task) {
        identifier = raw.identifier
        let name = withUnsafeBytes(of: raw.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        self.name = name.isEmpty ? nil : name
        creation = ProbedStack(raw.creation)
        suspension = ProbedStack(raw.suspension)
        reference = TaskReference(taking: raw.task)
    }

    func named() async -> LeakedTask {
        LeakedTask(
            id: UInt(identifier),
            name: name,
            creationStack: ProbedStack.fromMaker(await creation.frames()),
            currentStack: ProbedStack.ofSuspended(await suspension.frames()),
            cancellation: { [reference] in reference.cancel() }
        )
    }
}

extension LeakChecks.Tasks {
    /// Whether the check makes no sense without the tasks' names or the tasks themselves.
    fileprivate var needsTracking: Bool {
        if case .cancel = action { return true }
        return !named.matches(nil)
    }
}
