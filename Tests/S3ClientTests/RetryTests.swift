import S3Client
import S3Wire
import Testing

/// Which failures are tried again, by what the client sends to a server that answers as it is told.
struct RetryTests {
    private typealias Answer = ScriptedStore.Answer

    private static func error(_ status: Int, _ code: String) -> Answer {
        Answer(status: status, body: "<Error><Code>\(code)</Code><Message>m</Message></Error>")
    }

    private func client(
        _ endpoint: S3Endpoint,
        _ change: (inout S3ClientOptions) -> Void = { _ in }
    ) throws -> S3Client {
        var options = S3ClientOptions()
        change(&options)
        return try S3Client(
            endpoint: endpoint,
            credentials: S3Credentials(accessKey: "key", secretKey: "secret"),
            options: options
        )
    }

    @Test(arguments: [
        (500, "InternalError"), (502, ""), (503, "SlowDown"), (504, ""), (429, ""), (400, "RequestTimeout"),
    ])
    func `what may pass is tried again`(status: Int, code: String) async throws {
        let done = Answer(headers: [("etag", "\"e\"")])
        try await ScriptedStore.with([Self.error(status, code), nil, done]) { store, endpoint in
            let client = try client(endpoint)
            defer { client.stop() }
            #expect(try await client.put("b", "k", S3Body([1, 2])).etag == "e")
            #expect(store.asked.count == 3)
            #expect(store.asked.allSatisfy { $0.headers["content-length"] == "2" })
        }
    }

    @Test(arguments: [
        (400, "InvalidRequest"), (403, "AccessDenied"), (404, "NoSuchKey"), (409, "BucketNotEmpty"),
        (412, "PreconditionFailed"), (301, "PermanentRedirect"), (507, "InsufficientStorage"),
    ])
    func `what will not pass is not tried again`(status: Int, code: String) async throws {
        try await ScriptedStore.with([Self.error(status, code)]) { store, endpoint in
            let client = try client(endpoint)
            defer { client.stop() }
            let error = await #expect(throws: S3ClientError.self) {
                try await client.put("b", "k", S3Body([1]))
            }
            guard case .refused(let refusal) = error else { throw TestFailure(error) }
            #expect(refusal.status == status && refusal.codeText == code && store.asked.count == 1)
        }
    }

    @Test func `a wait that the store asks for and the call's time does not allow ends the call`()
        async throws
    {
        var busy = Self.error(503, "SlowDown")
        busy.headers = [("retry-after", "3600")]
        try await ScriptedStore.with([busy]) { store, endpoint in
            let client = try client(endpoint)
            defer { client.stop() }
            await #expect(throws: S3ClientError.self) { try await client.buckets() }
            #expect(store.asked.count == 1)
        }
    }

    @Test(arguments: [("781e5e245d69b566979b86e28d23f2c7", true), ("other", false)])
    func `a repeated put that must not replace looks whether the object is its own`(etag: String, isOwn: Bool)
        async throws
    {
        let head = Answer(headers: [("etag", "\"\(etag)\""), ("content-length", "0")])
        let answers: [Answer?] = [nil, Self.error(412, "PreconditionFailed"), head]
        try await ScriptedStore.with(answers) { store, endpoint in
            let client = try client(endpoint)
            defer { client.stop() }
            let body = S3Body("0123456789".utf8)
            if isOwn {
                #expect(try await client.put("b", "k", body, condition: .ifAbsent).etag == etag)
            } else {
                await #expect(throws: S3ClientError.self) {
                    try await client.put("b", "k", body, condition: .ifAbsent)
                }
            }
            #expect(store.asked.map(\.method) == ["PUT", "PUT", "HEAD"])
        }
    }

    @Test func `an error behind a status of success is an error`() async throws {
        let late = Answer(body: "<Error><Code>InternalError</Code><Message>late</Message></Error>")
        try await ScriptedStore.with([late]) { store, endpoint in
            let client = try client(endpoint)
            defer { client.stop() }
            let error = await #expect(throws: S3ClientError.self) {
                try await client.copy(from: ("b", "k"), to: "b", "l")
            }
            guard case .refused(let refusal) = error else { throw TestFailure(error) }
            #expect(refusal.code == .internalError && store.asked.count == 3)
        }
    }

    @Test func `bytes that don't have the checksum they came with are refused`() async throws {
        let damaged = Answer(headers: [("x-amz-checksum-crc32", "y/Q5Jg==")], body: "123456780")
        try await ScriptedStore.with([damaged]) { store, endpoint in
            let client = try client(endpoint) { $0.checksum = .crc32c }
            defer { client.stop() }
            await #expect(throws: S3ClientError.checksumMismatch(algorithm: .crc32)) {
                try await client.get("b", "k")
            }
            #expect(store.asked.count == 3)
        }
    }

    @Test func `a large body waits for the store to want it, a small one does not`() async throws {
        try await ScriptedStore.with([Answer(headers: [("etag", "\"e\"")])]) { store, endpoint in
            let client = try client(endpoint)
            defer { client.stop() }
            try await client.put("b", "k", S3Body(repeatElement(1, count: 1 << 20)))
            try await client.put("b", "k", S3Body(repeatElement(1, count: (1 << 20) + 1)))
            #expect(store.asked.map { $0.headers["expect"] } == [nil, "100-continue"])
        }
    }

    @Test func `a key goes out as it is, dots and slashes too`() async throws {
        try await ScriptedStore.with([Answer(headers: [("etag", "\"e\"")])]) { store, endpoint in
            let client = try client(endpoint)
            defer { client.stop() }
            for key in ["a/../b", "a//b", "./c", "é +"] { try await client.put("b", key, S3Body([])) }
            #expect(store.asked.map(\.target) == ["/b/a/../b", "/b/a//b", "/b/./c", "/b/%C3%A9%20%2B"])
        }
    }
}
