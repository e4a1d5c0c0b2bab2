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

    private let first = Mutex<Signal?>(nil)
    /// Kept for the life of the program: a second signal must also end the writing of a report.
    private let sources = Mutex<[Source]>([])

    /// Carried only to be kept: after `resume` nobody calls a source again, which makes this safe.
    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceSignal
    }

    /// The first signal that came; nil while none has.
    var received: Signal? { first.withLock { $0 } }

    /// Runs work that the first signal cancels; a second signal, even after the work, ends the program at once.
    ///
    /// - Parameter work: What to run; it should end soon once its task is cancelled.
    /// - Returns: What the work returned.
    /// - Throws: What the work threw.
    func cancelling<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task { try await work() }
        for signal in Signal.allCases {
            Glibc.signal(signal.rawValue, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: signal.rawValue, queue: .global())
            source.setEventHandler { [self] in
                let isFirst = first.withLock { received in
                    defer { received = received ?? signal }
                    return received == nil
                }
                guard isFirst else { _exit(signal.exitStatus.rawValue) }
                task.cancel()
            }
            source.resume()
            let kept = Source(source: source)
            sources.withLock { $0.append(kept) }
        }
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
