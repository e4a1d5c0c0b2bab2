import S3Testing
import S3Wire
import Testing

struct ChunkedDecoderTests {
    /// AWS, "Signature calculations for the authorization header: transferring payload in multiple chunks".
    private static let example = ChunkSignatures(
        key: SigningKey(
            secret: SigV4VectorTests.credentials.secretKey,
            scope: SigningScope(date: "20130524", region: "us-east-1")
        ),
        time: "20130524T000000Z",
        scope: SigningScope(date: "20130524", region: "us-east-1"),
        seed: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    )

    private static let exampleBody: [UInt8] = {
        let chunks = [
            (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
            (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
            (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
        ]
        return chunks.flatMap { size, signature in
            Array("\(String(size, radix: 16));chunk-signature=\(signature)\r\n".utf8)
                + [UInt8](repeating: UInt8(ascii: "a"), count: size) + Array("\r\n".utf8)
        }
    }()

    @Test func `the chunks that AWS signed as an example are accepted`() {
        let outcome = DecodedBody(Self.exampleBody, size: 66_560, signatures: Self.example) { 5000 }
        #expect(outcome.code == nil && outcome.plain.count == 66_560)
    }

    @Test(arguments: [30, 100, 66_000, 66_700, 66_800])
    func `a byte that is changed on the way is noticed`(position: Int) {
        var body = Self.exampleBody
        body[position] ^= 1
        let outcome = DecodedBody(body, size: 66_560, signatures: Self.example) { 65_536 }
        #expect(outcome.code != nil)
    }

    @Test func `a signed trailer is accepted, a changed one is not`() {
        var signatures = Self.example
        let data = Array("Hello".utf8)
        let hash = data.withUnsafeBytes { PayloadDigest.sha256($0) }
        let first = signatures.sign(chunk: hash)
        let last = signatures.sign(chunk: PayloadHash.emptyText)
        let field = "x-amz-checksum-crc32:99GJgg=="
        let seal = signatures.sign(trailer: field + "\n")
        for gap in ["", "\r\n"] {
            let body =
                "5;chunk-signature=\(first)\r\nHello\r\n0;chunk-signature=\(last)\r\n\(field)\n\(gap)"
                + "x-amz-trailer-signature:\(seal)\r\n\r\n"
            func outcome(_ body: String) -> DecodedBody {
                DecodedBody(Array(body.utf8), size: 5, signatures: Self.example, signsTrailer: true) { 7 }
            }
            #expect(outcome(body) == DecodedBody(plain: data, trailer: ["x-amz-checksum-crc32=99GJgg=="]))
            #expect(outcome(body.replacing("99GJgg", with: "99GJgh")).code == .signatureDoesNotMatch)
            #expect(
                outcome(body.replacing("x-amz-trailer-signature", with: "x-amz-other")).code
                    == .malformedTrailer
            )
        }
    }

    @Test(arguments: [
        ("3\r\nabc\r\n0\r\n\r\n", Int64(3), S3ErrorCode?.none), ("3\r\nabc\r\n0\r\n", 3, nil),
        ("0\r\n\r\n", 0, nil), ("3;x=y\r\nabc\r\n0\r\n", 3, nil),
        ("3\r\nabc\r\n0\r\nx-a:1", 3, nil), ("3\r\nabc\r\n0\r\nx-a:1\n\r\n", 3, nil),
        ("3\r\nabc\r\n", 3, .incompleteBody), ("3\r\nab", 3, .incompleteBody), ("", 0, .incompleteBody),
        ("3\r\nabc\r\n0\r\n\r\n", 4, .incompleteBody), ("3\r\nabc\r\n0\r\n\r\n", 2, .incompleteBody),
        ("3\r\nabcd\r\n0\r\n\r\n", 3, .incompleteBody), ("3\r\nabc\r\n0\r\n\r\nx", 3, .incompleteBody),
        ("-3\r\nabc\r\n0\r\n\r\n", 3, .invalidRequest), ("x\r\nabc\r\n", 3, .invalidRequest),
        ("\r\nabc\r\n", 3, .invalidRequest), ("3\nabc\r\n0\r\n\r\n", 3, .invalidRequest),
        ("ffffffffffffffff\r\n", 3, .invalidRequest), ("7fffffffffffffff\r\n", 3, .incompleteBody),
        ("00000000000000003\r\nabc\r\n0\r\n\r\n", 3, .invalidRequest),
        ("3\r\nabc\r\n0\r\nno colon\r\n\r\n", 3, .malformedTrailer),
        (String(repeating: "0", count: 5000), 3, .invalidRequest),
    ])
    func `what is not well-formed, or not what was declared, is refused`(
        body: String,
        size: Int64,
        code: S3ErrorCode?
    ) {
        #expect(DecodedBody(Array(body.utf8), size: size) { 1 }.code == code)
        #expect(DecodedBody(Array(body.utf8), size: size) { 10_000 }.code == code)
    }

    @Test func `unsigned chunks are not accepted where signed ones are declared`() {
        let outcome = DecodedBody(Array("3\r\nabc\r\n0\r\n\r\n".utf8), size: 3, signatures: Self.example) {
            100
        }
        #expect(outcome.code == .invalidRequest)
    }

    /// Any bytes at any split give the same result and never a trap.
    @Test(arguments: 0..<20) func `how a body is cut changes nothing`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var size: Int64 = 0
            var body: [UInt8] = []
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                let count = Int.random(in: 1...40, using: &generator)
                size += Int64(count)
                body += Array("\(String(count, radix: 16))\r\n".utf8)
                body += (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
                body += Array("\r\n".utf8)
            }
            body += Array("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n".utf8)
            if Bool.random(using: &generator) {
                let place = Int.random(in: body.indices, using: &generator)
                body[place] = [13, 10, 48, 59, 58, 255].randomElement(using: &generator) ?? 0
            }
            if Bool.random(using: &generator) { body.removeLast(Int.random(in: 0...8, using: &generator)) }
            let whole = DecodedBody(body, size: size) { body.count }
            #expect(DecodedBody(body, size: size) { 1 } == whole)
            var cuts = SeededGenerator(seed: seed &+ 1000)
            #expect(DecodedBody(body, size: size) { Int.random(in: 1...20, using: &cuts) } == whole)
        }
    }
}
