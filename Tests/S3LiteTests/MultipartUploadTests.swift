import S3Lite
import S3Wire
import Testing

struct MultipartUploadTests {
    private typealias Request = SignedRequests.Request

    private func begin(_ store: SignedRequests) async throws -> String {
        let answer = try await store.send(Request(method: "POST", target: "/bucket/big?uploads"))
        return try #require(try XMLElement(parsing: answer.body).childText("UploadId"))
    }

    private func put(_ store: SignedRequests, _ id: String, _ number: Int, _ body: [UInt8]) async throws
        -> String
    {
        let target = "/bucket/big?partNumber=\(number)&uploadId=\(id)"
        let answer = try await store.send(Request(method: "PUT", target: target, body: body))
        return try #require(answer.header("etag"))
    }

    private func complete(
        _ store: SignedRequests,
        _ id: String,
        _ parts: [(Int, String)]
    ) async throws -> SignedRequests.Answer {
        let list = parts.map { "<Part><PartNumber>\($0.0)</PartNumber><ETag>\($0.1)</ETag></Part>" }.joined()
        let document = "<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>"
        return try await store.send(
            Request(method: "POST", target: "/bucket/big?uploadId=\(id)", body: Array(document.utf8))
        )
    }

    @Test(arguments: TestStorage.allCases)
    func `parts in any order make one object, read across their borders`(storage: TestStorage) async throws {
        try await storage.withStore({ $0.minimumPartSize = 300_000 }) { store in
            let id = try await begin(store)
            let last = try await put(store, id, 3, [3])
            _ = try await put(store, id, 1, [9])
            let first = try await put(store, id, 1, [UInt8](repeating: 1, count: 300_000))
            #expect(try await store.send(Request(target: "/bucket/big")).code == .noSuchKey)
            let answer = try await complete(store, id, [(1, first), (3, last)])
            let etag = try #require(try XMLElement(parsing: answer.body).childText("ETag"))
            #expect(etag.hasSuffix("-2\""))
            let whole = try await store.send(Request(target: "/bucket/big"))
            #expect(whole.body == [UInt8](repeating: 1, count: 300_000) + [3] && whole.header("etag") == etag)
            let range = ("range", "bytes=299999-300000")
            #expect(try await store.send(Request(target: "/bucket/big", headers: [range])).body == [1, 3])
            let again = try await complete(store, id, [(1, first), (3, last)])
            #expect(try XMLElement(parsing: again.body).childText("ETag") == etag)
        }
    }

    @Test func `a list that does not match the parts is refused`() async throws {
        try await TestStorage.memory.withStore({ $0.minimumPartSize = 10 }) { store in
            let id = try await begin(store)
            let first = try await put(store, id, 1, [1])
            let second = try await put(store, id, 2, [2])
            #expect(try await complete(store, id, [(2, second), (1, first)]).code == .invalidPartOrder)
            #expect(try await complete(store, id, [(1, second)]).code == .invalidPart)
            #expect(try await complete(store, id, [(3, first)]).code == .invalidPart)
            #expect(try await complete(store, id, [(1, first), (2, second)]).code == .entityTooSmall)
            #expect(try await complete(store, id, []).code == .malformedXML)
            #expect(try await complete(store, "../../x", [(1, first)]).code == .noSuchUpload)
        }
    }

    @Test func `an aborted upload gives its room back and is gone`() async throws {
        try await TestStorage.memory.withStore({ $0.memoryLimit = 1000 }) { store in
            for _ in 0..<3 {
                let id = try await begin(store)
                _ = try await put(store, id, 1, [UInt8](repeating: 1, count: 900))
                let abort = Request(method: "DELETE", target: "/bucket/big?uploadId=\(id)")
                #expect(try await store.send(abort).status == 204)
                #expect(try await store.send(abort).code == .noSuchUpload)
            }
        }
    }

    @Test(arguments: ["0", "10001", "x"]) func `a part number is between 1 and 10000`(number: String)
        async throws
    {
        try await TestStorage.memory.withStore { store in
            let id = try await begin(store)
            let target = "/bucket/big?partNumber=\(number)&uploadId=\(id)"
            #expect(
                try await store.send(Request(method: "PUT", target: target, body: [1])).code
                    == .invalidArgument
            )
        }
    }

    @Test func `a completion is answered again for a day`() async throws {
        let clock = MovableClock()
        try await TestStorage.memory.withStore({ $0.clock = { clock.now } }) { store in
            let id = try await begin(store)
            let etag = try await put(store, id, 1, [1])
            #expect(try await complete(store, id, [(1, etag)]).status == 200)
            for (hours, status) in [(23, 200), (25, 404)] {
                clock.advance(seconds: Int64(hours) * 3600 - clock.aheadSeconds)
                let document =
                    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\(etag)</ETag></Part>"
                    + "</CompleteMultipartUpload>"
                var other = Request(method: "POST", target: "/bucket/other?uploads")
                var again = Request(
                    method: "POST",
                    target: "/bucket/big?uploadId=\(id)",
                    body: Array(document.utf8)
                )
                (other.clockAheadSeconds, again.clockAheadSeconds) = (clock.aheadSeconds, clock.aheadSeconds)
                // What is stale goes when the next upload begins.
                _ = try await store.send(other)
                #expect(try await store.send(again).status == status)
            }
        }
    }
}
