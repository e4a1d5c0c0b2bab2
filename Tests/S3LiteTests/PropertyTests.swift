import S3Lite
import S3Testing
import S3Wire
import Testing

/// Random keys and operations against a sorted dictionary.
struct PropertyTests {
    private typealias Request = SignedRequests.Request

    /// Keys are short texts of few letters, so that they meet: slashes, dots, a control character, two forms of é.
    private static let letters = [
        "a", "b", "/", "//", ".", "..", "é", "e\u{301}", "\u{1}", " ", "+", "%2f", "😀", "\\",
    ]

    private static func key(using generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...4, using: &generator))
            .map { _ in letters.randomElement(using: &generator) ?? "a" }.joined()
    }

    private static func encoded(_ text: String) -> String {
        PercentEncoding.encode(text.utf8, as: .queryPart)
    }

    private static func path(_ key: String) -> String {
        "/bucket/" + PercentEncoding.encode(key.utf8, as: .path)
    }

    @Test(arguments: TestStorage.allCases, [UInt64.random(in: 0...1_000_000), 1])
    func `a store behaves as a sorted dictionary`(storage: TestStorage, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        try await storage.withStore { store in
            var model: [[UInt8]: [UInt8]] = [:]
            for _ in 0..<150 {
                let key = Self.key(using: &generator)
                switch Int.random(in: 0..<10, using: &generator) {
                case 0..<5:
                    let body = (0..<Int.random(in: 0...50, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }
                    let put = Request(method: "PUT", target: Self.path(key), body: body)
                    #expect(try await store.send(put).status == 200)
                    model[Array(key.utf8)] = body
                case 5..<7:
                    #expect(
                        try await store.send(Request(method: "DELETE", target: Self.path(key))).status == 204
                    )
                    model[Array(key.utf8)] = nil
                case 7..<9:
                    let got = try await store.send(Request(target: Self.path(key)))
                    #expect(got.status == (model[Array(key.utf8)] == nil ? 404 : 200))
                    if let body = model[Array(key.utf8)] { #expect(got.body == body) }
                default:
                    let question = ListingModel(
                        prefix: Bool.random(using: &generator) ? "" : String(key.prefix(1)),
                        delimiter: ["", "", "/", "//", "é", "a"].randomElement(using: &generator) ?? "",
                        after: Bool.random(using: &generator) ? "" : Self.key(using: &generator)
                    )
                    let size = Int.random(in: 1...7, using: &generator)
                    let found = try await Self.pages(question, size, store)
                    #expect(found == question.answer(of: model.keys), "seed \(seed), \(question)")
                }
            }
        }
    }

    /// Walks a whole listing, page by page.
    private static func pages(_ question: ListingModel, _ size: Int, _ store: SignedRequests) async throws
        -> [[UInt8]]
    {
        var found: [[UInt8]] = []
        var token: String?
        repeat {
            var target =
                "/bucket?list-type=2&encoding-type=url&max-keys=\(size)&prefix=\(encoded(question.prefix))"
            if !question.delimiter.isEmpty { target += "&delimiter=\(encoded(question.delimiter))" }
            if !question.after.isEmpty { target += "&start-after=\(encoded(question.after))" }
            if let token { target += "&continuation-token=\(encoded(token))" }
            let root = try XMLElement(parsing: try await store.send(Request(target: target)).body)
            let entries =
                root.children("Contents").map { $0.childText("Key") }
                + root.children("CommonPrefixes").map { $0.childText("Prefix") }
            #expect(entries.count <= size)
            // The two lists of a page are one list by byte order.
            let page = entries.compactMap { PercentEncoding.decode(Array(($0 ?? "").utf8)) }
            found += page.sorted { $0.lexicographicallyPrecedes($1) }
            token = root.childText("NextContinuationToken")
            #expect((token != nil) == (root.childText("IsTruncated") == "true"))
        } while token != nil
        return found
    }
}

/// A question to a listing, and its answer by the letter of the protocol.
private struct ListingModel: CustomStringConvertible {
    let prefix: String
    let delimiter: String
    let after: String

    var description: String { "prefix \(Array(prefix.utf8)), \(Array(delimiter.utf8)), \(Array(after.utf8))" }

    func answer(of keys: some Sequence<[UInt8]>) -> [[UInt8]] {
        var answer: [[UInt8]] = []
        for key in keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard key.starts(with: prefix.utf8), Array(after.utf8).lexicographicallyPrecedes(key) else {
                continue
            }
            var entry = key
            let rest = key.dropFirst(prefix.utf8.count)
            if !delimiter.isEmpty, let range = rest.firstRange(of: Array(delimiter.utf8)) {
                entry = Array(key[..<range.upperBound])
                // What a reader has seen already is not listed again.
                if entry == Array(after.utf8) { continue }
            }
            if answer.last != entry { answer.append(entry) }
        }
        return answer
    }
}
