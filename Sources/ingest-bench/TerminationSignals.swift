import Dispatch
import Glibc
import Synchronization

/// SIGINT and SIGTERM for a command that wants to end in order: the first one asks, the second one kills.
final class TerminationSignals: Sendable {
    /// A signal that asks the program to end.
    enum Signal: Int32, CaseIterable {
        case interrupt = 2
        case terminate = 15

        /// The exit status of a program that this signal ended.
        var exitStatus: ExitStatus { self == .interrupt ? .interrupted : .terminated }

        /// The signal's name, as a report shows it.
        var name: String { self == .interrupt ? "SIGINT" : "SIGTERM" }
    }

    private struct State {
        var received: Signal?
        /// What the first signal does; nil until there is something to end.
        var cancel: (@Sendable () -> Void)?
        /// What the second one does before it ends the program.
        var leave: (@Sendable () -> Void)?
    }

    /// Carried only to be kept: after `resume` nobody calls a source again, which makes this safe.
    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceSignal
    }

    private let state = Mutex(State())
    /// Kept for the life of the program: a second signal must also end the writing of a report.
    private let sources = Mutex<[Source]>([])

    /// The first signal that came; nil while none has.
    var received: Signal? { state.withLock { $0.received } }

    /// Takes both signals over from the system, which would end the program.
    init() {
        for signal in Signal.allCases {
            Glibc.signal(signal.rawValue, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: signal.rawValue, queue: .global())
            source.setEventHandler { [self] in take(signal) }
            source.resume()
            let kept = Source(source: source)
            sources.withLock { $0.append(kept) }
        }
    }

    private func take(_ signal: Signal) {
        let (isSecond, action) = state.withLock { state in
            let isSecond = state.received != nil
            if !isSecond { state.received = signal }
            return (isSecond, isSecond ? state.leave : state.cancel)
        }
        action?()
        if isSecond { _exit(signal.exitStatus.rawValue) }
    }

    /// Names what the second signal does before it ends the program, such as tidying the terminal.
    ///
    /// - Parameter action: What to do; it may not wait for anything.
    func beforeLeaving(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.leave = action }
    }

    /// Runs work that the first signal cancels, at once if it has come already.
    ///
    /// - Parameter work: What to run; it should end soon once its task is cancelled.
    /// - Returns: What the work returned.
    /// - Throws: What the work threw.
    func cancelling<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task { try await work() }
        let isLate = state.withLock { state in
            state.cancel = { task.cancel() }
            return state.received != nil
        }
        if isLate { task.cancel() }
        return try await task.value
    }

    /// Waits for the first signal.
    func wait() async {
        do {
            try await cancelling {
                while true {
                    try await Task.sleep(for: .seconds(86_400))
                }
            }
        } catch {
            // The cancellation is what was waited for.
        }
    }
}
