import Zlib

/// Writes a picture as PNG.
///
/// Cairo's own writer tries each filter on each row and packs at level 6, which takes most of the time that a
/// chart takes. Flat areas with sharp edges are told best by the difference to the row above.
struct PNGFile {
    let width: Int
    let height: Int
    /// What stands between the header and the picture.
    let metadata: [UInt8]

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// PNG Specification, 9.2: each byte less the one above it.
    private static let filterUp: UInt8 = 2
    private static let level = 6
    /// How many rows are packed at a time.
    private static let batch = 64

    /// Writes the file.
    ///
    /// - Parameter withRow: Gives a row's pixels to its closure: 0x00RRGGBB each, the highest 8 bits undefined.
    /// - Returns: The bytes of the file.
    /// - Throws: ``ZlibError`` if memory is short.
    func encode(
        _ withRow: (_ row: Int, _ body: (UnsafeBufferPointer<UInt32>) -> Void) -> Void
    ) throws(ZlibError) -> [UInt8] {
        let stream = try DeflateStream(format: .zlib, level: Self.level)
        let blank = [Self.filterUp] + [UInt8](repeating: 0, count: 3 * width)
        var above = [UInt32](repeating: 0, count: width)
        var filtered: [UInt8] = []
        var packed: [UInt8] = []
        for number in 0..<height {
            filtered += blank
            let start = filtered.count - 3 * width
            withRow(number) { Self.filter($0, &above, to: &filtered, from: start) }
            if (number + 1).isMultiple(of: Self.batch) {
                stream.write(filtered, to: &packed)
                filtered.removeAll(keepingCapacity: true)
            }
        }
        stream.write(filtered, to: &packed)
        stream.finish(to: &packed)
        // 8 bits a part, red, green and blue, and the only kinds of packing, filtering and order that there are.
        let header = PNGMetadata.bytes(UInt32(width)) + PNGMetadata.bytes(UInt32(height)) + [8, 2, 0, 0, 0]
        return Self.signature + PNGMetadata.chunk("IHDR", header) + metadata
            + PNGMetadata.chunk("IDAT", packed) + PNGMetadata.chunk("IEND", [])
    }

    /// Writes how a row differs from the one above, which it then is; most pixels of a chart don't.
    private static func filter(
        _ pixels: UnsafeBufferPointer<UInt32>,
        _ above: inout [UInt32],
        to filtered: inout [UInt8],
        from start: Int
    ) {
        above.withUnsafeMutableBufferPointer { above in
            filtered.withUnsafeMutableBufferPointer { filtered in
                var (column, place) = (0, start)
                while column < above.count {
                    let (pixel, before) = (pixels[column], above[column])
                    if pixel != before {
                        for part in 0..<3 {
                            let shift = UInt32(16 - 8 * part)
                            filtered[place + part] =
                                UInt8(truncatingIfNeeded: pixel >> shift)
                                &- UInt8(truncatingIfNeeded: before >> shift)
                        }
                        above[column] = pixel
                    }
                    column += 1
                    place += 3
                }
            }
        }
    }
}
