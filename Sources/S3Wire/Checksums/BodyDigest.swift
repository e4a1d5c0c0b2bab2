import Crypto

/// Everything S3 wants to know of a body, computed in one pass over each buffer.
package struct BodyDigest {
    /// What to compute besides the MD5 of the ETag.
    package struct Plan: Sendable {
        /// Whether the SHA-256 of the payload is needed.
        package var wantsSHA256: Bool
        /// The checksum to compute, if any.
        package var checksum: ChecksumAlgorithm?

        /// Makes a plan.
        ///
        /// - Parameters:
        ///   - wantsSHA256: Whether the SHA-256 of the payload is needed.
        ///   - checksum: The checksum to compute, if any.
        package init(wantsSHA256: Bool, checksum: ChecksumAlgorithm? = nil) {
            self.wantsSHA256 = wantsSHA256
            self.checksum = checksum
        }
    }

    /// Blocks of this size are still in the first-level cache for the second and third hash.
    private static let blockBytes = 16 * 1024

    private var md5 = Insecure.MD5()
    private var sha256: SHA256?
    private var accumulator: ChecksumAccumulator?
    private let sharesSHA256: Bool
    /// How many bytes came.
    package private(set) var byteCount: Int64 = 0

    /// Starts a digest.
    ///
    /// - Parameter plan: What to compute.
    package init(_ plan: Plan) {
        sharesSHA256 = plan.checksum == .sha256
        sha256 = plan.wantsSHA256 || sharesSHA256 ? SHA256() : nil
        accumulator = sharesSHA256 ? nil : plan.checksum.map { ChecksumAccumulator($0) }
    }

    /// Takes the next bytes.
    ///
    /// - Parameter bytes: What comes next.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        byteCount += Int64(bytes.count)
        for start in stride(from: 0, to: bytes.count, by: Self.blockBytes) {
            let block = UnsafeRawBufferPointer(
                rebasing: bytes[start..<min(start + Self.blockBytes, bytes.count)]
            )
            md5.update(bufferPointer: block)
            sha256?.update(bufferPointer: block)
            accumulator?.update(block)
        }
    }

    /// The MD5 of all bytes.
    package var md5Bytes: [UInt8] { Array(md5.finalize()) }

    /// The SHA-256 of all bytes in hexadecimal, or nil if it was not planned.
    package var sha256Text: String? { sha256.map { HexEncoding.encode(Array($0.finalize())) } }

    /// The checksum of all bytes, or nil if none was planned.
    package var checksum: Checksum? {
        guard sharesSHA256 else { return accumulator?.checksum }
        return sha256.map { Checksum(.sha256, bytes: Array($0.finalize())) }
    }
}

/// The SHA-256 that signs a whole payload.
package enum PayloadDigest {
    /// Hashes a payload.
    ///
    /// - Parameter bytes: The whole body.
    /// - Returns: Its SHA-256 in hexadecimal.
    package static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return HexEncoding.encode(Array(hash.finalize()))
    }

    /// Hashes a payload that comes piece by piece.
    ///
    /// - Parameter next: The next piece; an empty one ends it.
    /// - Returns: Its SHA-256 in hexadecimal.
    /// - Throws: What `next` throws.
    package static func sha256(pieces next: () throws -> [UInt8]) rethrows -> String {
        var hash = SHA256()
        while true {
            let piece = try next()
            if piece.isEmpty { return HexEncoding.encode(Array(hash.finalize())) }
            piece.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
    }
}
