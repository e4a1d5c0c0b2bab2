import Measurements
import Zlib

/// A histogram as the HdrHistogram libraries exchange it: base64 of version 2, compressed.
enum HistogramText {
    /// What the compressed form begins with.
    private static let cookie: UInt32 = 0x1c84_9314
    /// The most bytes that a histogram of an hour in microseconds may take, generously.
    private static let largest = 1 << 20

    /// Compresses an encoded histogram.
    ///
    /// - Parameter encoded: What ``Histogram/encoded()`` wrote.
    /// - Returns: The text, which begins with "HISTF".
    /// - Throws: ``ZlibError/outOfMemory``.
    static func text(_ encoded: [UInt8]) throws(ZlibError) -> String {
        let packed = try DeflateStream.packed(encoded, format: .zlib, level: 6)
        var bytes: [UInt8] = []
        bytes.appendBigEndian(cookie)
        bytes.appendBigEndian(UInt32(packed.count))
        return Base64.text((bytes + packed)[...])
    }

    /// Unpacks a text; nil for one that is no histogram.
    static func encoded(_ text: String) -> [UInt8]? {
        guard let bytes = Base64.bytes(text.utf8), bytes.count > 8 else { return nil }
        // A damaged text is none, whatever zlib says of it.
        return try? Inflate.unpacked(Array(bytes[8...]), limit: largest)
    }
}
