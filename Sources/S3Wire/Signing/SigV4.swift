/// Names and limits of Signature Version 4.
package enum SigV4 {
    /// The only algorithm offered.
    package static let algorithm = "AWS4-HMAC-SHA256"
    /// How far the clocks of client and server may be apart.
    package static let maximumSkewSeconds: Int64 = 15 * 60
    /// How long a presigned URL may be good: seven days.
    package static let maximumExpirySeconds: Int64 = 604_800
}

/// Signs a client's requests.
package struct RequestSigner: Sendable {
    private let credentials: S3Credentials
    private let region: String
    private let keys = SigningKeyCache()

    /// Makes a signer.
    ///
    /// - Parameters:
    ///   - credentials: The key pair.
    ///   - region: The region requests go to.
    package init(credentials: S3Credentials, region: String) {
        self.credentials = credentials
        self.region = region
    }

    /// Signs a request in its headers.
    ///
    /// Adds `x-amz-date`, `x-amz-content-sha256`, `x-amz-security-token` if there is one, and
    /// `authorization`. Every header passed in is signed.
    ///
    /// - Parameters:
    ///   - headers: The headers to send, `host` among them; the signature's own are added.
    ///   - method: The method in upper case.
    ///   - target: Path and query.
    ///   - payloadHash: The payload's SHA-256 in hexadecimal, or `UNSIGNED-PAYLOAD`.
    ///   - time: The present moment.
    package func sign(
        _ headers: inout HeaderFields,
        method: String,
        target: RequestTarget,
        payloadHash: String,
        at time: S3Timestamp
    ) {
        let moment = time.basic
        headers.append("x-amz-date", moment)
        headers.append("x-amz-content-sha256", payloadHash)
        if let token = credentials.sessionToken { headers.append("x-amz-security-token", token) }
        let names = headers.fields.map(\.name).sorted()
        let scope = SigningScope(date: String(moment.prefix(8)), region: region)
        let request = CanonicalRequest(
            method: method,
            target: target,
            headers: headers,
            signedHeaders: names,
            payloadHash: payloadHash
        )
        let signature = keys.key(for: credentials, scope: scope)
            .signature(of: request.stringToSign(time: moment, scope: scope))
        headers.append(
            "authorization",
            "\(SigV4.algorithm) Credential=\(credentials.accessKey)/\(scope.text)"
                + ",SignedHeaders=\(names.joined(separator: ";")),Signature=\(signature)"
        )
    }

    /// Presigns a URL: whoever has it may make this one request until it expires.
    ///
    /// - Parameters:
    ///   - method: The method in upper case.
    ///   - target: Path and query, without the signature's parameters.
    ///   - authority: The `Host` header the request will carry.
    ///   - expirySeconds: How long the URL is good, at most seven days.
    ///   - time: The present moment.
    /// - Returns: The target with the signature's parameters.
    package func presign(
        method: String,
        target: RequestTarget,
        authority: String,
        expirySeconds: Int64,
        at time: S3Timestamp
    ) -> RequestTarget {
        let moment = time.basic
        let scope = SigningScope(date: String(moment.prefix(8)), region: region)
        var query = target.query
        query.append(.init("X-Amz-Algorithm", SigV4.algorithm))
        query.append(.init("X-Amz-Credential", "\(credentials.accessKey)/\(scope.text)"))
        query.append(.init("X-Amz-Date", moment))
        query.append(.init("X-Amz-Expires", String(expirySeconds)))
        if let token = credentials.sessionToken { query.append(.init("X-Amz-Security-Token", token)) }
        query.append(.init("X-Amz-SignedHeaders", "host"))
        let request = CanonicalRequest(
            method: method,
            target: RequestTarget(path: target.path, query: query),
            headers: HeaderFields(["host": authority]),
            signedHeaders: ["host"],
            payloadHash: PayloadHash.unsignedText
        )
        let signature = keys.key(for: credentials, scope: scope)
            .signature(of: request.stringToSign(time: moment, scope: scope))
        return RequestTarget(path: target.path, query: query + [.init("X-Amz-Signature", signature)])
    }
}
