/// An error code of the S3 protocol; the raw value is the text on the wire.
///
/// Status and message are those AWS documents in "Error responses".
public enum S3ErrorCode: String, Sendable, Hashable, CaseIterable {
    case accessControlListNotSupported = "AccessControlListNotSupported"
    case accessDenied = "AccessDenied"
    case authorizationHeaderMalformed = "AuthorizationHeaderMalformed"
    case authorizationQueryParametersError = "AuthorizationQueryParametersError"
    case badDigest = "BadDigest"
    case badRequest = "BadRequest"
    case bucketNotEmpty = "BucketNotEmpty"
    case entityTooLarge = "EntityTooLarge"
    case entityTooSmall = "EntityTooSmall"
    case incompleteBody = "IncompleteBody"
    case insufficientStorage = "InsufficientStorage"
    case internalError = "InternalError"
    case invalidAccessKeyID = "InvalidAccessKeyId"
    case invalidArgument = "InvalidArgument"
    case invalidBucketName = "InvalidBucketName"
    case invalidDigest = "InvalidDigest"
    case invalidPart = "InvalidPart"
    case invalidPartOrder = "InvalidPartOrder"
    case invalidRange = "InvalidRange"
    case invalidRequest = "InvalidRequest"
    case invalidPartNumber = "InvalidPartNumber"
    case invalidStorageClass = "InvalidStorageClass"
    case invalidTag = "InvalidTag"
    case invalidToken = "InvalidToken"
    case invalidURI = "InvalidURI"
    case keyTooLong = "KeyTooLongError"
    case malformedTrailer = "MalformedTrailerError"
    case malformedXML = "MalformedXML"
    case maxMessageLengthExceeded = "MaxMessageLengthExceeded"
    case metadataTooLarge = "MetadataTooLarge"
    case methodNotAllowed = "MethodNotAllowed"
    case missingContentLength = "MissingContentLength"
    case noSuchBucket = "NoSuchBucket"
    case noSuchBucketPolicy = "NoSuchBucketPolicy"
    case noSuchCORSConfiguration = "NoSuchCORSConfiguration"
    case noSuchKey = "NoSuchKey"
    case noSuchTagSet = "NoSuchTagSet"
    case noSuchUpload = "NoSuchUpload"
    case noSuchVersion = "NoSuchVersion"
    case notImplemented = "NotImplemented"
    case notModified = "NotModified"
    case preconditionFailed = "PreconditionFailed"
    case requestTimeTooSkewed = "RequestTimeTooSkewed"
    case requestTimeout = "RequestTimeout"
    case serviceUnavailable = "ServiceUnavailable"
    case signatureDoesNotMatch = "SignatureDoesNotMatch"
    case slowDown = "SlowDown"
    case contentSHA256Mismatch = "XAmzContentSHA256Mismatch"

    /// The HTTP status that goes with the code.
    public var status: Int {
        switch self {
        case .notModified: 304
        case .accessDenied, .invalidAccessKeyID, .requestTimeTooSkewed, .signatureDoesNotMatch: 403
        case .noSuchBucket, .noSuchBucketPolicy, .noSuchCORSConfiguration, .noSuchKey, .noSuchTagSet,
            .noSuchUpload, .noSuchVersion:
            404
        case .methodNotAllowed: 405
        case .bucketNotEmpty: 409
        case .missingContentLength: 411
        case .preconditionFailed: 412
        case .invalidPartNumber, .invalidRange: 416
        case .internalError: 500
        case .notImplemented: 501
        case .serviceUnavailable, .slowDown: 503
        case .insufficientStorage: 507
        default: 400
        }
    }

    /// Whether the same request may succeed later.
    public var isRetryable: Bool {
        switch self {
        case .internalError, .requestTimeout, .serviceUnavailable, .slowDown: true
        default: false
        }
    }

    /// The sentence sent when nothing more exact is known.
    public var message: String {
        switch self {
        case .accessControlListNotSupported: "The bucket does not allow ACLs."
        case .accessDenied: "Access Denied"
        case .authorizationHeaderMalformed: "The authorization header that you provided is not valid."
        case .authorizationQueryParametersError: "The query parameters of the signature are not valid."
        case .badDigest:
            "The Content-MD5 or checksum value that you specified did not match what the server received."
        case .badRequest: "Bad Request"
        case .bucketNotEmpty: "The bucket that you tried to delete is not empty."
        case .entityTooLarge: "Your proposed upload exceeds the maximum allowed object size."
        case .entityTooSmall: "Your proposed upload is smaller than the minimum allowed size."
        case .incompleteBody:
            "You did not provide the number of bytes specified by the Content-Length header."
        case .insufficientStorage: "There is no space left to store the object."
        case .internalError: "An internal error occurred. Try again."
        case .invalidAccessKeyID: "The access key ID that you provided does not exist in our records."
        case .invalidArgument: "Invalid Argument"
        case .invalidBucketName: "The specified bucket is not valid."
        case .invalidDigest: "The Content-MD5 you specified is not valid."
        case .invalidPart: "One or more of the specified parts could not be found, or its ETag did not match."
        case .invalidPartOrder: "The list of parts was not in ascending order."
        case .invalidRange: "The requested range is not satisfiable."
        case .invalidRequest: "Invalid Request"
        case .invalidPartNumber: "The requested partnumber is not satisfiable."
        case .invalidStorageClass: "The storage class you specified is not valid."
        case .invalidTag: "The tag provided was not a valid tag."
        case .invalidToken: "The provided token is malformed or otherwise not valid."
        case .invalidURI: "The specified URI couldn't be parsed."
        case .keyTooLong: "Your key is too long."
        case .malformedTrailer: "The request contained trailing data that was not well-formed."
        case .malformedXML: "The XML that you provided was not well-formed or did not validate."
        case .maxMessageLengthExceeded: "Your request was too large."
        case .metadataTooLarge: "Your metadata headers exceed the maximum allowed metadata size."
        case .methodNotAllowed: "The specified method is not allowed against this resource."
        case .missingContentLength: "You must provide the Content-Length HTTP header."
        case .noSuchBucket: "The specified bucket does not exist."
        case .noSuchBucketPolicy: "The bucket policy does not exist."
        case .noSuchCORSConfiguration: "The CORS configuration does not exist."
        case .noSuchKey: "The specified key does not exist."
        case .noSuchTagSet: "There is no tag set associated with the bucket."
        case .noSuchUpload: "The specified multipart upload does not exist."
        case .noSuchVersion: "The specified version does not exist."
        case .notImplemented:
            "A header or query parameter that you provided implies functionality that is not implemented."
        case .notModified: "Not Modified"
        case .preconditionFailed: "At least one of the preconditions that you specified did not hold."
        case .requestTimeTooSkewed:
            "The difference between the request time and the server's time is too large."
        case .requestTimeout: "Your socket connection to the server was not read from or written to in time."
        case .serviceUnavailable: "Service is unable to handle request."
        case .signatureDoesNotMatch:
            "The request signature that the server calculated does not match the one provided."
        case .slowDown: "Please reduce your request rate."
        case .contentSHA256Mismatch:
            "The provided x-amz-content-sha256 header does not match what was computed."
        }
    }
}
