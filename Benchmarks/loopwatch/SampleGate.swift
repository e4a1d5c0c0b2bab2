import Dispatch
import Synchronization

/// Closed until the detector has taken enough stacks of whoever waits before it.
final class SampleGate: Sendable {
    /// One may miss: it came late, or the thread did not answer in time.
    private static let enough = 3

    private struct State {
        var missing = 0
        var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let isOver = Atomic(true)

    /// Whether enough stacks have been taken.
    var isOpen: Bool { isOver.load(ordering: .acquiring) }

    /// Closes the gate.
    ///
    /// - Parameter action: Called once enough stacks have been taken, by whoever takes them.
    func close(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0 = State(missing: Self.enough, action: action) }
        isOver.store(false, ordering: .releasing)
    }

    /// Counts a stack.
    func stackWasTaken() {
        let action = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.missing > 0 else { return nil }
            state.missing -= 1
            return state.missing == 0 ? state.action : nil
        }
        guard let action else { return }
        isOver.store(true, ordering: .releasing)
        action()
    }
}
