import Glibc

/// Why libcurl, or the loop around it, could not do what was asked.
package enum CurlError: Error, Sendable, Equatable {
    /// Memory ran out.
    case outOfMemory
    /// libcurl refused to start, or refused an option.
    case refused(code: UInt32, words: String)
    /// The kernel refused a call.
    case system(call: String, number: Int32)
    /// The transfer failed.
    case transfer(TransferFailure)
    /// The response body is longer than the request allows.
    case responseTooLarge(limit: Int)
    /// The task that waited was cancelled.
    case cancelled
    /// The service was shut down.
    case shutDown

    /// One sentence on what went wrong, without a full stop.
    package var message: String {
        switch self {
        case .outOfMemory: "out of memory"
        case .refused(_, let words): "libcurl: \(words)"
        case .system(let call, let number): "\(call): \(describeSystemError(number))"
        case .transfer(let failure): failure.message
        case .responseTooLarge(let limit): "the response is longer than \(limit) bytes"
        case .cancelled: "cancelled"
        case .shutDown: "the HTTP client is shut down"
        }
    }

    /// What to try, where there is something to try.
    package var hint: String? {
        switch self {
        case .system(_, EMFILE), .system(_, ENFILE): "raise the limit of open files: ulimit -n"
        case .transfer(let failure) where failure.systemError == ECONNREFUSED: "is the server running?"
        default: nil
        }
    }
}

/// How a transfer failed, in libcurl's words and the kernel's.
package struct TransferFailure: Error, Sendable, Hashable {
    /// libcurl's result.
    package var code: CurlCode
    /// The `errno` of the call that failed; 0 where no call did.
    package var systemError: Int32
    /// What libcurl says about this very transfer.
    package var words: String

    /// Makes a failure.
    ///
    /// - Parameters:
    ///   - code: libcurl's result.
    ///   - systemError: The `errno` of the call that failed, or 0.
    ///   - words: What libcurl says about it.
    package init(code: CurlCode, systemError: Int32 = 0, words: String) {
        self.code = code
        self.systemError = systemError
        self.words = words
    }

    /// One sentence on what went wrong, without a full stop.
    package var message: String {
        systemError == 0 || systemError == ECONNREFUSED
            ? "\(words) (curl \(code.rawValue))"
            : "\(words) (curl \(code.rawValue), \(describeSystemError(systemError)))"
    }
}

/// The kernel's words for an error number.
///
/// The corresponding C function is `strerror_r`.
///
/// - Parameter number: The error number.
/// - Returns: Its words, in lower case at the start.
package func describeSystemError(_ number: Int32) -> String {
    let words = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
        guard let start = buffer.baseAddress, strerror_r(number, start, buffer.count) == 0 else {
            return "error \(number)"
        }
        return String(cString: start)
    }
    return words.prefix(1).lowercased() + words.dropFirst()
}
