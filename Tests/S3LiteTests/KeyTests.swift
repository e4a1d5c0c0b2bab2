import S3Lite
import S3Wire
import Testing

/// Keys that file systems and careless parsers confuse, all in one bucket.
struct KeyTests {
    private typealias Request = SignedRequests.Request

    private static let keys = [
        "tree", "tree/", "tree/x", "a//b", "a/b", "a/./b", "a/../b", "/lead", "//lead", "trail/", ".", "..",
        "../x",
        "%2e%2e", "..%2fx", "é", "e\u{301}", "Case", "case", "😀", "new\nline", "\u{1}", "back\\slash", "a b",
        "a+b",
        "a%20b", "~*!'()", "index.sqlite", "index.sqlite-wal", "data/00/file", "k.tmp", "<a>&\"'",
        String(repeating: "n", count: 300),
    ]

    private static func path(_ key: String) -> String {
        "/bucket/" + PercentEncoding.encode(key.utf8, as: .path)
    }

    @Test(arguments: TestStorage.allCases, [10, 300_000])
    func `each key is an object of its own`(storage: TestStorage, count: Int) async throws {
        try await storage.withStore { store in
            for key in Self.keys {
                let body = Array(key.utf8) + [UInt8](repeating: 0, count: count)
                let put = try await store.send(Request(method: "PUT", target: Self.path(key), body: body))
                #expect(put.status == 200, "\(key)")
            }
            let sorted = Self.keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
            for version in ["", "list-type=2&"] {
                let list = try await store.send(Request(target: "/bucket?\(version)encoding-type=url"))
                let listed = try XMLElement(parsing: list.body).children("Contents").map {
                    PercentEncoding.decode(Array(($0.childText("Key") ?? "").utf8), plusIsSpace: true)
                }
                #expect(listed == sorted)
            }
            for key in Self.keys {
                let got = try await store.send(Request(target: Self.path(key)))
                #expect(got.body == Array(key.utf8) + [UInt8](repeating: 0, count: count), "\(key)")
            }
            _ = try await store.send(Request(method: "DELETE", target: Self.path("tree")))
            #expect(try await store.send(Request(target: Self.path("tree/"))).status == 200)
            #expect(try await store.send(Request(target: Self.path("tree/x"))).status == 200)
        }
    }

    @Test func `a listing encodes all that names keys, or writes references`() async throws {
        try await TestStorage.memory.withStore { store in
            for key in ["p +\u{1}/a", "p +\u{1}/b"] {
                _ = try await store.send(Request(method: "PUT", target: Self.path(key), body: [1]))
            }
            let prefix = "prefix=p%20%2B&delimiter=%2F%20"
            let url = "encoding-type=url&"
            let all = try await store.send(Request(target: "/bucket?\(url)\(prefix)&marker=p%20"))
            let page = try XMLElement(parsing: all.body)
            #expect(page.childText("Prefix") == "p%20%2B" && page.childText("Delimiter") == "/%20")
            #expect(page.childText("Marker") == "p%20" && page.childText("EncodingType") == "url")
            #expect(page.child("Contents")?.childText("Key") == "p%20%2B%01/a")
            let second = "list-type=2&start-after=p%20&delimiter=/"
            let rolled = try await store.send(Request(target: "/bucket?\(url)\(second)"))
            let common = try XMLElement(parsing: rolled.body)
            #expect(common.child("CommonPrefixes")?.childText("Prefix") == "p%20%2B%01/")
            #expect(common.childText("StartAfter") == "p%20")
            let plain = try await store.send(Request(target: "/bucket?delimiter=/"))
            #expect(plain.text.contains("<Prefix>p +&#1;/</Prefix>"))
        }
    }

    @Test(arguments: [("0", 0), ("1", 1), ("1001", 3), ("99999", 3)])
    func `a page has as many entries as asked for, a thousand at the most`(limit: String, count: Int)
        async throws
    {
        try await TestStorage.memory.withStore { store in
            for key in ["a", "b/1", "b/2", "c"] {
                _ = try await store.send(Request(method: "PUT", target: Self.path(key), body: [1]))
            }
            let target = "/bucket?list-type=2&delimiter=/&max-keys=\(limit)"
            let page = try XMLElement(parsing: try await store.send(Request(target: target)).body)
            #expect(page.children("Contents").count + page.children("CommonPrefixes").count == count)
            #expect(page.childText("KeyCount") == "\(count)")
            #expect(page.childText("MaxKeys") == "\(min(Int(limit) ?? 0, 1000))")
            #expect(page.childText("IsTruncated") == (limit == "1" ? "true" : "false"))
        }
    }

    @Test func `without a delimiter the first version names its next page by the last key alone`()
        async throws
    {
        try await TestStorage.memory.withStore { store in
            for key in ["a", "b", "c"] {
                _ = try await store.send(Request(method: "PUT", target: Self.path(key), body: [1]))
            }
            let first = try XMLElement(
                parsing: try await store.send(Request(target: "/bucket?max-keys=2")).body
            )
            #expect(first.childText("IsTruncated") == "true" && first.childText("NextMarker") == nil)
            #expect(first.child("Contents")?.child("Owner") != nil)
            let second = try await store.send(Request(target: "/bucket?max-keys=2&marker=b"))
            #expect(
                try XMLElement(parsing: second.body).children("Contents").map { $0.childText("Key") } == ["c"]
            )
            let newer = try XMLElement(
                parsing: try await store.send(Request(target: "/bucket?list-type=2")).body
            )
            #expect(newer.child("Contents")?.child("Owner") == nil)
            let owned = try await store.send(Request(target: "/bucket?list-type=2&fetch-owner=true"))
            #expect(try XMLElement(parsing: owned.body).child("Contents")?.child("Owner") != nil)
        }
    }

    @Test(arguments: [
        "sthree-a", "amzn-s3-demo-a", "a--ol-s3", "a.mrap", "a--x-s3", "a-.b", "1.2.3.4", "a.", "a-",
    ])
    func `a reserved or misleading name is no bucket's`(name: String) async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(Request(method: "PUT", target: "/\(name)"))
            #expect(answer.status == 400 && answer.code == .invalidBucketName)
        }
    }
}
