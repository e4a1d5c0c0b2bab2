import S3Lite
import S3Wire
import Testing

/// Nothing is stored that was not proved to be what its sender meant.
struct UnverifiedRequestTests {
    private typealias Request = SignedRequests.Request

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var headers: [(String, String)] = []
        var payloadHash: String?
        var clockAheadSeconds: Int64 = 0
        var unsignedHeaders: [(String, String)] = []
        let status: Int
        let code: S3ErrorCode
    }

    /// The body is `123456789`.
    static let cases = [
        Case(
            testDescription: "another SHA-256",
            payloadHash: PayloadHash.emptyText,
            status: 400,
            code: .contentSHA256Mismatch
        ),
        Case(testDescription: "malformed SHA-256", payloadHash: "abc", status: 400, code: .invalidArgument),
        Case(
            testDescription: "wrong MD5",
            headers: [("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")],
            status: 400,
            code: .badDigest
        ),
        Case(
            testDescription: "malformed MD5",
            headers: [("content-md5", "abc")],
            status: 400,
            code: .invalidDigest
        ),
        Case(
            testDescription: "wrong CRC32",
            headers: [("x-amz-checksum-crc32", "AAAAAA==")],
            status: 400,
            code: .badDigest
        ),
        Case(
            testDescription: "malformed CRC32",
            headers: [("x-amz-checksum-crc32", "AAAA")],
            status: 400,
            code: .invalidRequest
        ),
        Case(
            testDescription: "two checksums",
            headers: [("x-amz-checksum-crc32", "y/Q5Jg=="), ("x-amz-checksum-crc32c", "4waSgw==")],
            status: 400,
            code: .invalidRequest
        ),
        Case(
            testDescription: "unknown checksum",
            headers: [("x-amz-checksum-md4", "y/Q5Jg==")],
            status: 400,
            code: .invalidRequest
        ),
        Case(
            testDescription: "checksum announced, none sent",
            headers: [("x-amz-sdk-checksum-algorithm", "CRC32")],
            status: 400,
            code: .invalidRequest
        ),
        Case(
            testDescription: "clock behind",
            clockAheadSeconds: -960,
            status: 403,
            code: .requestTimeTooSkewed
        ),
        Case(
            testDescription: "clock ahead",
            clockAheadSeconds: 960,
            status: 403,
            code: .requestTimeTooSkewed
        ),
        Case(
            testDescription: "header added on the way",
            unsignedHeaders: [("x-amz-meta-late", "1")],
            status: 403,
            code: .accessDenied
        ),
    ]

    @Test(arguments: TestStorage.allCases, cases)
    func `an unproved put is refused and the old object stays`(storage: TestStorage, example: Case)
        async throws
    {
        try await storage.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: [1]))
            let answer = try await store.send(
                Request(
                    method: "PUT",
                    target: "/bucket/a",
                    headers: example.headers,
                    body: Array("123456789".utf8),
                    payloadHash: example.payloadHash,
                    clockAheadSeconds: example.clockAheadSeconds,
                    unsignedHeaders: example.unsignedHeaders
                )
            )
            #expect(answer.status == example.status && answer.code == example.code)
            #expect(try await store.send(Request(target: "/bucket/a")).body == [1])
        }
    }

    @Test(arguments: [
        ("x-amz-checksum-crc32", "y/Q5Jg=="), ("x-amz-checksum-crc32c", "4waSgw=="),
        ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="), ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
        ("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
    ])
    func `a right checksum is kept and answered when asked for`(name: String, value: String) async throws {
        try await TestStorage.memory.withStore { store in
            let body = Array("123456789".utf8)
            let put = try await store.send(
                Request(method: "PUT", target: "/bucket/a", headers: [(name, value)], body: body)
            )
            #expect(put.status == 200 && put.header(name) == value)
            let mode = ("x-amz-checksum-mode", "ENABLED")
            #expect(try await store.send(Request(target: "/bucket/a")).header(name) == nil)
            #expect(try await store.send(Request(target: "/bucket/a", headers: [mode])).header(name) == value)
            let part = try await store.send(
                Request(target: "/bucket/a", headers: [mode, ("range", "bytes=0-1")])
            )
            #expect(part.status == 206 && part.header(name) == nil)
        }
    }

    @Test(arguments: ["GET", "PUT", "DELETE"])
    func `a request without a signature is refused`(method: String) async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.sendRaw(method, "/bucket/a")
            #expect(answer.code == .accessDenied)
        }
    }

    @Test func `an object over the limit is refused before its body`() async throws {
        try await TestStorage.memory.withStore({ $0.maximumObjectSize = 10 }) { store in
            let body = [UInt8](repeating: 1, count: 11)
            let answer = try await store.send(Request(method: "PUT", target: "/bucket/a", body: body))
            #expect(answer.code == .entityTooLarge)
        }
    }

    @Test func `a full memory refuses, and has room again after a deletion`() async throws {
        try await TestStorage.memory.withStore({ $0.memoryLimit = 1000 }) { store in
            let body = [UInt8](repeating: 1, count: 600)
            #expect(
                try await store.send(Request(method: "PUT", target: "/bucket/a", body: body)).status == 200
            )
            let full = try await store.send(Request(method: "PUT", target: "/bucket/b", body: body))
            #expect(full.status == 507 && full.code == .insufficientStorage)
            _ = try await store.send(Request(method: "DELETE", target: "/bucket/a"))
            #expect(
                try await store.send(Request(method: "PUT", target: "/bucket/b", body: body)).status == 200
            )
        }
    }

    @Test func `a refused body gives its room back`() async throws {
        try await TestStorage.memory.withStore({ $0.memoryLimit = 1000 }) { store in
            let body = [UInt8](repeating: 1, count: 600)
            for _ in 0..<3 {
                let wrong = Request(
                    method: "PUT",
                    target: "/bucket/a",
                    body: body,
                    payloadHash: PayloadHash.emptyText
                )
                #expect(try await store.send(wrong).code == .contentSHA256Mismatch)
                let elsewhere = Request(
                    method: "PUT",
                    target: "/bucket/a",
                    headers: [("if-match", "x")],
                    body: body
                )
                #expect(try await store.send(elsewhere).code == .noSuchKey)
            }
            let right = try await store.send(Request(method: "PUT", target: "/bucket/a", body: body))
            #expect(right.status == 200)
        }
    }
}
