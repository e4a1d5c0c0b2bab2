import Synchronization

/// Lives as long as the tasks that inherited it: each task drops its values when it has finished.
///
/// It sees every task that copies task-local values, on whatever executor, and none that is detached.
final class TaskToken: Sendable {
    /// Whether a token has gone.
    final class Life: Sendable {
        private let isOver = Atomic(false)

        /// Whether no task holds the token any more.
        var hasEnded: Bool { isOver.load(ordering: .acquiring) }

        fileprivate func end() { isOver.store(true, ordering: .releasing) }
    }

    /// The token of the innermost scope around the current task.
    @TaskLocal static var current: TaskToken?

    /// A task copies the innermost value alone, which has to keep the ones around alive.
    private let around: TaskToken?
    private let life: Life

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - life: Is told of its end.
    ///   - around: The token that it hides.
    init(life: Life, around: TaskToken?) {
        self.life = life
        self.around = around
    }

    deinit { life.end() }
}
