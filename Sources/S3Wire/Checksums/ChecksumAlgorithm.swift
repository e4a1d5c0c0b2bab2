/// A checksum that S3 clients may send with an object.
public enum ChecksumAlgorithm: String, Sendable, Hashable, CaseIterable {
    case crc32 = "CRC32"
    case crc32c = "CRC32C"
    case crc64nvme = "CRC64NVME"
    case sha1 = "SHA1"
    case sha256 = "SHA256"

    /// The header and trailer that carries it.
    package var headerName: String {
        switch self {
        case .crc32: "x-amz-checksum-crc32"
        case .crc32c: "x-amz-checksum-crc32c"
        case .crc64nvme: "x-amz-checksum-crc64nvme"
        case .sha1: "x-amz-checksum-sha1"
        case .sha256: "x-amz-checksum-sha256"
        }
    }

    /// Whether the checksum of a whole follows from those of its parts.
    package var isCombinable: Bool {
        switch self {
        case .crc32, .crc32c, .crc64nvme: true
        case .sha1, .sha256: false
        }
    }

    /// How many bytes it has.
    package var byteCount: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// Finds the algorithm of a header.
    ///
    /// - Parameter headerName: A header's name in lower case.
    package init?(headerName: String) {
        guard let found = Self.allCases.first(where: { $0.headerName == headerName }) else { return nil }
        self = found
    }
}

/// A checksum with its value, as a client sent it or as it was computed.
package struct Checksum: Sendable, Hashable {
    /// How it was computed.
    package let algorithm: ChecksumAlgorithm
    /// The value, big-endian for a CRC.
    package let bytes: [UInt8]

    /// Names a value.
    ///
    /// - Parameters:
    ///   - algorithm: How it was computed.
    ///   - bytes: The value.
    package init(_ algorithm: ChecksumAlgorithm, bytes: [UInt8]) {
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Reads a header's value.
    ///
    /// - Parameters:
    ///   - algorithm: The header's algorithm.
    ///   - base64: The header's value.
    package init?(_ algorithm: ChecksumAlgorithm, base64: String) {
        guard let bytes = Base64Encoding.decode(base64), bytes.count == algorithm.byteCount else {
            return nil
        }
        self.init(algorithm, bytes: bytes)
    }

    /// The value as headers carry it.
    package var base64: String { Base64Encoding.encode(bytes) }

    /// Joins the checksums of an object's pieces to that of the whole.
    ///
    /// - Parameters:
    ///   - pieces: Checksum and size of each piece, in order.
    ///   - algorithm: The pieces' algorithm.
    /// - Returns: The checksum of the whole; nil where only its bytes could tell, or for another algorithm's pieces.
    package static func combining(
        _ pieces: [(checksum: Checksum, size: Int64)],
        _ algorithm: ChecksumAlgorithm
    ) -> Checksum? {
        func combined<Word>(_ check: CyclicRedundancyCheck<Word>) -> Checksum? {
            var whole: Word = 0
            for (checksum, size) in pieces {
                guard checksum.algorithm == algorithm else { return nil }
                let piece = checksum.bytes.reduce(0 as Word) { $0 << 8 | Word($1) }
                whole = check.combine(whole, piece, length: size)
            }
            return Checksum(algorithm, bytes: withUnsafeBytes(of: whole.bigEndian) { Array($0) })
        }
        return switch algorithm {
        case .crc32: combined(CyclicRedundancyChecks.crc32)
        case .crc32c: combined(CyclicRedundancyChecks.crc32c)
        case .crc64nvme: combined(CyclicRedundancyChecks.crc64nvme)
        case .sha1, .sha256: nil
        }
    }
}
