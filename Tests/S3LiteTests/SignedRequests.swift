import Curl
import S3Lite
import S3Testing
import S3Wire
import Testing

/// Sends requests that a well-behaved client never would, signed or not.
///
/// Tests speak of the bucket `bucket`. In a store that is not the test's own it has another name.
struct SignedRequests {
    let endpoint: S3Endpoint
    let credentials: S3Credentials
    private let service: S3Service?
    /// The real name of the bucket that tests call `bucket`.
    let bucket: String
    private let http: TransferService

    init(_ store: S3Service) throws {
        (endpoint, credentials, service, bucket) = (store.endpoint, store.credentials, store, "bucket")
        http = try TransferService(maximumInFlight: 64)
    }

    init(_ store: ForeignStore) throws {
        (endpoint, credentials, service) = (store.endpoint, store.credentials, nil)
        bucket = ForeignStore.uniqueBucket()
        http = try TransferService(maximumInFlight: 64)
    }

    func stop() { http.stop() }

    /// The store that runs in this process.
    ///
    /// - Returns: The store.
    /// - Throws: What ends the test as skipped if it runs elsewhere.
    func ownStore() throws -> S3Service {
        guard let service else { try Test.cancel("needs a store in this process") }
        return service
    }

    /// A target or copy source with the bucket's real name.
    private func placed(_ path: String) -> String {
        let name = path.hasPrefix("/") ? "/bucket" : "bucket"
        guard path.hasPrefix(name), ["", "/", "?"].contains(path.dropFirst(name.count).prefix(1)) else {
            return path
        }
        return name.replacing("bucket", with: bucket) + path.dropFirst(name.count)
    }

    /// One request, with what it states of its body.
    struct Request: Sendable {
        var method = "GET"
        var target: String
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// What stands in `x-amz-content-sha256`; nil for the body's own hash.
        var payloadHash: String?
        /// How far the client's clock is ahead.
        var clockAheadSeconds: Int64 = 0
        /// Sent after signing.
        var unsignedHeaders: [(String, String)] = []
    }

    /// What a test looks at.
    struct Answer {
        let status: Int
        let headers: TransferResponse
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var code: S3ErrorCode? { S3RequestError(document: body)?.code }
        func header(_ name: String) -> String? { headers.header(name) }
    }

    /// Signs and sends a request whose body is in aws-chunked encoding.
    ///
    /// - Parameters:
    ///   - request: The request, its body plain.
    ///   - chunked: How the body is to be encoded, and what is to be wrong with it.
    /// - Returns: The answer.
    /// - Throws: What the connection says.
    func send(_ request: Request, as chunked: ChunkedBody) async throws -> Answer {
        var request = request
        let plain = request.body
        request.payloadHash = chunked.payloadHash
        request.headers.append(("x-amz-decoded-content-length", "\(chunked.declaredSize ?? plain.count)"))
        request.headers.append(("content-encoding", "aws-chunked"))
        if let trailer = chunked.declaredTrailer { request.headers.append(("x-amz-trailer", trailer)) }
        let signed = try signedHeaders(request)
        let seed = signed["authorization"]?.split(separator: "Signature=").last.map(String.init) ?? ""
        let time = signed["x-amz-date"] ?? ""
        let scope = SigningScope(date: String(time.prefix(8)), region: endpoint.region)
        let signatures = ChunkSignatures(
            key: SigningKey(secret: credentials.secretKey, scope: scope),
            time: time,
            scope: scope,
            seed: seed
        )
        return try await sendRaw(
            request.method,
            request.target,
            signed.fields.dropFirst().map { ($0.name, $0.value) },
            SharedBytes(copying: chunked.encode(plain, signatures))
        )
    }

    /// Signs and sends a request.
    func send(_ request: Request) async throws -> Answer {
        var headers = try signedHeaders(request)
        for (name, value) in request.unsignedHeaders { headers.append(name, value) }
        let hasBody = request.method == "PUT" || request.method == "POST"
        return try await sendRaw(
            request.method,
            request.target,
            headers.fields.dropFirst().map { ($0.name, $0.value) },
            hasBody ? SharedBytes(copying: request.body) : nil
        )
    }

