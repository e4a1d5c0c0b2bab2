import Logging
import Synchronization

/// Keeps what is logged.
struct KeptLog: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    final class Lines: Sendable {
        private let texts = Mutex<[String]>([])

        /// What was logged, in its order, each with its level before it.
        var all: [String] { texts.withLock(\.self) }

        fileprivate func append(_ text: String) { texts.withLock { $0.append(text) } }
    }

    func log(event: LogEvent) {
        lines.append("\(event.level): \(event.message)")
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
