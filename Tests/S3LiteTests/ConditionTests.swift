import S3Lite
import S3Wire
import Testing

/// Conditions of reads, writes and copies, and what they are decided by.
struct ConditionTests {
    private typealias Request = SignedRequests.Request

    private static let bytes = Array("0123456789".utf8)
    private static let etag = "\"781e5e245d69b566979b86e28d23f2c7\""
    private static let (past, future) = ("Fri, 24 May 2013 00:00:00 GMT", "Fri, 24 May 2999 00:00:00 GMT")

    private static func put(_ store: SignedRequests, _ key: String = "a") async throws {
        _ = try await store.send(Request(method: "PUT", target: "/bucket/\(key)", body: bytes))
    }

    /// A tag counts more than a date: RFC 9110, section 13.2.2.
    @Test(arguments: [
        (["if-match": etag, "if-unmodified-since": past], 200),
        (["if-match": "\"other\"", "if-unmodified-since": future], 412),
        (["if-none-match": "\"other\"", "if-modified-since": future], 200),
        (["if-none-match": etag, "if-modified-since": past], 304),
        (["if-match": etag, "if-none-match": etag], 304), (["if-match": "\"other\", \(etag)"], 200),
        (["if-match": "781e5e245d69b566979b86e28d23f2c7"], 200), (["if-none-match": "W/\(etag)"], 304),
        (["if-modified-since": "yesterday"], 200),
    ])
    func `of several conditions the stronger one decides`(headers: [String: String], status: Int) async throws
    {
        try await TestStorage.memory.withStore { store in
            try await Self.put(store)
            for method in ["GET", "HEAD"] {
                let headers = headers.map { ($0.key, $0.value) }
                let answer = try await store.send(
                    Request(method: method, target: "/bucket/a", headers: headers)
                )
                #expect(answer.status == status)
                if status == 304 { #expect(answer.body.isEmpty) }
            }
        }
    }

    @Test(
        arguments: TestStorage.allCases,
        [
            ("if-match", etag, 200, 404), ("if-match", "\"other\"", 412, 404), ("if-match", "*", 200, 404),
            ("if-none-match", "*", 412, 200), ("if-none-match", etag, 412, 200),
            ("if-none-match", "\"other\"", 200, 200),
        ]
    )
    func `a condition decides about a write, over an object and over none`(
        storage: TestStorage,
        example: (name: String, value: String, overObject: Int, overNone: Int)
    ) async throws {
        try await storage.withStore { store in
            try await Self.put(store)
            let header = [(example.name, example.value)]
            for (key, status) in [("a", example.overObject), ("none", example.overNone)] {
                let before = try await store.send(Request(target: "/bucket/\(key)")).body
                let answer = try await store.send(
                    Request(method: "PUT", target: "/bucket/\(key)", headers: header, body: [1])
                )
                #expect(answer.status == status)
                let after = try await store.send(Request(target: "/bucket/\(key)")).body
                if status == 200 {
                    #expect(after == [1])
                } else {
                    #expect(answer.code == (status == 404 ? .noSuchKey : .preconditionFailed))
                    #expect(after == before || status == 404)
                }
            }
        }
    }

    @Test func `a deletion takes a condition, and finding nothing is no failure`() async throws {
        try await TestStorage.memory.withStore { store in
            try await Self.put(store)
            func delete(_ key: String, _ etag: String) async throws -> SignedRequests.Answer {
                let header = [("if-match", etag)]
                return try await store.send(
                    Request(method: "DELETE", target: "/bucket/\(key)", headers: header)
                )
            }
            #expect(try await delete("a", "\"other\"").code == .preconditionFailed)
            #expect(try await store.send(Request(target: "/bucket/a")).body == Self.bytes)
            #expect(try await delete("none", Self.etag).status == 204)
            #expect(try await delete("a", Self.etag).status == 204)
            #expect(try await store.send(Request(target: "/bucket/a")).code == .noSuchKey)
        }
    }

    @Test func `a list of deletions names the tag that each object must have`() async throws {
        try await TestStorage.memory.withStore { store in
            for key in ["a", "b"] { try await Self.put(store, key) }
            let objects = [("a", "other"), ("b", Self.etag), ("none", "other")].map {
                "<Object><Key>\($0.0)</Key><ETag>\($0.1)</ETag></Object>"
            }
            let document = "<Delete>\(objects.joined())</Delete>"
            let answer = try await store.send(
                Request(method: "POST", target: "/bucket?delete", body: Array(document.utf8))
            )
            let result = try XMLElement(parsing: answer.body)
            #expect(result.children("Deleted").map { $0.childText("Key") } == ["b", "none"])
            #expect(result.children("Error").map { $0.childText("Key") } == ["a"])
            #expect(result.child("Error")?.childText("Code") == "PreconditionFailed")
            #expect(try await store.send(Request(target: "/bucket/a")).body == Self.bytes)
        }
    }

    @Test(arguments: [
        (etag, 206), ("\"other\"", 200), (past, 200),
    ])
    func `a range is given of the version that is meant`(validator: String, status: Int) async throws {
        try await TestStorage.memory.withStore { store in
            try await Self.put(store)
            let headers = [("range", "bytes=1-2"), ("if-range", validator)]
            let answer = try await store.send(Request(target: "/bucket/a", headers: headers))
            #expect(answer.status == status && answer.body == (status == 206 ? [49, 50] : Self.bytes))
        }
    }

    @Test(arguments: [("bytes=0-0", 0), ("bytes=0-", 0), ("bytes=-1", 0), ("bytes=-0", 3), ("bytes=3-", 3)])
    func `a range with nothing in it is answered with the size`(range: String, size: Int) async throws {
        try await TestStorage.memory.withStore { store in
            let body = [UInt8](repeating: 1, count: size)
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: body))
            let answer = try await store.send(Request(target: "/bucket/a", headers: [("range", range)]))
            #expect(answer.status == 416 && answer.code == .invalidRange)
            #expect(answer.header("content-range") == "bytes */\(size)")
        }
    }

    @Test func `a copy has its source's headers, or new ones if told so`() async throws {
        try await TestStorage.memory.withStore { store in
            let first = [("content-type", "image/png"), ("x-amz-meta-page", "7")]
            _ = try await store.send(
                Request(method: "PUT", target: "/bucket/a", headers: first, body: Self.bytes)
            )
            let source = ("x-amz-copy-source", "bucket/a")
            let second = [source, ("content-type", "image/gif"), ("x-amz-meta-page", "8")]
            let replace = second + [("x-amz-metadata-directive", "REPLACE")]
            for (headers, page) in [(second, "7"), (replace, "8")] {
                _ = try await store.send(Request(method: "PUT", target: "/bucket/b", headers: headers))
                let copy = try await store.send(Request(target: "/bucket/b"))
                #expect(copy.header("x-amz-meta-page") == page && copy.body == Self.bytes)
                #expect(copy.header("content-type") == (page == "7" ? "image/png" : "image/gif"))
            }
            let onto = try await store.send(Request(method: "PUT", target: "/bucket/a", headers: replace))
            #expect(onto.status == 200)
            let unknown = [source, ("x-amz-metadata-directive", "MERGE")]
            let answer = try await store.send(Request(method: "PUT", target: "/bucket/b", headers: unknown))
            #expect(answer.code == .invalidArgument)
            for source in ["bucket", "/bucket/", "", "none/a", "bucket/none"] {
                let headers = [("x-amz-copy-source", source)]
                let answer = try await store.send(
                    Request(method: "PUT", target: "/bucket/b", headers: headers)
                )
                #expect([.invalidArgument, .noSuchBucket, .noSuchKey].contains(answer.code))
            }
        }
    }
}
