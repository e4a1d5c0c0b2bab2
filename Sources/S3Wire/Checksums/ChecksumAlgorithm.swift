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
}
