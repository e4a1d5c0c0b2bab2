import S3Lite
import S3Wire
import Testing

/// Parts that are pieces of other objects, and the listings of uploads and parts.
struct PartCopyTests {
    private typealias Request = SignedRequests.Request

    private static let source = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 11 ^ $0 >> 9) }

    private func begin(_ store: SignedRequests, key: String = "big") async throws -> String {
        let answer = try await store.send(Request(method: "POST", target: "/bucket/\(key)?uploads"))
        return try #require(try XMLElement(parsing: answer.body).childText("UploadId"))
    }

    private func copy(
        _ store: SignedRequests,
        _ id: String,
        _ number: Int,
        _ headers: [(String, String)]
    ) async throws -> SignedRequests.Answer {
        try await store.send(
            Request(
                method: "PUT",
                target: "/bucket/big?partNumber=\(number)&uploadId=\(id)",
                headers: [("x-amz-copy-source", "/bucket/source")] + headers
            )
        )
    }

    @Test(arguments: TestStorage.allCases)
    func `pieces of an object make another`(storage: TestStorage) async throws {
        try await storage.withStore({ $0.minimumPartSize = 1000 }) { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/source", body: Self.source))
            let id = try await begin(store)
            var list = ""
            let ranges: [String?] = ["bytes=0-299999", nil, "bytes=599999-599999"]
            for (index, range) in ranges.enumerated() {
                let headers = range.map { [("x-amz-copy-source-range", $0)] } ?? []
                let answer = try await copy(store, id, index + 1, headers)
                let etag = try #require(try XMLElement(parsing: answer.body).childText("ETag"))
                list += "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(etag)</ETag></Part>"
            }
            let document = "<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>"
            let complete = try await store.send(
                Request(method: "POST", target: "/bucket/big?uploadId=\(id)", body: Array(document.utf8))
            )
            #expect(complete.status == 200)
            _ = try await store.send(Request(method: "DELETE", target: "/bucket/source"))
            let got = try await store.send(Request(target: "/bucket/big"))
            #expect(got.body == Array(Self.source[..<300_000] + Self.source + Self.source[599_999...]))
        }
    }

    @Test(arguments: [
        ("x-amz-copy-source-range", "bytes=0-600000", S3ErrorCode.invalidArgument),
        ("x-amz-copy-source-range", "bytes=5-", .invalidArgument),
        ("x-amz-copy-source-range", "bytes=-5", .invalidArgument),
        ("x-amz-copy-source-range", "0-5", .invalidArgument),
        ("x-amz-copy-source-if-match", "\"other\"", .preconditionFailed),
        ("x-amz-copy-source-if-none-match", "*", .preconditionFailed),
        ("x-amz-copy-source-if-modified-since", "Fri, 24 May 2999 00:00:00 GMT", .preconditionFailed),
        ("x-amz-copy-source-if-unmodified-since", "Fri, 24 May 2013 00:00:00 GMT", .preconditionFailed),
    ])
    func `a piece that is not there, or not meant, is refused`(name: String, value: String, code: S3ErrorCode)
        async throws
    {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/source", body: Self.source))
            let id = try await begin(store)
            #expect(try await copy(store, id, 1, [(name, value)]).code == code)
            if name.contains("-if-") {
                let whole = try await store.send(
                    Request(
                        method: "PUT",
                        target: "/bucket/other",
                        headers: [("x-amz-copy-source", "bucket/source"), (name, value)]
                    )
                )
                #expect(whole.code == code)
            }
        }
    }

    @Test func `uploads under way are listed by key and id, page by page`() async throws {
        try await TestStorage.memory.withStore { store in
            var expected: [String] = []
            for key in ["a/1", "a/2", "b", "b", "c/x"] {
                expected.append("\(key) \(try await begin(store, key: key))")
            }
            expected = Array(expected[..<2] + expected[2..<4].sorted() + expected[4...])
            for size in 1...6 {
                var (found, markers): ([String], String) = ([], "")
                while true {
                    let answer = try await store.send(
                        Request(target: "/bucket?uploads&max-uploads=\(size)\(markers)")
                    )
                    let page = try XMLElement(parsing: answer.body)
                    found += page.children("Upload").map {
                        "\($0.childText("Key") ?? "") \($0.childText("UploadId") ?? "")"
                    }
                    guard page.childText("IsTruncated") == "true" else { break }
                    let (key, id) = (page.childText("NextKeyMarker"), page.childText("NextUploadIdMarker"))
                    markers = "&key-marker=\(key ?? "")&upload-id-marker=\(id ?? "")"
                }
                #expect(found == expected)
            }
            let rolled = try await store.send(Request(target: "/bucket?uploads&delimiter=/&prefix="))
            let page = try XMLElement(parsing: rolled.body)
            #expect(page.children("CommonPrefixes").map { $0.childText("Prefix") } == ["a/", "c/"])
            #expect(page.children("Upload").count == 2)
            let prefixed = try await store.send(Request(target: "/bucket?uploads&prefix=a/"))
            #expect(try XMLElement(parsing: prefixed.body).children("Upload").count == 2)
        }
    }

    @Test func `parts are listed page by page`() async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/source", body: Self.source))
            let id = try await begin(store)
            for number in [7, 2, 10_000] {
                _ = try await copy(store, id, number, [("x-amz-copy-source-range", "bytes=0-\(number)")])
            }
            let first = try await store.send(Request(target: "/bucket/big?uploadId=\(id)&max-parts=2"))
            let page = try XMLElement(parsing: first.body)
            #expect(page.children("Part").map { $0.childText("PartNumber") } == ["2", "7"])
            #expect(page.childText("IsTruncated") == "true" && page.childText("NextPartNumberMarker") == "7")
            let second = try await store.send(
                Request(target: "/bucket/big?uploadId=\(id)&max-parts=2&part-number-marker=7")
            )
            let rest = try XMLElement(parsing: second.body)
            #expect(rest.children("Part").map { $0.childText("Size") } == ["10001"])
            let bad = try await store.send(Request(target: "/bucket/big?uploadId=\(id)&max-parts=x"))
            #expect(bad.code == .invalidArgument)
        }
    }

    @Test(arguments: TestStorage.allCases)
    func `an upload nobody completes expires`(storage: TestStorage)
        async throws
    {
        let clock = MovableClock()
        try await storage.withStore({ $0.clock = { clock.now } }) { store in
            let stale = try await begin(store, key: "stale")
            clock.advance(seconds: 8 * 86_400)
            var request = Request(method: "POST", target: "/bucket/big?uploads")
            request.clockAheadSeconds = 8 * 86_400
            #expect(try await store.send(request).status == 200)
            var list = Request(target: "/bucket/stale?uploadId=\(stale)")
            list.clockAheadSeconds = 8 * 86_400
            #expect(try await store.send(list).code == .noSuchUpload)
        }
    }
}
