import Foundation
import S3Lite
import S3Testing
import S3Wire
import Testing

/// Whatever bytes come, a parser gives one answer or one error: no trap, no endless work.
///
/// Each parser gets two seconds of well-formed input that is damaged at random, or as many as `FUZZ_SECONDS` says. The
/// seed is in what a failure says.
@Suite(.serialized) struct FuzzTests {
    private static let time = Duration.seconds(
        ProcessInfo.processInfo.environment["FUZZ_SECONDS"].flatMap { Int($0) } ?? 2
    )

    /// Pieces that lead deeper than noise does.
    private static let pieces = [
        "\r\n", "\n", "\r", "0", "-1", "7fffffffffffffff", "ffffffffffffffff", ";", ":", "=", "&", "%", "%00",
        "%ff",
        "%2F", "+", "/", "..", "?", "<", ">", "</", "/>", "<a>", "</a>", "&#0;", "&#x110000;", "&amp;",
        "<!DOCTYPE",
        "<![CDATA[", "]]>", "<!--", "-->", "\"", "'", ",", " ", "\u{0}", "é", "chunk-signature=", "x-amz-",
        "bytes=", "-",
        "18446744073709551616", "Signature=",
    ].map { Array($0.utf8) }

    /// Damages input at up to four places.
    private static func damaged(_ input: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = input
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, place + Int.random(in: 0...8, using: &generator))
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 3: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            default:
                guard place < bytes.count else { continue }
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
        }
        return bytes
    }

    /// Tries seed after seed until the time is up.
    private func fuzz(_ attempt: (inout SeededGenerator, UInt64) throws -> Void) rethrows {
        let end = ContinuousClock.now + Self.time
        var seed = UInt64.random(in: 0...1 << 40)
        while ContinuousClock.now < end {
            for _ in 0..<50 {
                var generator = SeededGenerator(seed: seed)
                try attempt(&generator, seed)
                seed += 1
            }
        }
    }

    @Test(arguments: ["", ChunkedBody.unsignedTrailer, ChunkedBody.signedTrailer])
    func `a chunked body means the same however it is cut`(form: String) {
        let scope = SigningScope(date: "20130524", region: "us-east-1")
        let signatures = ChunkSignatures(
            key: SigningKey(secret: "secret", scope: scope),
            time: "20130524T000000Z",
            scope: scope,
            seed: String(repeating: "0", count: 64)
        )
        var chunked = ChunkedBody(chunkBytes: 20)
        if !form.isEmpty {
            chunked.payloadHash = form
            chunked.trailer = ["x-amz-checksum-crc32:AAAAAA=="]
        }
        let isSigned = form != ChunkedBody.unsignedTrailer
        let right = chunked.encode(Array(repeating: 97, count: 50), signatures)
        fuzz { generator, seed in
            let body = Self.damaged(right, using: &generator)
            func decoded(_ pieces: () -> Int) -> DecodedBody {
                DecodedBody(
                    body,
                    size: 50,
                    signatures: isSigned ? signatures : nil,
                    signsTrailer: form == ChunkedBody.signedTrailer,
                    pieces: pieces
                )
            }
            let whole = decoded { body.count }
            #expect(decoded { 1 } == whole, "seed \(seed)")
            #expect(decoded { Int.random(in: 1...30, using: &generator) } == whole, "seed \(seed)")
            // Every byte of a signed body is proved.
            if isSigned, whole.code == nil {
                #expect(whole.plain == Array(repeating: 97, count: 50), "seed \(seed)")
            }
        }
    }

    @Test func `a document is read or refused`() {
        let documents = [
            "<Delete xmlns=\"http://s3\"><Quiet>true</Quiet><Object><Key>a &amp; b</Key></Object></Delete>",
            "<?xml version=\"1.0\"?><CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
                + "<ETag>&#34;e&#34;</ETag></Part></CompleteMultipartUpload>",
            "<a b='c'><![CDATA[x]]><!-- y --><d/></a>",
        ].map { Array($0.utf8) }
        fuzz { generator, seed in
            let bytes = Self.damaged(documents.randomElement(using: &generator) ?? [], using: &generator)
            do throws(S3RequestError) {
                let root = try XMLElement(parsing: bytes)
                #expect(!root.name.isEmpty, "seed \(seed)")
            } catch {
                #expect(error.code == .malformedXML, "seed \(seed)")
            }
        }
    }

    @Test func `no damaged authorization is accepted`() throws {
        let credentials = S3Credentials(accessKey: "key", secretKey: "secret")
        let verifier = RequestVerifier(credentials: [credentials], region: "us-east-1")
        let now = S3Timestamp(seconds: 1_700_000_000)
        let signer = RequestSigner(credentials: credentials, region: "us-east-1")
        let target = try RequestTarget(parsing: "/bucket/key?a=1")
        var signed = HeaderFields(["host": "h"])
        signer.sign(&signed, method: "GET", target: target, payloadHash: PayloadHash.emptyText, at: now)
        let right = Array((signed["authorization"] ?? "").utf8)
        let parts = String(decoding: right, as: UTF8.self).split { ", =".contains($0) }.map(String.init)
        let host = HeaderFields(["host": "h"])
        let presigned = Array(
            signer.presign(method: "GET", target: target, authority: "h", expirySeconds: 60, at: now).encoded
                .utf8
        )
        func isAccepted(_ target: RequestTarget, _ headers: HeaderFields) -> Bool {
            do throws(S3RequestError) {
                _ = try verifier.verify(method: "GET", target: target, headers: headers, now: now)
                return true
            } catch {
                return false
            }
        }
        let rightLink = try RequestTarget(parsing: String(decoding: presigned, as: UTF8.self))
        #expect(isAccepted(target, signed) && isAccepted(rightLink, host))
        fuzz { generator, seed in
            let text = String(decoding: Self.damaged(right, using: &generator), as: UTF8.self)
            var headers = HeaderFields()
            for field in signed.fields where field.name != "authorization" {
                headers.append(field.name, field.value)
            }
            headers.append("authorization", text)
            // Spaces may differ; nothing else may.
            if isAccepted(target, headers) {
                #expect(text.split { ", =".contains($0) }.map(String.init) == parts, "seed \(seed): \(text)")
            }
            let link = String(decoding: Self.damaged(presigned, using: &generator), as: UTF8.self)
            // What can't be read is no request.
            guard let other = try? RequestTarget(parsing: link), isAccepted(other, host) else { return }
            #expect(other.encoded == rightLink.encoded, "seed \(seed): \(link)")
        }
    }

    @Test func `a target that is read is written so that it reads the same`() {
        let right = Array("/bucket/a%20b//../c?uploads&prefix=a%2Fb+c&partNumber=1".utf8)
        fuzz { generator, seed in
            let text = String(decoding: Self.damaged(right, using: &generator), as: UTF8.self)
            // What can't be read is no request.
            guard let target = try? RequestTarget(parsing: text) else { return }
            let again = try? RequestTarget(parsing: target.encoded)
            #expect(again?.path == target.path && again?.encoded == target.encoded, "seed \(seed): \(text)")
        }
    }

    @Test func `a range lies within its object or is none`() {
        let right = ["bytes=0-499", "bytes=-500", "bytes=9500-", "bytes=0-0"].map { Array($0.utf8) }
        fuzz { generator, seed in
            let bytes = Self.damaged(right.randomElement(using: &generator) ?? [], using: &generator)
            let size = [Int64](arrayLiteral: 0, 1, 500, 10_000, .max).randomElement(using: &generator) ?? 0
            guard let range = ByteRange(String(decoding: bytes, as: UTF8.self)),
                let offsets = range.offsets(in: size)
            else { return }
            #expect(!offsets.isEmpty && offsets.lowerBound >= 0 && offsets.upperBound <= size, "seed \(seed)")
        }
    }
}
