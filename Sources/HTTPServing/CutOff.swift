import Synchronization

/// Cancels what the connections of a server do, once for all.
///
/// Not the task that accepts them: a connection that was accepted and that nobody handles any more is a fault to NIO,
/// which ends the process.
final class CutOff: Sendable {
    private struct State {
        var isOver = false
        var tasks: [Int: Task<Void, Never>] = [:]
        var nextNumber = 0
    }

    private let state = Mutex(State())

    /// Whether everything was cancelled, and is at once.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Cancels everything that runs now or is begun later.
    func cancelAll() {
        let tasks = state.withLock { state in
            state.isOver = true
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
    }

    /// Waits for a task, which is cancelled with the others.
    ///
    /// - Parameter task: What a connection does.
    func wait(for task: Task<Void, Never>) async {
        let (number, isOver) = state.withLock { state in
            state.nextNumber += 1
            state.tasks[state.nextNumber] = task
            return (state.nextNumber, state.isOver)
        }
        if isOver { task.cancel() }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        state.withLock { _ = $0.tasks.removeValue(forKey: number) }
    }
}
