package import Curl
package import Measurements

/// Why a run could not be made, or ended early.
package enum LoadError: Error, Sendable, Equatable {
    case hostNotFound(target: String, host: String)
    case refused(target: String, address: String)
    case noConnection(target: String, address: String, seconds: Int)
    case unreachable(target: String, address: String, reason: String)
    case certificateNotTrusted(target: String, host: String, reason: String)
    case noTLS(target: String, port: Int)
    case noHTTP2(target: String, address: String)
    case tooManyOpenFiles
    case noLocalPort(target: String, address: String)
    case warmupFailed(target: String, outcome: Outcome, status: Int32, firstAnswer: String)
    case nothingFinished(target: String, seconds: Double)
    case targetLost(target: String, upload: Int)
    case fileChanged(path: String, reason: String)
    case engine(CurlError)
    case cancelled

    /// Whether it means that a target could not be reached.
    package var isUnreachable: Bool {
        switch self {
        case .hostNotFound, .refused, .noConnection, .unreachable, .certificateNotTrusted, .noTLS, .noHTTP2:
            true
        default: false
        }
    }

    /// One sentence on what went wrong, without a full stop.
    package var message: String {
        switch self {
        case .hostNotFound(let target, let host): "\(target): cannot find the host \(host)"
        case .refused(let target, let address): "\(target): \(address) refused the connection"
        case .noConnection(let target, let address, let seconds):
            "\(target): no connection to \(address) within \(seconds) s"
        case .unreachable(let target, let address, let reason):
            "\(target): no connection to \(address): \(reason)"
        case .certificateNotTrusted(let target, let host, let reason):
            "\(target): the certificate of \(host) is not trusted (\(reason))"
        case .noTLS(let target, let port): "\(target): no TLS on port \(port)"
        case .noHTTP2(let target, let address): "\(target): \(address) does not speak HTTP/2"
        case .tooManyOpenFiles: "too many open files"
        case .noLocalPort(let target, let address): "\(target): no local port is free to reach \(address)"
        case .warmupFailed(let target, let outcome, let status, let answer):
            "\(target): every upload failed in the warm-up (\(Self.words(status, outcome)))"
                + (answer.isEmpty ? "" : "; first answer: \(answer)")
        case .nothingFinished(let target, let seconds):
            "\(target): no upload finished within \(Self.limit(seconds));"
                + " response times are at least that"
        case .targetLost(let target, let upload):
            "\(target): refused connections from upload \(upload) on; partial results are written"
        case .fileChanged(let path, let reason): "\(path): \(reason)"
        case .engine(let error): error.message
        case .cancelled: "cancelled"
        }
    }

    /// A time limit as it was given: "120 s", "250 ms".
    private static func limit(_ seconds: Double) -> String {
        let (number, unit) = seconds >= 1 ? (seconds, "s") : (seconds * 1000, "ms")
        let text = FixedPoint.text(number, decimals: 3).reversed().drop { $0 == "0" }.drop { $0 == "." }
        return "\(String(text.reversed())) \(unit)"
    }

    /// What came of an upload: "500", "413 before the body was sent", or "timeout: waiting" without an answer.
    private static func words(_ status: Int32, _ outcome: Outcome) -> String {
        guard status > 0 else { return outcome.rawValue.split(separator: ".").joined(separator: ": ") }
        return outcome == .earlyResponse ? "\(status) before the body was sent" : "\(status)"
    }

    /// What to try, where there is something to try.
    package var hint: String? {
        switch self {
        case .hostNotFound: "check the name"
        case .refused: "is the server running?"
        case .noTLS: "did you mean http://?"
        case .certificateNotTrusted: "pass --cacert FILE or --insecure"
        case .noHTTP2: "leave out --http 2"
        case .tooManyOpenFiles: "raise the limit: ulimit -n"
        case .noLocalPort: "use a lower -c, or wait a minute for closed connections to be forgotten"
        case .nothingFinished: "give --timeout more time"
        case .warmupFailed(_, .status, _, _):
            "check the URL, --field, --method and the headers, or name what counts as success with --expect-status"
        case .warmupFailed(_, .earlyResponse, 413, _): "the server may limit the body size"
        case .warmupFailed(_, .earlyResponse, _, _): "the server answers before it has read the upload"
        case .warmupFailed: "check what the server logged"
        case .engine(let error): error.hint
        default: nil
        }
    }
}
