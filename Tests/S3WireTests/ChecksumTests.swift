import S3Wire
import Testing

struct ChecksumTests {
    private func digest(_ bytes: [UInt8], _ algorithm: ChecksumAlgorithm, cutAt cut: Int = 0) -> BodyDigest {
        var digest = BodyDigest(.init(wantsSHA256: true, checksum: algorithm))
        bytes[..<cut].withUnsafeBytes { digest.update($0) }
        bytes[cut...].withUnsafeBytes { digest.update($0) }
        return digest
    }

    @Test(arguments: [
        (ChecksumAlgorithm.crc32, "cbf43926"),
        (.crc32c, "e3069283"),
        (.crc64nvme, "ae8b14860a799888"),
        (.sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        (.sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ])
    func `the check value of each algorithm is the published one`(algorithm: ChecksumAlgorithm, hex: String) {
        let checksum = digest(Array("123456789".utf8), algorithm).checksum
        #expect(
            checksum?.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == hex
        )
    }

    @Test(arguments: ChecksumAlgorithm.allCases)
    func `a checksum does not depend on how the bytes are cut`(algorithm: ChecksumAlgorithm) {
        let bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        let whole = digest(bytes, algorithm)
        for cut in [1, 15, 16, 17, 16_384, 39_999] {
            let cutDigest = digest(bytes, algorithm, cutAt: cut)
            #expect(cutDigest.checksum == whole.checksum)
            #expect(cutDigest.md5Bytes == whole.md5Bytes)
            #expect(cutDigest.sha256Text == whole.sha256Text)
        }
    }

    @Test func `a checksum header of the wrong length or alphabet is refused`() {
        #expect(Checksum(.crc32, base64: "y/Q5Jg==")?.bytes == [0xCB, 0xF4, 0x39, 0x26])
        #expect(Checksum(.crc32, base64: "y/Q5JgA=") == nil)
        #expect(Checksum(.crc32, base64: "y/Q5Jg") == nil)
        #expect(Checksum(.crc32, base64: "y*Q5Jg==") == nil)
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func `Base64 is that of RFC 4648`(plain: String, encoded: String) {
        #expect(Base64Encoding.encode(Array(plain.utf8)) == encoded)
        #expect(Base64Encoding.decode(encoded) == Array(plain.utf8))
    }
}

/// Checksums of pieces joined to that of the whole.
struct CombinedChecksumTests {
    private func checksum(_ bytes: ArraySlice<UInt8>, _ algorithm: ChecksumAlgorithm) throws -> Checksum {
        var digest = BodyDigest(.init(wantsSHA256: false, checksum: algorithm))
        Array(bytes).withUnsafeBytes { digest.update($0) }
        return try #require(digest.checksum)
    }

    @Test(arguments: [ChecksumAlgorithm.crc32, .crc32c, .crc64nvme])
    func `joined checksums are that of the joined bytes`(algorithm: ChecksumAlgorithm) throws {
        let bytes = (0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        let cuts = [0, 0, 1, 9, 5000, 5000, 77_777, 100_003]
        let pieces = try zip(cuts, cuts.dropFirst()).map { start, end in
            (checksum: try checksum(bytes[start..<end], algorithm), size: Int64(end - start))
        }
        let whole = try checksum(bytes[...], algorithm)
        #expect(Checksum.combining(pieces, algorithm) == whole)
    }

    @Test(arguments: [ChecksumAlgorithm.sha1, .sha256])
    func `a hash of the whole does not follow from those of its parts`(algorithm: ChecksumAlgorithm) throws {
        let piece = (checksum: try checksum([1], algorithm), size: Int64(1))
        #expect(Checksum.combining([piece, piece], algorithm) == nil && !algorithm.isCombinable)
    }
}
