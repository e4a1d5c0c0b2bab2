import Crypto

/// One of the five checksums, computed as the bytes come.
enum ChecksumAccumulator {
    case crc32(UInt32)
    case crc32c(UInt32)
    case crc64nvme(UInt64)
    case sha1(Insecure.SHA1)
    case sha256(SHA256)

    /// Starts a checksum.
    ///
    /// - Parameter algorithm: Which one.
    init(_ algorithm: ChecksumAlgorithm) {
        switch algorithm {
        case .crc32: self = .crc32(0)
        case .crc32c: self = .crc32c(0)
        case .crc64nvme: self = .crc64nvme(0)
        case .sha1: self = .sha1(Insecure.SHA1())
        case .sha256: self = .sha256(SHA256())
        }
    }

    /// Takes the next bytes.
    ///
    /// - Parameter bytes: What comes next.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .crc32(let value): self = .crc32(CyclicRedundancyChecks.crc32.update(value, bytes))
        case .crc32c(let value): self = .crc32c(CyclicRedundancyChecks.crc32c.update(value, bytes))
        case .crc64nvme(let value): self = .crc64nvme(CyclicRedundancyChecks.crc64nvme.update(value, bytes))
        case .sha1(var hash):
            hash.update(bufferPointer: bytes)
            self = .sha1(hash)
        case .sha256(var hash):
            hash.update(bufferPointer: bytes)
            self = .sha256(hash)
        }
    }

    /// The checksum of all bytes so far.
    var checksum: Checksum {
        switch self {
        case .crc32(let value): Checksum(.crc32, bytes: Self.bigEndian(value))
        case .crc32c(let value): Checksum(.crc32c, bytes: Self.bigEndian(value))
        case .crc64nvme(let value): Checksum(.crc64nvme, bytes: Self.bigEndian(value))
        case .sha1(let hash): Checksum(.sha1, bytes: Array(hash.finalize()))
        case .sha256(let hash): Checksum(.sha256, bytes: Array(hash.finalize()))
        }
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

extension Checksum {
    /// Computes the checksum of bytes that are at hand.
    ///
    /// - Parameters:
    ///   - algorithm: Which one.
    ///   - bytes: All the bytes.
    package init(_ algorithm: ChecksumAlgorithm, of bytes: UnsafeRawBufferPointer) {
        var accumulator = ChecksumAccumulator(algorithm)
        accumulator.update(bytes)
        self = accumulator.checksum
    }
}
