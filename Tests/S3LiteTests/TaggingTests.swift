import S3Lite
import S3Wire
import Testing

struct TaggingTests {
    private typealias Request = SignedRequests.Request

    private static func document(_ tags: [(String, String)]) -> [UInt8] {
        let list = tags.map { "<Tag><Key>\($0.0)</Key><Value>\($0.1)</Value></Tag>" }.joined()
        return Array("<Tagging><TagSet>\(list)</TagSet></Tagging>".utf8)
    }

    private static func tags(_ answer: SignedRequests.Answer) throws -> [String: String] {
        let set = try XMLElement(parsing: answer.body).child("TagSet")?.children("Tag") ?? []
        return Dictionary(
            uniqueKeysWithValues: set.map { ($0.childText("Key") ?? "", $0.childText("Value") ?? "") }
        )
    }

    @Test(arguments: TestStorage.allCases)
    func `tags come with a put, are read, replaced, counted and removed`(storage: TestStorage) async throws {
        try await storage.withStore { store in
            _ = try await store.send(
                Request(
                    method: "PUT",
                    target: "/bucket/a",
                    headers: [("x-amz-tagging", "team=blue%20sky&empty=")],
                    body: [1]
                )
            )
            let first = try await store.send(Request(target: "/bucket/a?tagging"))
            #expect(try Self.tags(first) == ["team": "blue sky", "empty": ""])
            let head = try await store.send(Request(method: "HEAD", target: "/bucket/a"))
            #expect(head.header("x-amz-tagging-count") == "2")
            let put = Request(method: "PUT", target: "/bucket/a?tagging", body: Self.document([("é&", "1")]))
            #expect(try await store.send(put).code == .malformedXML)
            let right = Request(
                method: "PUT",
                target: "/bucket/a?tagging",
                body: Self.document([("é", "&lt;1&gt;")])
            )
            #expect(try await store.send(right).status == 200)
            #expect(try Self.tags(try await store.send(Request(target: "/bucket/a?tagging"))) == ["é": "<1>"])
            #expect(
                try await store.send(Request(method: "DELETE", target: "/bucket/a?tagging")).status == 204
            )
            #expect(try Self.tags(try await store.send(Request(target: "/bucket/a?tagging"))).isEmpty)
            #expect(try await store.send(Request(target: "/bucket/a")).body == [1])
            #expect(try await store.send(Request(target: "/bucket/none?tagging")).code == .noSuchKey)
        }
    }

    @Test func `tags that break a rule are refused`() async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: [1]))
            func code(_ tags: [(String, String)]) async throws -> S3ErrorCode? {
                try await store.send(
                    Request(method: "PUT", target: "/bucket/a?tagging", body: Self.document(tags))
                ).code
            }
            #expect(try await code((0..<11).map { ("k\($0)", "") }) == .badRequest)
            #expect(try await code((0..<10).map { ("k\($0)", "") }) == nil)
            #expect(try await code([("", "v")]) == .invalidTag)
            #expect(try await code([(String(repeating: "k", count: 129), "v")]) == .invalidTag)
            #expect(try await code([("k", String(repeating: "v", count: 257))]) == .invalidTag)
            #expect(try await code([("k", "1"), ("k", "2")]) == .invalidTag)
            let header = [("x-amz-tagging", "k=1&k=2")]
            let put = try await store.send(
                Request(method: "PUT", target: "/bucket/b", headers: header, body: [1])
            )
            #expect(put.code == .invalidTag)
        }
    }

    @Test func `a copy takes tags along unless told to replace them`() async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(
                Request(method: "PUT", target: "/bucket/a", headers: [("x-amz-tagging", "k=1")], body: [1])
            )
            let source = ("x-amz-copy-source", "bucket/a")
            _ = try await store.send(Request(method: "PUT", target: "/bucket/b", headers: [source]))
            let replace = [source, ("x-amz-tagging-directive", "REPLACE"), ("x-amz-tagging", "k=2")]
            _ = try await store.send(Request(method: "PUT", target: "/bucket/c", headers: replace))
            #expect(try Self.tags(try await store.send(Request(target: "/bucket/b?tagging"))) == ["k": "1"])
            #expect(try Self.tags(try await store.send(Request(target: "/bucket/c?tagging"))) == ["k": "2"])
            let unknown = [source, ("x-amz-tagging-directive", "MERGE")]
            let answer = try await store.send(Request(method: "PUT", target: "/bucket/d", headers: unknown))
            #expect(answer.code == .invalidArgument)
        }
    }

    @Test func `a bucket has no tags until it is given some`() async throws {
        try await TestStorage.memory.withStore { store in
            let none = try await store.send(Request(target: "/bucket?tagging"))
            #expect(none.code == .noSuchTagSet)
            let put = Request(method: "PUT", target: "/bucket?tagging", body: Self.document([("k", "v")]))
            #expect(try await store.send(put).status == 204)
            #expect(try Self.tags(try await store.send(Request(target: "/bucket?tagging"))) == ["k": "v"])
            #expect(try await store.send(Request(method: "DELETE", target: "/bucket?tagging")).status == 204)
            #expect(try await store.send(Request(target: "/bucket?tagging")).code == .noSuchTagSet)
        }
    }
}
