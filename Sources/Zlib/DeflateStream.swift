internal import CZlib

/// A stream that packs bytes as they come.
///
/// Gzip output carries neither name nor time, so equal input gives equal output. The corresponding C type
/// is `z_stream`.
package struct DeflateStream: ~Copyable {
    /// What surrounds the packed bytes.
    package enum Format: Sendable {
        /// RFC 1950.
        case zlib
        /// RFC 1952.
        case gzip
    }

    // deflate keeps a pointer to its z_stream and refuses one that has moved.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Opens a stream.
    ///
    /// - Parameters:
    ///   - format: What surrounds the packed bytes.
    ///   - level: From 1, fast, to 9, small.
    /// - Throws: ``ZlibError/outOfMemory``.
    ///
    /// The corresponding C function is `deflateInit2`.
    package init(format: Format, level: Int) throws(ZlibError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 is the largest window; 16 more asks for a gzip header. 8 is zlib's default memory level.
        let status = deflateInit2_(
            stream,
            Int32(min(max(1, level), 9)),
            Z_DEFLATED,
            format == .gzip ? 31 : 15,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else {
            stream.deallocate()
            throw .outOfMemory
        }
        self.stream = stream
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Packs bytes.
    ///
    /// - Parameters:
    ///   - bytes: What to pack.
    ///   - output: What zlib has ready is appended here.
    package borrowing func write(_ bytes: borrowing [UInt8], to output: inout [UInt8]) {
        run(bytes, flush: Z_NO_FLUSH, to: &output)
    }

    /// Packs what is left and ends the stream.
    ///
    /// - Parameter output: The last bytes are appended here.
    package consuming func finish(to output: inout [UInt8]) {
        run([], flush: Z_FINISH, to: &output)
    }

    /// Packs bytes at once.
    ///
    /// - Parameters:
    ///   - bytes: What to pack.
    ///   - format: What surrounds the packed bytes.
    ///   - level: From 1, fast, to 9, small.
    /// - Returns: The packed bytes.
    /// - Throws: ``ZlibError/outOfMemory``.
    package static func packed(_ bytes: [UInt8], format: Format, level: Int) throws(ZlibError) -> [UInt8] {
        let stream = try DeflateStream(format: format, level: level)
        var output: [UInt8] = []
        stream.write(bytes, to: &output)
        stream.finish(to: &output)
        return output
    }

    /// The corresponding C function is `deflate`, which cannot fail with room to write and a stream that
    /// was opened well.
    private borrowing func run(_ bytes: borrowing [UInt8], flush: Int32, to output: inout [UInt8]) {
        bytes.withUnsafeBufferPointer { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { room in
                repeat {
                    stream.pointee.next_out = room.baseAddress
                    stream.pointee.avail_out = UInt32(room.count)
                    deflate(stream, flush)
                    output.append(contentsOf: room.prefix(room.count - Int(stream.pointee.avail_out)))
                } while stream.pointee.avail_out == 0
            }
            stream.pointee.next_in = nil
        }
    }
}
