import Logging
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What is done with what a scope found.
package enum Finding {
    /// Acts on an error that holds findings.
    ///
    /// - Parameters:
    ///   - action: What is done. With a debugger attached nothing is thrown: its pauses look like blocks.
    ///   - error: What was found.
    ///   - isTraced: Whether a debugger is attached.
    /// - Throws: The error, if it is to be thrown.
    static func act<Failure: Error & CustomStringConvertible>(
        _ action: WatchAction,
        on error: Failure,
        isTraced: Bool = Tracer.isAttached
    ) throws(Failure) {
        switch action {
        case .throw where !isTraced: throw error
        case .throw, .warn: warn(error.description)
        case .log(let logger): logger.warning("\(error.description)")
        }
    }

    private static let warned = Mutex<Set<String>>([])

    /// Writes a warning to standard error, unless it was written before.
    ///
    /// - Parameter text: The warning.
    package static func warnOnce(_ text: String) {
        if warned.withLock({ $0.insert(text).inserted }) { warn(text) }
    }

    /// Writes a warning to standard error.
    ///
    /// - Parameter text: The warning.
    package static func warn(_ text: String) {
        var text = text + "\n"
        text.withUTF8 { bytes in
            // Where standard error is closed there is nobody to warn.
            _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}
