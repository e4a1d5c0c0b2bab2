import Curl
import Glibc
import Measurements

/// Everything that decides what came of an upload.
struct TransferEnd: Equatable {
    var code: CurlCode = .ok
    var systemError: Int32 = 0
    var status = 0
    var isExpectedStatus = true
    /// How often libcurl was about to send the request.
    var attempts = 1
    /// ``Measurements/Sample/absent`` where it did not happen; on any clock.
    var sent: Nanoseconds = Sample.absent
    var bodySent: Nanoseconds = Sample.absent
    var firstByte: Nanoseconds = Sample.absent
    /// Body bytes that the kernel took.
    var bytesOut = 0
    /// Body bytes there were to send.
    var bodyLength = 0

    private var wasBodySent: Bool { bodySent != Sample.absent }
    private var hasResponse: Bool { firstByte != Sample.absent }

    /// Whether the response began before the body was handed over whole.
    private var isEarly: Bool { hasResponse && (!wasBodySent || firstByte < bodySent) }

    /// What came of the upload.
    var outcome: Outcome {
        switch code {
        case .ok where isEarly: .earlyResponse
        case .ok where bytesOut != bodyLength: .shortUpload
        case .ok: isExpectedStatus ? .ok : .status
        case .couldNotResolveHost: .resolve
        // The kept connection it was sent on died, and libcurl's second try found no other.
        case .couldNotConnect where sent != Sample.absent: .retryPrevented
        case .couldNotConnect: connectOutcome
        case .peerNotVerified: .tlsVerify
        case .tlsConnect: .tlsHandshake
        case .abortedByCallback where attempts > 1: .retryPrevented
        case .sendError, .receiveError, .gotNothing: closedOutcome
        case .partialFile: .truncatedResponse
        case .unsupportedProtocol, .weirdServerReply, .http2: .malformedResponse
        case .timedOut: timeoutOutcome
        default: .unexpected
        }
    }

    private var connectOutcome: Outcome {
        switch systemError {
        case ECONNREFUSED: .refused
        case EMFILE, ENFILE: .openFiles
        case EADDRNOTAVAIL: .noLocalPort
        default: .unreachable
        }
    }

    private var closedOutcome: Outcome {
        if isEarly { return .earlyResponse }
        if hasResponse { return .truncatedResponse }
        return wasBodySent ? .closedBeforeResponse : .closedDuringUpload
    }

    private var timeoutOutcome: Outcome {
        if sent == Sample.absent { return .timeoutConnecting }
        if hasResponse { return .timeoutReceiving }
        return wasBodySent ? .timeoutWaiting : .timeoutSending
    }
}
