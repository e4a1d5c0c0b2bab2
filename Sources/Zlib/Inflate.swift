internal import CZlib

/// Unpacks what ``DeflateStream`` packed.
package enum Inflate {
    /// Unpacks bytes at once.
    ///
    /// - Parameters:
    ///   - packed: A whole zlib or gzip stream.
    ///   - limit: The most bytes it may unpack to, so that a small file cannot fill the memory.
    /// - Returns: The bytes.
    /// - Throws: ``ZlibError``.
    ///
    /// The corresponding C function is `inflate`.
    package static func unpacked(_ packed: [UInt8], limit: Int) throws(ZlibError) -> [UInt8] {
        var stream = z_stream()
        // inflate keeps a pointer to its z_stream and refuses one that has moved.
        let result = withUnsafeMutablePointer(to: &stream) { stream -> Result<[UInt8], ZlibError> in
            // 32 more than the window asks for either header to be recognised.
            let status = inflateInit2_(stream, 47, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            guard status == Z_OK else { return .failure(.outOfMemory) }
            defer { inflateEnd(stream) }
            return packed.withUnsafeBufferPointer { run(stream, $0, limit: limit) }
        }
        return try result.get()
    }

    private static func run(
        _ stream: UnsafeMutablePointer<z_stream>,
        _ input: UnsafeBufferPointer<UInt8>,
        limit: Int
    ) -> Result<[UInt8], ZlibError> {
        var output: [UInt8] = []
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { room in
            while true {
                stream.pointee.next_out = room.baseAddress
                stream.pointee.avail_out = UInt32(room.count)
                let status = inflate(stream, Z_NO_FLUSH)
                output.append(contentsOf: room.prefix(room.count - Int(stream.pointee.avail_out)))
                if output.count > limit { return .failure(.tooLarge(limit: limit)) }
                switch status {
                case Z_STREAM_END: return .success(output)
                case Z_OK where stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0: continue
                case Z_OK, Z_BUF_ERROR: return .failure(.damaged(reason: "it ends early"))
                case Z_MEM_ERROR: return .failure(.outOfMemory)
                default:
                    let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
                    return .failure(.damaged(reason: reason))
                }
            }
        }
    }
}
