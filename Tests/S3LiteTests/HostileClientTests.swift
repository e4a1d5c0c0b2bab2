import HTTPServing
import HTTPServingTesting
import NIOCore
import S3Lite
import S3Wire
import Testing

/// Clients that a proper HTTP library would never be.
struct HostileClientTests {
    private typealias Request = SignedRequests.Request

    private func withConnection(
        _ change: ((inout S3Configuration) -> Void)? = nil,
        storage: TestStorage = .memory,
        _ test: @escaping @Sendable (SignedRequests, inout RawConnection) async throws -> Void
    ) async throws {
        func connect(_ store: SignedRequests) async throws {
            let port = store.endpoint.port ?? 0
            try await RawConnection.with(port: port) { connection in try await test(store, &connection) }
        }
        if let change {
            try await storage.withStore(change, connect)
        } else {
            try await storage.withStore(connect)
        }
    }

    /// The head of a signed request.
    private static func head(_ store: SignedRequests, _ request: Request, _ extra: [String] = []) throws
        -> String
    {
        let lines = try store.signedHeaders(request).fields.map { "\($0.name): \($0.value)" } + extra
        return "\(request.method) \(request.target) HTTP/1.1\r\n" + lines.joined(separator: "\r\n")
            + "\r\n\r\n"
    }

    @Test func `100 Continue comes only after every check that needs no body`() async throws {
        try await withConnection { store, connection in
            let body = [UInt8](repeating: 7, count: 100)
            let put = Request(method: "PUT", target: "/bucket/a", body: body)
            let expect = ["content-length: 100", "expect: 100-continue"]
            try await connection.send(try Self.head(store, put, expect))
            let interim = try await connection.response()
            #expect(interim?.status == 100)
            try await connection.send(body)
            #expect(try await connection.response()?.status == 200)
        }
    }

    @Test(arguments: [
        ("/none/a", [("x", "y")], "100", "NoSuchBucket"),
        ("/bucket/a", [("content-md5", "abc")], "100", "InvalidDigest"),
        ("/bucket/a", [("if-match", "\"e\"")], "100", "NoSuchKey"),
        ("/bucket/a", [("x-amz-acl", "public-read")], "100", "AccessControlListNotSupported"),
        ("/bucket/a", [("x", "y")], "99999999999", "EntityTooLarge"),
        ("/bucket/a", [("x", "y")], "3000", "InsufficientStorage"),
        ("/bucket/a?partNumber=1&uploadId=x", [("x", "y")], "100", "NoSuchUpload"),
        ("/bucket/a?partNumber=0&uploadId=x", [("x", "y")], "100", "InvalidArgument"),
        ("/bucket/a?retention", [("x", "y")], "100", "NotImplemented"),
    ])
    func `a refusal in place of 100 Continue closes the connection`(
        target: String,
        headers: [(String, String)],
        length: String,
        code: String
    ) async throws {
        try await withConnection({ $0.memoryLimit = 2000 }) { store, connection in
            let put = Request(
                method: "PUT",
                target: target,
                headers: headers,
                payloadHash: PayloadHash.unsignedText
            )
            let expect = ["content-length: \(length)", "expect: 100-continue"]
            let answer = try await connection.exchange(try Self.head(store, put, expect))
            #expect(answer?.text.contains("<Code>\(code)</Code>") == true)
            #expect(answer?.headers["connection"] == "close")
            #expect(try await connection.response() == nil)
        }
    }

    /// A body past the size of a buffer ended the process.
    @Test func `a body that no buffer holds is refused, however much memory there is`() async throws {
        try await withConnection({
            $0.memoryLimit = 1 << 40
            $0.maximumObjectSize = 1 << 40
        }) { store, connection in
            let put = Request(method: "PUT", target: "/bucket/a", payloadHash: PayloadHash.unsignedText)
            let expect = ["content-length: 4294967296", "expect: 100-continue"]
            let answer = try await connection.exchange(try Self.head(store, put, expect))
            #expect(answer?.status == 507)
        }
    }

