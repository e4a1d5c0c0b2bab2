import Glibc

/// Reads a file of `/proc`, which has no size of its own.
///
/// - Parameter path: The file.
/// - Returns: Its first 64 KB as text, or nil where it cannot be read.
func readSmallFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    let isWhole = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { buffer in
        while bytes.count < 65_536 {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 { return false }
            if count == 0 { break }
            bytes.append(contentsOf: buffer.prefix(count))
        }
        return true
    }
    return isWhole ? String(decoding: bytes, as: UTF8.self) : nil
}
