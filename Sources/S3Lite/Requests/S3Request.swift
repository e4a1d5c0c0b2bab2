import HTTPTypes
import S3Wire

/// A request with its parts read from the raw target, before anything is believed.
struct S3Request: Sendable {
    let method: String
    let target: RequestTarget
    let headers: HeaderFields
    /// The bucket's name from host or path; nil for the service itself.
    let bucketName: String?
    /// The object's key as plain bytes; empty if the path names no object.
    let key: [UInt8]

    /// The bucket's name if it stands in the host.
    let hostBucket: String?

    /// The longest key in bytes.
    static let maximumKeyBytes = 1024

    /// Reads a request's head.
    ///
    /// - Parameters:
    ///   - head: The head as HTTP delivers it.
    ///   - domains: The domains whose subdomains are buckets.
    /// - Throws: ``S3RequestError`` for a path that is no bucket and key.
    init(_ head: HTTPRequest, domains: [String]) throws(S3RequestError) {
        method = head.method.rawValue
        target = try RequestTarget(parsing: head.path ?? "")
        headers = Self.headers(of: head)
        guard headers["host"] != nil, !headers.isRepeated("host") else { throw Self.ambiguousHost }
        var path = target.path.dropFirst()
        hostBucket = Self.bucket(host: headers["host"] ?? "", domains: domains)
        if let bucket = hostBucket {
            bucketName = bucket
        } else if path.isEmpty {
            bucketName = nil
        } else {
            let name = path.prefix { $0 != UInt8(ascii: "/") }
            bucketName = String(decoding: name, as: UTF8.self)
            path = path.dropFirst(name.count + 1)
        }
        key = Array(path)
        guard key.count <= Self.maximumKeyBytes else {
            throw S3RequestError(
                .keyTooLong,
                details: [.init("Size", "\(key.count)"), .init("MaxSizeAllowed", "\(Self.maximumKeyBytes)")]
            )
        }
        guard !key.contains(0), String(validating: key, as: UTF8.self) != nil else {
            throw S3RequestError(.invalidURI)
        }
    }

    /// A request without the one host that its signature covers can't be understood, nor what follows it.
    static let ambiguousHost = S3RequestError(.badRequest, "A request names one Host.")

    /// What the path names.
    var resource: S3Operation.Resource {
        if bucketName == nil { return .service }
        return key.isEmpty ? .bucket : .object
    }

    /// The key as text.
    var keyText: String { String(decoding: key, as: UTF8.self) }

    /// The plain path as text, for error documents.
    var pathText: String { String(decoding: target.path, as: UTF8.self) }

    private static func headers(of head: HTTPRequest) -> HeaderFields {
        var headers = HeaderFields()
        headers.reserveCapacity(head.headerFields.count + 1)
        if let authority = head.authority { headers.append("host", authority) }
        for field in head.headerFields { headers.append(field.name.canonicalName, field.value) }
        return headers
    }

    private static func bucket(host: String, domains: [String]) -> String? {
        let name = Substring(host.utf8.prefix { $0 != UInt8(ascii: ":") }).lowercased()
        guard let domain = domains.first(where: { name.hasSuffix("." + $0) }) else { return nil }
        return String(name.dropLast(domain.count + 1))
    }
}
