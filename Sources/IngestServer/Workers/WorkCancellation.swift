import NIOCore
import Synchronization

/// Ends the work on one document, wherever that has got to.
final class WorkCancellation: Sendable {
    private struct State {
        var cancelled: NIODeadline?
        var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// When the work was cancelled; nil if it wasn't.
    var time: NIODeadline? { state.withLock { $0.cancelled } }

    /// Cancels the work; doing it again changes nothing.
    func cancel() {
        state.withLock { state in
            guard state.cancelled == nil else { return }
            state.cancelled = .now()
            state.action?()
        }
    }

    /// Says how the work is ended from now on, and ends it if it is cancelled already.
    ///
    /// - Parameter action: Must be quick and not come back here. Nil means that nothing can be ended any more:
    ///   when this returns, no action of before is running.
    func setAction(_ action: (@Sendable () -> Void)?) {
        state.withLock { state in
            state.action = action
            if state.cancelled != nil { action?() }
        }
    }
}
