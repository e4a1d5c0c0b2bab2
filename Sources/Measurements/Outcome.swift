/// What came of one upload: `ok`, or the class and the kind of its failure.
///
/// The raw values are API: they stand in `run.json` and in the CSV exports as `class.kind`.
package enum Outcome: String, Sendable, Hashable, CaseIterable, Codable {
    case ok

    case resolve = "connect.resolve"
    case refused = "connect.refused"
    case unreachable = "connect.unreachable"
    case openFiles = "connect.openFiles"
    case noLocalPort = "connect.noLocalPort"
    case tlsVerify = "connect.tlsVerify"
    case tlsHandshake = "connect.tlsHandshake"

    case closedDuringUpload = "reset.closedDuringUpload"
    case closedBeforeResponse = "reset.closedBeforeResponse"
    case retryPrevented = "reset.retryPrevented"

    case shortUpload = "body.shortUpload"
    case earlyResponse = "body.earlyResponse"
    case truncatedResponse = "body.truncatedResponse"
    case malformedResponse = "body.malformedResponse"

    case status = "http.status"

    case timeoutConnecting = "timeout.connecting"
    case timeoutSending = "timeout.sending"
    case timeoutWaiting = "timeout.waiting"
    case timeoutReceiving = "timeout.receiving"

    case cancelled = "cancelled.cancelled"
    case notSent = "cancelled.notSent"

    case unexpected = "internal.curl"

    /// What kind of failure this is at large.
    package enum Class: String, Sendable, Hashable, CaseIterable {
        case ok, connect, reset, body, http, timeout, cancelled
        case unexpected = "internal"
    }

    /// The failure's class: the raw value up to its dot.
    package var outcomeClass: Class {
        Class(rawValue: String(rawValue.prefix { $0 != "." })) ?? .unexpected
    }

    /// The failure's kind: the raw value after its dot.
    package var kind: String {
        String(rawValue.drop { $0 != "." }.dropFirst())
    }

    /// Whether the upload's time is a lower bound: it was ended, it did not end.
    package var isCensored: Bool {
        switch self {
        case .timeoutConnecting, .timeoutSending, .timeoutWaiting, .timeoutReceiving, .cancelled: true
        default: false
        }
    }
}
