import S3Lite
import S3Wire
import Testing

struct ObjectOperationTests {
    private typealias Request = SignedRequests.Request

    private static let bytes = Array("0123456789".utf8)

    @Test(arguments: TestStorage.allCases, [0, 3000, 256 * 1024, 256 * 1024 + 1, 700_000])
    func `an object of any size comes back with its headers`(storage: TestStorage, count: Int) async throws {
        try await storage.withStore { store in
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ $0 >> 7) }
            let headers = [
                ("content-type", "image/png"), ("cache-control", "no-cache"), ("x-amz-meta-page", "7"),
                ("x-amz-meta-empty", ""),
            ]
            let put = try await store.send(
                Request(method: "PUT", target: "/bucket/a", headers: headers, body: bytes)
            )
            #expect(put.status == 200)
            let got = try await store.send(Request(target: "/bucket/a"))
            #expect(got.body == bytes)
            #expect(got.header("etag") == put.header("etag"))
            for (name, value) in headers { #expect(got.header(name) == value) }
            #expect(got.header("x-amz-request-id")?.isEmpty == false)
            let head = try await store.send(Request(method: "HEAD", target: "/bucket/a"))
            #expect(head.header("content-length") == "\(count)" && head.body.isEmpty)
        }
    }

    @Test(arguments: [
        ("bytes=0-0", 206, "0"), ("bytes=-3", 206, "789"), ("bytes=7-", 206, "789"),
        ("bytes=5-99", 206, "56789"),
        ("bytes=2-4", 206, "234"), ("bytes=-99", 206, "0123456789"), ("bytes=4-2", 200, "0123456789"),
        ("bytes=0-1,3-4", 200, "0123456789"), ("lines=0-1", 200, "0123456789"),
        ("bytes=x-1", 200, "0123456789"),
    ])
    func `a range is answered by its bytes, bad syntax by the whole`(
        range: String,
        status: Int,
        expected: String
    ) async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: Self.bytes))
            let answer = try await store.send(Request(target: "/bucket/a", headers: [("range", range)]))
            #expect(answer.status == status && answer.text == expected)
        }
    }

    @Test(arguments: ["bytes=10-", "bytes=-0", "bytes=99999999999999999999-"])
    func `a range past the end is refused`(range: String) async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: Self.bytes))
            let answer = try await store.send(Request(target: "/bucket/a", headers: [("range", range)]))
            #expect(answer.status == 416 && answer.code == .invalidRange)
        }
    }

    @Test(arguments: [
        ("if-match", "\"781e5e245d69b566979b86e28d23f2c7\"", 200), ("if-match", "\"other\"", 412),
        ("if-none-match", "\"781e5e245d69b566979b86e28d23f2c7\"", 304), ("if-none-match", "*", 304),
        ("if-none-match", "\"other\"", 200), ("if-modified-since", "Fri, 24 May 2013 00:00:00 GMT", 200),
        ("if-modified-since", "Fri, 24 May 2999 00:00:00 GMT", 304),
        ("if-unmodified-since", "Fri, 24 May 2013 00:00:00 GMT", 412),
    ])
    func `a condition decides about a read`(name: String, value: String, status: Int) async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: Self.bytes))
            let answer = try await store.send(Request(target: "/bucket/a", headers: [(name, value)]))
            #expect(answer.status == status)
            if status == 304 { #expect(answer.header("etag") == "\"781e5e245d69b566979b86e28d23f2c7\"") }
        }
    }

    @Test(arguments: TestStorage.allCases)
    func `of many puts that must not replace, one wins`(storage: TestStorage) async throws {
        try await storage.withStore { store in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<32 {
                    group.addTask {
                        try await store.send(
                            Request(
                                method: "PUT",
                                target: "/bucket/a",
                                headers: [("if-none-match", "*")],
                                body: [UInt8(number)]
                            )
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } == 1 && statuses.count { $0 == 412 } == 31)
        }
    }

    @Test(arguments: TestStorage.allCases)
    func `a copy has the bytes and survives its source`(storage: TestStorage) async throws {
        try await storage.withStore { store in
            let bytes = [UInt8](repeating: 7, count: 300_000)
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a%20b", body: bytes))
            let source = ("x-amz-copy-source", "/bucket/a%20b")
            let copy = try await store.send(Request(method: "PUT", target: "/bucket/c", headers: [source]))
            #expect(copy.status == 200 && copy.text.contains("<CopyObjectResult"))
            let onto = try await store.send(
                Request(method: "PUT", target: "/bucket/a%20b", headers: [source])
            )
            #expect(onto.code == .invalidRequest)
            _ = try await store.send(Request(method: "DELETE", target: "/bucket/a%20b"))
            #expect(try await store.send(Request(target: "/bucket/c")).body == bytes)
        }
    }

    @Test(arguments: [
        ("PUT", "/bucket/a?retention"), ("PUT", "/bucket/a?torrent"), ("DELETE", "/bucket/a?legal-hold"),
        ("POST", "/bucket/a?restore"), ("PUT", "/bucket?versioning"), ("DELETE", "/bucket?policy"),
        ("GET", "/bucket/a?torrent"), ("GET", "/bucket?website"), ("POST", "/bucket"),
    ])
    func `what is not known is refused and changes nothing`(method: String, target: String) async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: Self.bytes))
            let answer = try await store.send(Request(method: method, target: target, body: [1]))
            #expect(answer.status == 501 && answer.code == .notImplemented)
            #expect(try await store.send(Request(target: "/bucket/a")).body == Self.bytes)
        }
    }

    @Test(arguments: [
        ("x-amz-server-side-encryption", "AES256", S3ErrorCode.notImplemented),
        ("x-amz-object-lock-mode", "GOVERNANCE", .notImplemented),
        ("x-amz-acl", "public-read", .accessControlListNotSupported),
        ("x-amz-meta-large", String(repeating: "x", count: 2049), .metadataTooLarge),
    ])
    func `a header that asks for more is refused`(name: String, value: String, code: S3ErrorCode) async throws
    {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(
                Request(method: "PUT", target: "/bucket/a", headers: [(name, value)], body: [1])
            )
            #expect(answer.code == code)
            #expect(try await store.send(Request(target: "/bucket/a")).code == .noSuchKey)
        }
    }

    @Test(arguments: ["/bucket/%00", "/bucket/%ff", "/bucket/%zz"])
    func `a key that is no text is refused`(target: String) async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.sendRaw("GET", target)
            #expect(answer.code == .invalidURI)
        }
    }

    @Test(arguments: [(1024, 200), (1025, 400)])
    func `a key has at most 1024 bytes`(count: Int, status: Int) async throws {
        try await TestStorage.memory.withStore { store in
            let target = "/bucket/" + String(repeating: "k", count: count)
            let answer = try await store.send(Request(method: "PUT", target: target, body: [1]))
            #expect(answer.status == status)
        }
    }
}
