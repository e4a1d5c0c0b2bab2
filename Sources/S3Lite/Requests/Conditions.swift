import S3Wire

/// The conditions of a request, by the precedence of RFC 9110, section 13.2.2.
struct Conditions: Sendable {
    private let ifMatch: ETagList?
    private let ifNoneMatch: ETagList?
    private let ifModifiedSince: S3Timestamp?
    private let ifUnmodifiedSince: S3Timestamp?

    /// Reads the headers; a date that can't be read is no condition.
    ///
    /// - Parameter headers: The request's headers.
    init(headers: HeaderFields) {
        ifMatch = headers["if-match"].map { ETagList($0) }
        ifNoneMatch = headers["if-none-match"].map { ETagList($0) }
        ifModifiedSince = headers["if-modified-since"].flatMap { S3Timestamp(http: $0) }
        ifUnmodifiedSince = headers["if-unmodified-since"].flatMap { S3Timestamp(http: $0) }
    }

    /// Checks a read.
    ///
    /// - Parameter object: The object to be read.
    /// - Throws: ``S3RequestError``: NotModified or PreconditionFailed.
    func checkRead(of object: StoredObject) throws(S3RequestError) {
        if let ifMatch {
            guard ifMatch.contains(object.etag) else { throw Self.failed("If-Match") }
        } else if let ifUnmodifiedSince, object.modified.seconds > ifUnmodifiedSince.seconds {
            throw Self.failed("If-Unmodified-Since")
        }
        if let ifNoneMatch {
            guard !ifNoneMatch.contains(object.etag) else { throw Self.notModified(object) }
        } else if let ifModifiedSince, object.modified.seconds <= ifModifiedSince.seconds {
            throw Self.notModified(object)
        }
    }

    /// Checks a write, within the commit.
    ///
    /// - Parameter object: What has the key now.
    /// - Throws: ``S3RequestError``: NoSuchKey or PreconditionFailed.
    func checkWrite(over object: StoredObject?) throws(S3RequestError) {
        if let ifMatch {
            guard let object else { throw S3RequestError(.noSuchKey) }
            guard ifMatch.contains(object.etag) else { throw Self.failed("If-Match") }
        }
        if let ifNoneMatch, let object, ifNoneMatch.contains(object.etag) {
            throw Self.failed("If-None-Match")
        }
    }

    /// Whether a write has to look at what has the key now.
    var concernWrites: Bool { ifMatch != nil || ifNoneMatch != nil }

    /// The answer carries the tag, so that a cache learns which of its copies is meant.
    private static func notModified(_ object: StoredObject) -> S3RequestError {
        S3RequestError(.notModified, details: [.init("ETag", "\"\(object.etag)\"")])
    }

    private static func failed(_ condition: String) -> S3RequestError {
        S3RequestError(.preconditionFailed, details: [.init("Condition", condition)])
    }
}

/// The entity tags of a condition, or any.
struct ETagList: Sendable {
    private let isAny: Bool
    private let tags: [String]

    /// Reads a condition's value; quotes may be missing.
    ///
    /// - Parameter header: The value.
    init(_ header: String) {
        let parts = header.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\"" } }
        isAny = parts == ["*"]
        tags = parts.map { $0.hasPrefix("W/") ? String($0.dropFirst(2)) : $0 }
    }

    /// Whether a tag is meant.
    ///
    /// - Parameter etag: A tag without quotes.
    /// - Returns: True for any tag if the condition was `*`.
    func contains(_ etag: String) -> Bool { isAny || tags.contains(etag) }
}
