import S3Testing
import S3Wire
import Testing

/// Any bytes give an answer or an error: no trap, no unbounded work.
struct HostileInputTests {
    /// Pieces that documents and headers are made of, to get deeper than noise does.
    private static let pieces = [
        "<", ">", "</", "/>", "<a>", "</a>", "<a b='c'>", "&amp;", "&#34;", "&#x1F600;", "&#xFFFFFFFF;",
        "&lt", "]]>",
        "<![CDATA[", "<!--", "-->", "<?xml?>", "<!DOCTYPE a [<!ENTITY b \"c\">]>", "&b;", "\"", "'", "=", " ",
        "é", "\u{0}",
        "Credential=", "SignedHeaders=", "Signature=", "AWS4-HMAC-SHA256", "/", ",", ";", "20130524",
        "us-east-1", "s3",
        "aws4_request", "host", "?", "&", "%", "%2", "%zz", "+", "%C3%28",
    ]

    private static func text(_ seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...30, using: &generator) {
            bytes += Array((pieces.randomElement(using: &generator) ?? "").utf8)
            if Int.random(in: 0..<8, using: &generator) == 0 {
                bytes.append(UInt8.random(in: 0...255, using: &generator))
            }
        }
        return bytes
    }

    @Test(arguments: 0..<10) func `a document is read or refused, and written ones come back`(part: UInt64)
        throws
    {
        for seed in part * 2000..<(part + 1) * 2000 {
            let bytes = Self.text(seed)
            var xml = XMLWriter()
            xml.root("Root") { $0.text("Key", bytes: bytes) }
            if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) {
                // A carriage return would be read as a line feed if it were not written as a reference.
                #expect(try XMLElement(parsing: xml.bytes).childText("Key") == text)
            }
            do throws(S3RequestError) {
                _ = try XMLElement(parsing: bytes)
            } catch {
                #expect(error.code == .malformedXML)
            }
        }
    }

    @Test(arguments: [
        String(repeating: "<a>", count: 100_000),
        String(repeating: "<a>", count: 9) + String(repeating: "</a>", count: 9),
        "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>", "<a>&b;</a>",
        "<a></b>", "<a/><b/>", "x<a/>", "<a b></a>",
    ])
    func `bombs, depth and disorder are refused`(document: String) {
        #expect(throws: S3RequestError.self) { try XMLElement(parsing: Array(document.utf8)) }
    }

    @Test(arguments: 0..<10) func `a target is read or refused`(part: UInt64) {
        for seed in part * 2000..<(part + 1) * 2000 {
            let target = "/" + String(decoding: Self.text(seed), as: UTF8.self)
            guard let read = try? RequestTarget(parsing: target) else { continue }
            // What was read is written in one canonical form, which reads back the same.
            let again = try? RequestTarget(parsing: read.encoded)
            #expect(again?.path == read.path && again?.query.count == read.query.count)
        }
    }

    @Test(arguments: 0..<10) func `an authorization is accepted from its owner only`(part: UInt64) {
        let verifier = RequestVerifier(credentials: [SigV4VectorTests.credentials], region: "us-east-1")
        for seed in part * 1000..<(part + 1) * 1000 {
            var headers = HeaderFields(["host": "h", "x-amz-date": "20130524T000000Z"])
            headers.append("x-amz-content-sha256", PayloadHash.unsignedText)
            headers.append("authorization", String(decoding: Self.text(seed), as: UTF8.self))
            headers.append("x-amz-meta", String(decoding: Self.text(seed + 1), as: UTF8.self))
            #expect(throws: S3RequestError.self) {
                try verifier.verify(
                    method: "GET",
                    target: RequestTarget(path: Array("/b/k".utf8)),
                    headers: headers,
                    now: SigV4VectorTests.time
                )
            }
        }
    }
}
