import S3Lite
import S3Wire
import Testing

/// Bodies in aws-chunked encoding: stored if every byte is proved, else not at all.
struct ChunkedUploadTests {
    private typealias Request = SignedRequests.Request

    private static let bytes = (0..<200_001).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 6) }
    private static let checksums: [ChecksumAlgorithm: String] = Dictionary(
        uniqueKeysWithValues: ChecksumAlgorithm.allCases.map { algorithm in
            var digest = BodyDigest(.init(wantsSHA256: false, checksum: algorithm))
            bytes.withUnsafeBytes { digest.update($0) }
            return (algorithm, digest.checksum?.base64 ?? "")
        }
    )

    private static func put(_ chunked: ChunkedBody, _ store: SignedRequests) async throws
        -> SignedRequests.Answer
    {
        try await store.send(Request(method: "PUT", target: "/bucket/a", body: bytes), as: chunked)
    }

    private static func trailing(_ form: String, _ algorithm: ChecksumAlgorithm = .crc32) -> ChunkedBody {
        ChunkedBody(
            payloadHash: form,
            declaredTrailer: algorithm.headerName,
            trailer: ["\(algorithm.headerName):\(checksums[algorithm] ?? "")"]
        )
    }

    @Test(arguments: TestStorage.allCases, [100_000, 65_536, 200_001, 8192])
    func `signed chunks of any size make the object`(storage: TestStorage, chunkBytes: Int) async throws {
        try await storage.withStore { store in
            #expect(try await Self.put(ChunkedBody(chunkBytes: chunkBytes), store).status == 200)
            let got = try await store.send(Request(target: "/bucket/a"))
            #expect(got.body == Self.bytes && got.header("content-encoding") == nil)
        }
    }

    @Test(arguments: [ChunkedBody.signedTrailer, ChunkedBody.unsignedTrailer], ChecksumAlgorithm.allCases)
    func `a checksum in the trailer is checked, kept and answered`(
        form: String,
        algorithm: ChecksumAlgorithm
    ) async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await Self.put(Self.trailing(form, algorithm), store)
            #expect(answer.status == 200)
            #expect(answer.header(algorithm.headerName) == Self.checksums[algorithm])
            let mode = ("x-amz-checksum-mode", "ENABLED")
            let got = try await store.send(Request(target: "/bucket/a", headers: [mode]))
            #expect(got.body == Self.bytes && got.header(algorithm.headerName) == Self.checksums[algorithm])
        }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let chunked: ChunkedBody
        let status: Int
        let code: S3ErrorCode
    }

    private static func wrong(
        _ name: String,
        _ status: Int,
        _ code: S3ErrorCode,
        _ form: ChunkedBody = ChunkedBody(),
        _ change: (inout ChunkedBody) -> Void
    ) -> Wrong {
        var chunked = form
        change(&chunked)
        return Wrong(testDescription: name, chunked: chunked, status: status, code: code)
    }

    static let cases = [
        wrong("chunk signature", 403, .signatureDoesNotMatch) {
            $0.forge = { $0.replacing("a", with: "b").replacing("1", with: "2") }
        },
        wrong("a chunk's byte", 403, .signatureDoesNotMatch) { $0.damage = { $0[5000] ^= 1 } },
        wrong("final chunk left out", 400, .incompleteBody) { $0.damage = { $0.removeLast(90) } },
        wrong("declared longer", 400, .incompleteBody) { $0.declaredSize = 200_002 },
        wrong("declared shorter", 400, .incompleteBody) { $0.declaredSize = 200_000 },
        wrong("bytes after the end", 400, .incompleteBody) { $0.damage = { $0 += [65, 65] } },
        wrong("no size", 400, .invalidRequest) { $0.damage = { $0[0] = UInt8(ascii: "-") } },
        wrong("trailer signature", 403, .signatureDoesNotMatch, trailing(ChunkedBody.signedTrailer)) {
            $0.damage = { $0[$0.count - 5] = $0[$0.count - 5] == 48 ? 49 : 48 }
        },
        wrong("trailer checksum", 400, .badDigest, trailing(ChunkedBody.unsignedTrailer)) {
            $0.trailer = ["x-amz-checksum-crc32:AAAAAA=="]
        },
        wrong("trailer checksum malformed", 400, .invalidRequest, trailing(ChunkedBody.unsignedTrailer)) {
            $0.trailer = ["x-amz-checksum-crc32:AAAA"]
        },
        wrong("trailer missing", 400, .malformedTrailer, trailing(ChunkedBody.unsignedTrailer)) {
            $0.trailer = []
        },
        wrong("another trailer", 400, .malformedTrailer, trailing(ChunkedBody.unsignedTrailer)) {
            $0.trailer = ["x-amz-checksum-crc32c:AAAAAA=="]
        },
        wrong("trailer undeclared", 400, .malformedTrailer, trailing(ChunkedBody.unsignedTrailer)) {
            $0.declaredTrailer = nil
        },
        wrong("trailer unsupported", 400, .invalidRequest, trailing(ChunkedBody.unsignedTrailer)) {
            $0.declaredTrailer = "x-amz-checksum-md4"
        },
        wrong("trailer without a form for it", 400, .invalidRequest) {
            $0.declaredTrailer = "x-amz-checksum-crc32"
        },
    ]

    @Test(arguments: TestStorage.allCases, cases)
    func `a body that is not proved is refused and the old object stays`(storage: TestStorage, example: Wrong)
        async throws
    {
        try await storage.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: [1]))
            let answer = try await Self.put(example.chunked, store)
            #expect(answer.status == example.status && answer.code == example.code)
            #expect(try await store.send(Request(target: "/bucket/a")).body == [1])
        }
    }

    @Test func `a chunked body without its plain length is refused`() async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(
                Request(
                    method: "PUT",
                    target: "/bucket/a",
                    body: [1],
                    payloadHash: ChunkedBody().payloadHash
                )
            )
            #expect(answer.status == 411 && answer.code == .missingContentLength)
        }
    }

    @Test func `a document may come in chunks as well`() async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: [1]))
            let document = Array("<Delete><Object><Key>a</Key></Object></Delete>".utf8)
            let request = Request(method: "POST", target: "/bucket?delete", body: document)
            #expect(try await store.send(request, as: ChunkedBody()).status == 200)
            #expect(try await store.send(Request(target: "/bucket/a")).code == .noSuchKey)
            var unproved = ChunkedBody()
            unproved.payloadHash = ChunkedBody.unsignedTrailer
            #expect(try await store.send(request, as: unproved).code == .invalidRequest)
        }
    }
}
