/// Where an S3 service listens and how it wants to be addressed.
///
/// MinIO, SeaweedFS, S3Lite and AWS differ in these values only.
public struct S3Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// Where the bucket's name stands in a request.
    public enum Addressing: String, Sendable, Hashable, CaseIterable {
        /// First in the path: `http://host/bucket/key`.
        case path
        /// First in the host: `http://bucket.host/key`.
        case virtualHost
        /// In the host for `amazonaws.com` if the bucket has no dot, else in the path.
        case auto
    }

    /// Whether the connection is over TLS.
    public let isSecure: Bool
    /// Host name or address, an IPv6 address in brackets.
    public let host: String
    /// The port, or nil for the scheme's own.
    public let port: Int?
    /// The region requests are signed for.
    public let region: String
    /// Where the bucket's name stands.
    public let addressing: Addressing

    /// Makes an endpoint from its parts.
    ///
    /// - Parameters:
    ///   - host: Host name or address.
    ///   - port: The port, or nil for the scheme's own.
    ///   - isSecure: Whether to use TLS.
    ///   - region: The region requests are signed for.
    ///   - addressing: Where the bucket's name stands.
    public init(
        host: String,
        port: Int?,
        isSecure: Bool = false,
        region: String = "us-east-1",
        addressing: Addressing = .auto
    ) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.region = region
        self.addressing = addressing
    }

    /// Reads an endpoint's address: scheme, host, optional port, no path.
    ///
    /// - Parameters:
    ///   - url: An address such as `http://127.0.0.1:9000`.
    ///   - region: The region requests are signed for.
    ///   - addressing: Where the bucket's name stands.
    /// - Throws: ``S3WireError`` if the address has another form.
    public init(
        url: String,
        region: String = "us-east-1",
        addressing: Addressing = .auto
    ) throws(S3WireError) {
        let schemes = ["http://": false, "https://": true]
        guard let scheme = schemes.first(where: { url.lowercased().hasPrefix($0.key) }) else {
            throw .endpointMalformed(text: url)
        }
        var authority = url.dropFirst(scheme.key.count)
        if authority.last == "/" { authority.removeLast() }
        guard !authority.isEmpty, !authority.contains(where: { "/?#@ ".contains($0) }) else {
            throw .endpointMalformed(text: url)
        }
        let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
        guard let colon = authority[bracket...].lastIndex(of: ":") else {
            self.init(
                host: String(authority),
                port: nil,
                isSecure: scheme.value,
                region: region,
                addressing: addressing
            )
            return
        }
        guard let port = Int(authority[authority.index(after: colon)...]), (1...65535).contains(port),
            colon > authority.startIndex
        else { throw .endpointMalformed(text: url) }
        self.init(
            host: String(authority[..<colon]),
            port: port,
            isSecure: scheme.value,
            region: region,
            addressing: addressing
        )
    }

    /// The endpoint of AWS in a region.
    ///
    /// - Parameter region: An AWS region such as `eu-central-1`.
    /// - Returns: Its endpoint over TLS.
    public static func aws(region: String) -> S3Endpoint {
        S3Endpoint(host: "s3.\(region).amazonaws.com", port: nil, isSecure: true, region: region)
    }

    /// Scheme, host and port.
    public var url: String { scheme + authority(of: host) }

    /// The same as ``url``.
    public var description: String { url }

    private var scheme: String { isSecure ? "https://" : "http://" }

    /// HTTP clients leave the scheme's own port out of `Host`, which is signed.
    private func authority(of host: String) -> String {
        guard let port, port != (isSecure ? 443 : 80) else { return host }
        return "\(host):\(port)"
    }

    /// Where a request for a bucket or an object goes.
    package struct Location: Sendable, Hashable {
        /// The `Host` header.
        package let authority: String
        /// Scheme and authority.
        package let origin: String
        /// The plain path.
        package let path: [UInt8]
    }

    /// Finds where a request goes.
    ///
    /// - Parameters:
    ///   - bucket: The bucket, or nil for the service itself.
    ///   - key: The object's key, or nil for the bucket itself.
    /// - Returns: Host and plain path by this endpoint's addressing.
    package func location(bucket: String?, key: String?) -> Location {
        var path: [UInt8] = [UInt8(ascii: "/")]
        var hostName = host
        if let bucket {
            if usesVirtualHost(for: bucket) {
                hostName = "\(bucket).\(host)"
            } else {
                path.append(contentsOf: bucket.utf8)
                if key != nil { path.append(UInt8(ascii: "/")) }
            }
        }
        if let key { path.append(contentsOf: key.utf8) }
        let authority = authority(of: hostName)
        return Location(authority: authority, origin: scheme + authority, path: path)
    }

    private func usesVirtualHost(for bucket: String) -> Bool {
        switch addressing {
        case .path: false
        case .virtualHost: true
        case .auto: host.hasSuffix(".amazonaws.com") && !bucket.contains(".")
        }
    }
}
