/// Percent encoding by the rule of Signature Version 4.
///
/// All but `A-Z a-z 0-9 - . _ ~` becomes `%XX` with upper-case digits; a path keeps its slashes.
/// Nothing collapses `//` or dot segments: to S3 they are ordinary characters of a key.
package enum PercentEncoding {
    /// What is kept besides the unreserved characters.
    package enum Kind: Sendable {
        /// A path: slashes stay.
        case path
        /// A query name or value: slashes are encoded too.
        case queryPart
    }

    private static let upperDigits = Array("0123456789ABCDEF".utf8)

    private static let isUnreserved: [Bool] = (0...255).map { byte in
        switch UInt8(byte) {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default:
            false
        }
    }

    /// Appends the encoded form of some bytes.
    ///
    /// - Parameters:
    ///   - bytes: The plain bytes.
    ///   - kind: Whether slashes stay.
    ///   - output: What the encoded form is appended to.
    package static func append(_ bytes: some Sequence<UInt8>, as kind: Kind, to output: inout [UInt8]) {
        for byte in bytes {
            if isUnreserved[Int(byte)] || (byte == UInt8(ascii: "/") && kind == .path) {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "%"))
                output.append(upperDigits[Int(byte >> 4)])
                output.append(upperDigits[Int(byte & 15)])
            }
        }
    }

    /// Encodes some bytes.
    ///
    /// - Parameters:
    ///   - bytes: The plain bytes.
    ///   - kind: Whether slashes stay.
    /// - Returns: The encoded text.
    package static func encode(_ bytes: some Sequence<UInt8>, as kind: Kind) -> String {
        var output: [UInt8] = []
        append(bytes, as: kind, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Decodes `%XX` sequences.
    ///
    /// - Parameters:
    ///   - text: The encoded bytes.
    ///   - plusIsSpace: Whether `+` stands for a space, as in a query.
    /// - Returns: The plain bytes, or nil if a `%` is not followed by two hexadecimal digits.
    package static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next().flatMap(HexEncoding.value(of:)),
                    let low = iterator.next().flatMap(HexEncoding.value(of:))
                else { return nil }
                output.append(high << 4 | low)
            } else {
                output.append(byte == UInt8(ascii: "+") && plusIsSpace ? UInt8(ascii: " ") : byte)
            }
        }
        return output
    }
}
