import Synchronization

/// Tasks that wait until the test lets them go.
final class HeldTasks: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Suspends the calling task until ``letGo()``, whether it is cancelled or not.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Waits until a task waits: it may still be on its way to be suspended.
    func untilOneWaits() async {
        while state.withLock({ $0.waiting.isEmpty && !$0.isOpen }) { await Task.yield() }
    }

    /// Lets all go on, those that wait and those that will.
    func letGo() {
        let waiting = state.withLock { state in
            defer { state = State(isOpen: true) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
