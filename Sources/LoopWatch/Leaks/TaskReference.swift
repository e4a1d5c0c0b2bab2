import CLoopProbe

/// Keeps a leaked task in memory for as long as someone may want to cancel it.
final class TaskReference: Sendable {
    private let task: UInt

    /// Takes over a reference that the probe retained.
    ///
    /// - Parameter task: The task's address.
    init(taking task: UInt) {
        self.task = task
    }

    deinit { lp_release_task(task) }

    /// Cancels the task.
    func cancel() { lp_cancel_task(task) }
}
