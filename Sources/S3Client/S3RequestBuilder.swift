import Curl
import S3Wire
import Synchronization

/// Turns calls into signed HTTP requests, and HTTP answers into values or errors.
final class S3RequestBuilder: Sendable {
    let endpoint: S3Endpoint
    private let signer: RequestSigner
    let options: S3ClientOptions
    /// How far the store's clock is ahead, learned when it refused a request for that.
    private let clockOffset = Atomic<Int64>(0)

    init(endpoint: S3Endpoint, credentials: S3Credentials, options: S3ClientOptions) {
        self.endpoint = endpoint
        self.options = options
        signer = RequestSigner(credentials: credentials, region: endpoint.region)
    }

    /// Bodies past this size are sent when the store has said that it wants them.
    private static let expectedBytes = 1 << 20

    private var now: S3Timestamp {
        S3Timestamp(milliseconds: options.clock().milliseconds + clockOffset.load(ordering: .relaxed))
    }

    /// Signs a call.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - timeout: The most time for the transfer.
    /// - Returns: The request to send.
    func request<Answer>(for call: S3Call<Answer>, timeout: Duration) -> TransferRequest {
        let location = endpoint.location(bucket: call.bucket, key: call.key)
        let target = RequestTarget(path: location.path, query: call.query)
        var headers = HeaderFields()
        headers.reserveCapacity(call.headers.fields.count + 6)
        headers.append("host", location.authority)
        for field in call.headers.fields { headers.append(field.name, field.value) }
        signer.sign(
            &headers,
            method: call.method,
            target: target,
            payloadHash: payloadHash(call.body),
            at: now
        )
        var request = TransferRequest(
            call.method,
            url: location.origin + target.encoded,
            headers: headers.fields.dropFirst().map { HeaderField(name: $0.name, value: $0.value) },
            // A PUT without a body must say so: a store wants its length.
            body: call.body ?? (call.method == "PUT" ? SharedBytes(copying: []) : nil)
        )
        // Not signed: proxies may drop it. A refusal then costs the head alone.
        request.expectsContinue = call.body.map { $0.count > Self.expectedBytes } ?? false
        request.pathAsIs = true
        request.stallTimeout = options.stallTimeout
        request.connectTimeout = options.connectTimeout
        request.timeout = timeout
        request.responseLimit = 1 << 30
        return request
    }

    /// TLS protects the body already; without it the signature has to.
    private func payloadHash(_ body: SharedBytes?) -> String {
        if endpoint.isSecure { return PayloadHash.unsignedText }
        return body.map { PayloadDigest.sha256($0.bytes) } ?? PayloadHash.emptyText
    }

    /// Presigns a URL for an object.
    ///
    /// - Parameters:
    ///   - method: What the URL may be used for.
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    ///   - expiry: How long the URL is good, at most seven days.
    /// - Returns: The URL, which is as secret as what it opens.
    func presignedURL(_ method: S3PresignedMethod, bucket: String, key: String, expiry: Duration) -> String {
        let location = endpoint.location(bucket: bucket, key: key)
        let target = signer.presign(
            method: method.rawValue,
            target: RequestTarget(path: location.path),
            authority: location.authority,
            expirySeconds: min(max(1, expiry.components.seconds), SigV4.maximumExpirySeconds),
            at: now
        )
        return location.origin + target.encoded
    }

    /// Reads an answer.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - call: What was asked.
    /// - Returns: The call's value.
    /// - Throws: ``S3ClientError`` if the store refused, or its answer can't be read.
    func answer<Answer>(
        _ response: TransferResponse,
        to call: S3Call<Answer>
    ) throws(S3ClientError) -> Answer {
        guard (200..<300).contains(response.status) else { throw .refused(S3Refusal(response)) }
        return try call.read(response)
    }

    /// Learns from an answer how far the store's clock is ahead.
    ///
    /// - Parameter response: An answer that refused a request for its date.
    /// - Returns: Whether the answer told a time other than the one known.
    func correctClock(by response: TransferResponse) -> Bool {
        guard let date = response.header("date").flatMap({ S3Timestamp(http: $0) }) else { return false }
        let offset = date.milliseconds - options.clock().milliseconds
        let known = clockOffset.exchange(offset, ordering: .relaxed)
        return abs(known - offset) > 1000
    }
}
