/// All that one scope found: blocks, tasks and threads.
public struct LeakErrors: Error, Sendable {
    /// What blocked.
    public let blocks: EventLoopBlockError?
    /// The tasks that were left.
    public let tasks: TaskLeakError?
    /// The threads that were left.
    public let threads: ThreadLeakError?

    /// Makes the error.
    ///
    /// - Parameters:
    ///   - blocks: What blocked.
    ///   - tasks: The tasks that were left.
    ///   - threads: The threads that were left.
    public init(
        blocks: EventLoopBlockError? = nil,
        tasks: TaskLeakError? = nil,
        threads: ThreadLeakError? = nil
    ) {
        self.blocks = blocks
        self.tasks = tasks
        self.threads = threads
    }
}
