/// A request that was proved to come from a known key pair.
package struct VerifiedRequest: Sendable {
    /// The key pair that signed.
    package let credentials: S3Credentials
    /// What the signature says about the payload.
    package let payload: PayloadHash
    /// Checks the chunks of an aws-chunked body; nil where the signature can't sign any.
    package let chunks: ChunkSignatures?
    /// Whether the signature stands in the query.
    package let isPresigned: Bool
    /// The parameters of the query that belong to the signature.
    package let ownParameters: Set<String>
}

/// Checks the signatures of requests.
///
/// The signature has no nonce, so a captured request can be replayed for fifteen minutes; every
/// write of the protocol is idempotent.
package struct RequestVerifier: Sendable {
    private let credentials: [String: S3Credentials]
    private let region: String?
    private let acceptsSigV2: Bool
    private let keys = SigningKeyCache()

    /// Makes a verifier.
    ///
    /// - Parameters:
    ///   - credentials: The key pairs that are known.
    ///   - region: The region signatures must name, or nil for any.
    ///   - acceptsSigV2: Whether URLs presigned by Signature Version 2 are accepted.
    package init(credentials: [S3Credentials], region: String?, acceptsSigV2: Bool = true) {
        self.acceptsSigV2 = acceptsSigV2
        self.credentials = Dictionary(credentials.map { ($0.accessKey, $0) }) { first, _ in first }
        self.region = region
    }

    /// Checks one request.
    ///
    /// - Parameters:
    ///   - method: The method in upper case.
    ///   - target: Path and query as they came.
    ///   - headers: All headers, `host` among them.
    ///   - hostBucket: The bucket if it stands in the host, which Signature Version 2 puts into the path.
    ///   - now: The server's time.
    /// - Returns: Who signed, and what the signature says about the payload.
    /// - Throws: ``S3RequestError`` with the code that AWS answers in the same case.
    package func verify(
        method: String,
        target: RequestTarget,
        headers: HeaderFields,
        hostBucket: String? = nil,
        now: S3Timestamp
    ) throws(S3RequestError) -> VerifiedRequest {
        let isPresigned = target.query.contains {
            Self.queryMarks.contains($0.name) || SigV2.marks.contains($0.name)
        }
        guard let header = headers["authorization"] else {
            guard isPresigned else { throw S3RequestError(.accessDenied) }
            if target.query.contains(where: { SigV2.marks.contains($0.name) }) {
                var path: [UInt8] = hostBucket.map { Array("/\($0)".utf8) } ?? []
                path += target.path
                let resource = RequestTarget(path: path, query: target.query)
                return try verifySigV2(method: method, target: resource, headers: headers, now: now)
            }
            return try verifyPresigned(method: method, target: target, headers: headers, now: now)
        }
        guard !isPresigned else {
            throw S3RequestError(.invalidArgument, "Only one authentication mechanism is allowed.")
        }
        let authorization = try Authorization(header: header)
        let time = try requestTime(headers)
        try checkScope(authorization, time: time, code: .authorizationHeaderMalformed)
        let payload = try payloadHash(headers)
        try requireSigned(headers, authorization)
        guard abs(now.seconds - time.seconds) <= SigV4.maximumSkewSeconds else {
            throw S3RequestError(
                .requestTimeTooSkewed,
                details: [
                    .init("RequestTime", time.basic), .init("ServerTime", now.extended),
                    .init("MaxAllowedSkewMilliseconds", "\(SigV4.maximumSkewSeconds * 1000)"),
                ]
            )
        }
        let request = CanonicalRequest(
            method: method,
            target: target,
            headers: headers,
            signedHeaders: authorization.signedHeaders,
            payloadHash: headers["x-amz-content-sha256"] ?? ""
        )
        return try check(
            authorization,
            request,
            moment: headers["x-amz-date"] ?? time.basic,
            payload: payload,
            token: headers["x-amz-security-token"]
        )
    }

    private static let queryMarks: Set = ["X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential"]

    private func verifyPresigned(
        method: String,
        target: RequestTarget,
        headers: HeaderFields,
        now: S3Timestamp
    ) throws(S3RequestError) -> VerifiedRequest {
        guard target.value(of: "X-Amz-Algorithm") == SigV4.algorithm,
            let credential = target.value(of: "X-Amz-Credential"), let date = target.value(of: "X-Amz-Date"),
            let expiryText = target.value(of: "X-Amz-Expires"),
            let names = target.value(of: "X-Amz-SignedHeaders"),
            let signature = target.value(of: "X-Amz-Signature"), let time = S3Timestamp(basic: date),
            let expiry = Int64(expiryText), (0...SigV4.maximumExpirySeconds).contains(expiry),
            let authorization = Authorization(
                credential: credential,
                signedHeaders: names,
                signature: signature
            )
        else { throw S3RequestError(.authorizationQueryParametersError) }
        try checkScope(authorization, time: time, code: .authorizationQueryParametersError)
        try requireSigned(headers, authorization)
        guard time.seconds <= now.seconds + SigV4.maximumSkewSeconds else {
            throw S3RequestError(.accessDenied, "Request is not valid yet")
        }
        guard now.seconds <= time.seconds + expiry else {
            throw S3RequestError(.accessDenied, "Request has expired")
        }
        let payload = headers["x-amz-content-sha256"] == nil ? PayloadHash.unsigned : try payloadHash(headers)
        let request = CanonicalRequest(
            method: method,
            target: target,
            headers: headers,
            signedHeaders: authorization.signedHeaders,
            payloadHash: headers["x-amz-content-sha256"] ?? PayloadHash.unsignedText,
            excludedParameter: "X-Amz-Signature"
        )
        let token = target.value(of: "X-Amz-Security-Token")
        return try check(authorization, request, moment: date, payload: payload, token: token)
    }

    private func requestTime(_ headers: HeaderFields) throws(S3RequestError) -> S3Timestamp {
        let stated = headers["x-amz-date"].map { S3Timestamp(basic: $0) ?? S3Timestamp(http: $0) }
        let standIn = headers["date"].map { S3Timestamp(http: $0) ?? S3Timestamp(basic: $0) }
        guard let time = stated ?? standIn ?? nil else {
            throw S3RequestError(
                .accessDenied,
                "AWS authentication requires a valid Date or x-amz-date header"
            )
        }
        return time
    }

    private func payloadHash(_ headers: HeaderFields) throws(S3RequestError) -> PayloadHash {
        guard let text = headers["x-amz-content-sha256"] else {
            throw S3RequestError(
                .invalidRequest,
                "Missing required header for this request: x-amz-content-sha256"
            )
        }
        guard let payload = PayloadHash(text) else {
            throw S3RequestError(
                .invalidArgument,
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING form, or a valid sha256 value."
            )
        }
        return payload
    }

    private func checkScope(
        _ authorization: Authorization,
        time: S3Timestamp,
        code: S3ErrorCode
    ) throws(S3RequestError) {
        let scope = authorization.scope
        if !time.basic.hasPrefix(scope[0]) || scope[0].utf8.count != 8 {
            throw S3RequestError(code, "The credential's date does not match the date of the request.")
        }
        if let region, scope[1] != region {
            throw S3RequestError(
                code,
                "The region '\(scope[1])' is wrong; expecting '\(region)'",
                details: [.init("Region", region)]
            )
        }
        if scope[2] != "s3" { throw S3RequestError(code, "The credential's service must be \"s3\".") }
        if scope[3] != "aws4_request" {
            throw S3RequestError(code, "The credential must end in \"aws4_request\".")
        }
    }

    /// A header that changes the request's meaning must not be open to change on the way.
    private func requireSigned(_ headers: HeaderFields, _ authorization: Authorization) throws(S3RequestError)
    {
        let mustBeSigned = headers.fields.filter { $0.name == "host" || $0.name.hasPrefix("x-amz-") }
        for field in mustBeSigned where !authorization.signedHeaders.contains(field.name) {
            throw S3RequestError(
                .accessDenied,
                "There were headers present in the request which were not signed",
                details: [.init("HeadersNotSigned", field.name)]
            )
        }
        guard authorization.signedHeaders.contains("host") else { throw S3RequestError(.accessDenied) }
    }

    private func check(
        _ authorization: Authorization,
        _ request: CanonicalRequest,
        moment: String,
        payload: PayloadHash,
        token: String?
    ) throws(S3RequestError) -> VerifiedRequest {
        let known = credentials[authorization.accessKey]
        // An unknown key costs as much as a known one, so that time does not tell them apart.
        let signer = known ?? S3Credentials(accessKey: "", secretKey: "unknown")
        let scope = SigningScope(date: authorization.scope[0], region: authorization.scope[1])
        let key = keys.key(for: signer, scope: scope)
        let matches = key.isSignature(
            authorization.signature,
            of: request.stringToSign(time: moment, scope: scope)
        )
        guard let known else { throw S3RequestError(.invalidAccessKeyID) }
        guard matches else { throw S3RequestError(.signatureDoesNotMatch) }
        guard token == known.sessionToken else { throw S3RequestError(.invalidToken) }
        return VerifiedRequest(
            credentials: known,
            payload: payload,
            chunks: ChunkSignatures(key: key, time: moment, scope: scope, seed: authorization.signature),
            isPresigned: request.excludedParameter != nil,
            ownParameters: []
        )
    }

    private func verifySigV2(
        method: String,
        target: RequestTarget,
        headers: HeaderFields,
        now: S3Timestamp
    ) throws(S3RequestError) -> VerifiedRequest {
        guard acceptsSigV2 else {
            throw S3RequestError(
                .invalidRequest,
                "Signature version 2 is switched off: sign with signature_version=s3v4."
            )
        }
        guard let accessKey = target.value(of: "AWSAccessKeyId"),
            let signature = target.value(of: "Signature"),
            let expires = target.value(of: "Expires"), let expiry = Int64(expires)
        else {
            throw S3RequestError(
                .accessDenied,
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
            )
        }
        guard SigV2.methods.contains(method) else {
            throw S3RequestError(.invalidRequest, "Signature version 2 is accepted for GET, HEAD and PUT.")
        }
        guard now.seconds <= expiry else { throw S3RequestError(.accessDenied, "Request has expired") }
        let known = credentials[accessKey]
        let text = SigV2.stringToSign(method: method, target: target, headers: headers, expires: expires)
        let matches = SigV2.isSignature(signature, of: text, secret: known?.secretKey ?? "unknown")
        guard let known else { throw S3RequestError(.invalidAccessKeyID) }
        guard matches else { throw S3RequestError(.signatureDoesNotMatch) }
        let token = headers["x-amz-security-token"] ?? target.value(of: "x-amz-security-token")
        guard token == known.sessionToken else { throw S3RequestError(.invalidToken) }
        let payload = headers["x-amz-content-sha256"] == nil ? PayloadHash.unsigned : try payloadHash(headers)
        return VerifiedRequest(
            credentials: known,
            payload: payload,
            chunks: nil,
            isPresigned: true,
            ownParameters: SigV2.ownParameters
        )
    }
}
