import Curl
public import S3Wire

/// Why a request to the store failed.
public enum S3ClientError: Error, Sendable, Equatable {
    /// The store answered with an error.
    case refused(S3Refusal)
    /// There is no answer: no connection, or it was lost.
    case unanswered(reason: String, hint: String?, isRetryable: Bool)
    /// There is no answer in the time that the call had.
    case timedOut(reason: String)
    /// The answer is not what the protocol says.
    case answerMalformed(status: Int)
    /// The bytes that came are not those whose checksum the store keeps.
    case checksumMismatch(algorithm: ChecksumAlgorithm)
    /// The task was cancelled, or the client shut down.
    case cancelled
    /// The HTTP library could not start.
    case unusable(reason: String, hint: String?)

    /// What went wrong, in lower case.
    public var message: String {
        switch self {
        case .refused(let refusal):
            "the store answered \(refusal.status) \(refusal.codeText): \(refusal.message)"
        case .unanswered(let reason, _, _), .timedOut(let reason): "no answer from the store: \(reason)"
        case .answerMalformed(let status): "the store's answer (status \(status)) is not an S3 answer"
        case .checksumMismatch(let algorithm): "the object's bytes don't have its \(algorithm.rawValue)"
        case .cancelled: "the request to the store was cancelled"
        case .unusable(let reason, _): reason
        }
    }

    /// What to try.
    public var hint: String? {
        switch self {
        case .refused(let refusal): refusal.hint
        case .unanswered(_, let hint, _), .unusable(_, let hint): hint
        case .timedOut: "is the store overloaded, or can't it be reached from here?"
        case .answerMalformed: "does the address belong to an S3 store?"
        case .checksumMismatch: "was the object damaged on its way, or in the store?"
        case .cancelled: nil
        }
    }

    /// Whether the same request may succeed later.
    public var isRetryable: Bool {
        switch self {
        case .refused(let refusal): refusal.isRetryable
        case .unanswered(_, _, let isRetryable): isRetryable
        case .timedOut, .checksumMismatch: true
        case .answerMalformed, .cancelled, .unusable: false
        }
    }
}

/// An error as the store stated it.
public struct S3Refusal: Sendable, Equatable {
    /// The code, if it is one of the protocol's.
    public let code: S3ErrorCode?
    /// The code as the store wrote it; empty where an answer has no body.
    public let codeText: String
    /// The HTTP status.
    public let status: Int
    /// The store's sentence.
    public let message: String
    /// What the store calls the request in its own log.
    public let requestID: String?
    /// The region the store names as the right one.
    public let region: String?

    /// Whether the same request may succeed later.
    public var isRetryable: Bool {
        code?.isRetryable ?? false || [429, 500, 502, 503, 504].contains(status)
    }

    /// What to try.
    var hint: String? {
        if let region { return "sign for the region \(region): set AWS_REGION" }
        return switch code {
        case .noSuchBucket: "create the bucket, or name one that exists"
        case .invalidAccessKeyID, .signatureDoesNotMatch:
            "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        case .requestTimeTooSkewed: "set this machine's clock"
        case .insufficientStorage: "the store is full: make room or raise its limit"
        default: nil
        }
    }
}

extension S3Refusal {
    /// Reads an answer that says no.
    ///
    /// - Parameter response: The answer.
    init(_ response: TransferResponse) {
        let document = S3RequestError(document: response.body)
        // A store that redirects names the region of the bucket in a header.
        let isRedirect = (300..<400).contains(response.status)
        self.init(
            code: document?.code,
            codeText: document?.codeText ?? "",
            status: response.status,
            message: document?.message ?? (response.status == 404 ? "Not Found" : "no reason given"),
            requestID: response.header("x-amz-request-id"),
            region: document?.detail("Region") ?? (isRedirect ? response.header("x-amz-bucket-region") : nil)
        )
    }
}
