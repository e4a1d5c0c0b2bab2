/// A request that was proved to come from a known key pair.
package struct VerifiedRequest: Sendable {
    /// The key pair that signed.
    package let credentials: S3Credentials
    /// What the signature says about the payload.
    package let payload: PayloadHash
    /// The request's own signature: the seed of chunk signatures.
    package let signature: String
    /// The time of signing as the request states it.
    package let time: String
    /// Day and region of the signature.
    package let scope: SigningScope
    /// The key that made the signature.
    package let key: SigningKey
}

/// Checks the signatures of requests.
///
/// The signature has no nonce, so a captured request can be replayed for fifteen minutes; every
/// write of the protocol is idempotent.
package struct RequestVerifier: Sendable {
    private let credentials: [String: S3Credentials]
    private let region: String?
    private let keys = SigningKeyCache()

    /// Makes a verifier.
    ///
    /// - Parameters:
    ///   - credentials: The key pairs that are known.
    ///   - region: The region signatures must name, or nil for any.
    package init(credentials: [S3Credentials], region: String?) {
        self.credentials = Dictionary(credentials.map { ($0.accessKey, $0) }) { first, _ in first }
        self.region = region
    }

    /// Checks one request.
    ///
    /// - Parameters:
    ///   - method: The method in upper case.
    ///   - target: Path and query as they came.
    ///   - headers: All headers, `host` among them.
    ///   - now: The server's time.
    /// - Returns: Who signed, and what the signature says about the payload.
    /// - Throws: ``S3RequestError`` with the code that AWS answers in the same case.
    package func verify(
        method: String,
        target: RequestTarget,
        headers: HeaderFields,
        now: S3Timestamp
    ) throws(S3RequestError) -> VerifiedRequest {
        let isPresigned = target.query.contains { Self.queryMarks.contains($0.name) }
        guard let header = headers["authorization"] else {
            guard isPresigned else { throw S3RequestError(.accessDenied) }
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
            signature: authorization.signature,
            time: moment,
            scope: scope,
            key: key
        )
    }
}
