internal import CZlib

/// Checksums that zlib computes.
package enum Checksum {
    /// The CRC of ISO 3309, as gzip and PNG use it.
    ///
    /// The corresponding C function is `crc32_z`.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: The checksum; 0 of no bytes.
    package static func crc32(of bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
    }
}
