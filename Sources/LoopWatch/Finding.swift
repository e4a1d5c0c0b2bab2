import Logging

#if canImport(Glibc)
import Glibc
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
    /// - Throws: The error, if it is to be thrown.
    static func act<Failure: Error & CustomStringConvertible>(
        _ action: WatchAction,
        on error: Failure
    ) throws(Failure) {
        switch action {
        case .throw where !Tracer.isAttached: throw error
        case .throw, .warn: warn(error.description)
        case .log(let logger): logger.warning("\(error.description)")
        }
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