    @Test func `a body that comes too slowly is answered and dropped`() async throws {
        try await withConnection({ $0.limits.bodyStretch = .milliseconds(50) }) { store, connection in
            let put = Request(method: "PUT", target: "/bucket/a", payloadHash: PayloadHash.unsignedText)
            let answer = try await connection.exchange(
                try Self.head(store, put, ["content-length: 100"]) + "x"
            )
            #expect(answer?.status == 400 && answer?.text.contains("<Code>RequestTimeout</Code>") == true)
            #expect(try await connection.response() == nil)
            #expect(try await store.send(Request(target: "/bucket/a")).code == .noSuchKey)
        }
    }

    @Test func `a head that never ends is dropped, and others are served meanwhile`() async throws {
        try await withConnection({ $0.limits.headTimeout = .milliseconds(50) }) { store, connection in
            try await connection.send("GET /bucket HTTP/1.1\r\nHost: a\r\nX: ")
            #expect(try await store.send(Request(target: "/")).status == 200)
            #expect(try await connection.response()?.status == 408)
            #expect(try await connection.response() == nil)
        }
    }

    @Test func `a reader that stalls is dropped`() async throws {
        try await withConnection({
            $0.limits.writeStall = .milliseconds(50)
            $0.limits.idleTimeout = .hours(1)
        }) { store, connection in
            let body = [UInt8](repeating: 1, count: 32 << 20)
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: body))
            let get = try Self.head(store, Request(target: "/bucket/a"))
            try await connection.send(get)
            // Nothing is read: unless the store gives the reader up, its stop has to cut the request off.
            #expect(try await store.ownStore().stop(grace: .seconds(60)))
        }
    }

    struct Malformed: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let head: String
    }

    static let malformed = [
        Malformed(
            testDescription: "length and chunks",
            head:
                "PUT /bucket/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
        Malformed(
            testDescription: "two lengths",
            head: "PUT /bucket/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n"
        ),
        Malformed(testDescription: "no host", head: "GET /bucket HTTP/1.1\r\nX: y\r\n\r\n"),
        Malformed(testDescription: "two hosts", head: "GET /bucket HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        Malformed(testDescription: "bad request line", head: "GET bucket\r\nHost: a\r\n\r\n"),
        Malformed(testDescription: "no HTTP", head: "\u{16}\u{3}\u{1}\r\n\r\n"),
    ]

    @Test(arguments: malformed) func `a head that can be read in two ways is refused`(example: Malformed)
        async throws
    {
        try await withConnection { _, connection in
            let answer = try await connection.exchange(example.head)
            #expect(answer?.status == 400)
            #expect(try await connection.response() == nil)
        }
    }

    @Test func `a head that is too large is refused`() async throws {
        try await withConnection { _, connection in
            let line = "X: \(String(repeating: "y", count: 1000))\r\n"
            let head = "GET /bucket HTTP/1.1\r\nHost: a\r\n\(String(repeating: line, count: 40))\r\n"
            let answer = try await connection.exchange(head)
            #expect(answer.map { [400, 431].contains($0.status) } == true)
        }
    }

    @Test(arguments: [
        "/bucket/../../etc/passwd", "/bucket/%2e%2e/x", "/bucket/..%2f..%2fx", "/bucket//", "/bucket/./.",
    ])
    func `dots and slashes are characters of a key`(target: String) async throws {
        for storage in TestStorage.allCases {
            try await withConnection(storage: storage) { store, connection in
                let put = Request(method: "PUT", target: target, body: [1])
                let answer = try await connection.exchange(
                    try Self.head(store, put, ["content-length: 1"]) + "\u{1}"
                )
                #expect(answer?.status == 200)
                let got = try await connection.exchange(try Self.head(store, Request(target: target)))
                #expect(got?.text == "\u{1}")
                let list = try await store.send(Request(target: "/bucket?encoding-type=url"))
                let key = try XMLElement(parsing: list.body).child("Contents")?.childText("Key") ?? ""
                let plain = try RequestTarget(parsing: target).path.dropFirst("/bucket/".utf8.count)
                #expect(PercentEncoding.decode(Array(key.utf8)) == Array(plain))
            }
        }
    }
}
