import Zlib

/// A column of whole numbers as text: `p1:` and base64 of zlib of LEB128 of zigzag of first differences.
///
/// Times of one column rise in small steps, so a sample takes a few bytes.
enum PackedColumn {
    static let prefix = "p1:"
    /// The most bytes that one number takes in LEB128.
    private static let widest = 10
    /// A fast level: the differences are nearly random, and higher levels gain little.
    private static let level = 4

    /// How many bytes are packed at a time; a multiple of 3, so that base64 has no padding in between.
    private static let piece = 3 << 14

    /// Packs numbers piece by piece, for there may be millions.
    ///
    /// - Parameters:
    ///   - values: The numbers.
    ///   - json: Where the text is written.
    /// - Throws: ``ZlibError/outOfMemory``.
    static func write(_ values: some Sequence<Int64>, to json: inout JSONWriter) throws(ZlibError) {
        try json.plainText { json throws(ZlibError) in
            json.piece(prefix)
            let stream = try DeflateStream(format: .zlib, level: level)
            var bytes: [UInt8] = []
            var packed: [UInt8] = []
            var last: Int64 = 0
            for value in values {
                let difference = value &- last
                last = value
                var rest = UInt64(bitPattern: (difference << 1) ^ (difference >> 63))
                while rest >= 0x80 {
                    bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                    rest >>= 7
                }
                bytes.append(UInt8(rest))
                guard bytes.count >= piece else { continue }
                stream.write(bytes, to: &packed)
                bytes.removeAll(keepingCapacity: true)
                let whole = packed.count / 3 * 3
                json.piece(Base64.text(packed[..<whole]))
                packed.removeFirst(whole)
            }
            stream.write(bytes, to: &packed)
            stream.finish(to: &packed)
            json.piece(Base64.text(packed[...]))
        }
    }

    /// Unpacks numbers.
    ///
    /// - Parameters:
    ///   - text: The text, in UTF-8.
    ///   - count: How many numbers it holds.
    /// - Returns: The numbers, or as many as show that there are more; nil for a text that is not packed or cut.
    static func unpacked(_ text: some Collection<UInt8>, count: Int) -> [Int64]? {
        guard text.starts(with: prefix.utf8), let packed = Base64.bytes(text.dropFirst(prefix.utf8.count)),
            // A damaged column is one fault to its reader, whatever zlib says of it.
            let bytes = try? Inflate.unpacked(packed, limit: count * widest)
        else { return nil }
        var values: [Int64] = []
        values.reserveCapacity(min(count, bytes.count))
        var last: Int64 = 0
        var rest: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            guard shift < 64 else { return nil }
            rest |= UInt64(byte & 0x7F) << shift
            shift += 7
            guard byte & 0x80 == 0 else { continue }
            guard values.count <= count else { return values }
            last = last &+ (Int64(bitPattern: rest >> 1) ^ -Int64(bitPattern: rest & 1))
            values.append(last)
            rest = 0
            shift = 0
        }
        return shift == 0 ? values : nil
    }
}

/// Base64 (RFC 4648) with padding, without line breaks.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let invalid: UInt8 = 0xFF
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    /// Writes bytes as text.
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 3) {
            let group = bytes[start..<min(bytes.endIndex, start + 3)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for place in 0..<4 {
                let isFilled = place <= group.count
                text.append(
                    isFilled ? alphabet[Int(bits >> (18 - 6 * UInt32(place)) & 0x3F)] : UInt8(ascii: "=")
                )
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads bytes; nil for text that is not base64.
    static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        var bits: UInt32 = 0
        var letters = 0
        for letter in text.dropLast(padding) {
            let value = values[Int(letter)]
            guard value != invalid else { return nil }
            bits = bits << 6 | UInt32(value)
            letters += 1
            guard letters == 4 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bits = 0
            letters = 0
        }
        if letters == 2 { bytes.append(UInt8(truncatingIfNeeded: bits >> 4)) }
        if letters == 3 {
            bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
        }
        return bytes
    }
}