    /// The headers of a request, with its signature; the first is Host.
    func signedHeaders(_ request: Request) throws -> HeaderFields {
        let target = try RequestTarget(parsing: placed(request.target))
        let body = SharedBytes(copying: request.body)
        var headers = HeaderFields(["host": String(endpoint.url.dropFirst("http://".count))])
        for (name, value) in request.headers {
            headers.append(name, name == "x-amz-copy-source" ? placed(value) : value)
        }
        RequestSigner(credentials: credentials, region: endpoint.region).sign(
            &headers,
            method: request.method,
            target: target,
            payloadHash: request.payloadHash ?? PayloadDigest.sha256(body.bytes),
            at: S3Timestamp(seconds: S3Timestamp.now().milliseconds / 1000 + request.clockAheadSeconds)
        )
        return headers
    }

    /// Sends a request as it is, without a signature.
    func sendRaw(
        _ method: String,
        _ target: String,
        _ headers: [(String, String)] = [],
        _ body: SharedBytes? = nil
    ) async throws -> Answer {
        var request = TransferRequest(
            method,
            url: endpoint.url + placed(target),
            headers: headers.map { HeaderField(name: $0.0, value: $0.1) },
            body: body
        )
        request.pathAsIs = true
        let response = try await http.perform(request)
        return Answer(status: response.status, headers: response, body: response.body)
    }
}

/// A store to test, in each of the two ways to keep objects.
enum TestStorage: CaseIterable {
    case memory, directory

    /// Runs a test with a store that holds the bucket `bucket`.
    ///
    /// If another store is to be tested, that one takes the place of the store in memory.
    func withStore(_ test: (SignedRequests) async throws -> Void) async throws {
        guard let foreign = ForeignStore.current else { return try await withOwnStore({ _ in }, test) }
        guard self == .memory else { try Test.cancel("another store keeps objects in its own way") }
        let requests = try SignedRequests(foreign)
        defer { requests.stop() }
        _ = try await requests.send(.init(method: "PUT", target: "/bucket"))
        try await test(requests)
        try await requests.removeBucket()
    }

    /// Runs a test with a store that is configured for it.
    func withStore(
        _ change: (inout S3Configuration) -> Void,
        _ test: (SignedRequests) async throws -> Void
    ) async throws {
        try ForeignStore.skip("needs a configuration of its own")
        try await withOwnStore(change, test)
    }

    private func withOwnStore(
        _ change: (inout S3Configuration) -> Void,
        _ test: (SignedRequests) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            var configuration = S3Configuration()
            if self == .directory { configuration.storage = .directory(folder, durability: .fsync) }
            change(&configuration)
            try await S3Service.with(configuration) { store in
                let requests = try SignedRequests(store)
                defer { requests.stop() }
                _ = try await requests.send(.init(method: "PUT", target: "/bucket"))
                try await test(requests)
            }
        }
    }
}

extension SignedRequests {
    /// Empties and removes the bucket, so that tests leave nothing in a store that stays.
    fileprivate func removeBucket() async throws {
        let list = try await send(.init(target: "/bucket?encoding-type=url"))
        for object in try XMLElement(parsing: list.body).children("Contents") {
            // A key is answered in the same encoding that a target has.
            let key = (object.childText("Key") ?? "").replacing("+", with: "%20")
            _ = try await send(.init(method: "DELETE", target: "/bucket/\(key)"))
        }
        let uploads = try await send(.init(target: "/bucket?uploads&encoding-type=url"))
        for upload in try XMLElement(parsing: uploads.body).children("Upload") {
            let (key, id) = (upload.childText("Key") ?? "", upload.childText("UploadId") ?? "")
            _ = try await send(.init(method: "DELETE", target: "/bucket/\(key)?uploadId=\(id)"))
        }
        _ = try await send(.init(method: "DELETE", target: "/bucket"))
    }
}
