/// Hexadecimal text as S3 writes it: lower case, two digits a byte.
package enum HexEncoding {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Writes bytes as lower-case hexadecimal digits.
    ///
    /// - Parameter bytes: What to write.
    /// - Returns: Two digits for each byte.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            var position = 0
            for byte in bytes {
                buffer[position] = digits[Int(byte >> 4)]
                buffer[position + 1] = digits[Int(byte & 15)]
                position += 2
            }
            return position
        }
    }

    /// Reads hexadecimal digits of either case.
    ///
    /// - Parameter text: Two digits for each byte.
    /// - Returns: The bytes, or nil if the text is not of that form.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { value(of: $0) }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// Reads one hexadecimal digit of either case.
    ///
    /// - Parameter digit: An ASCII byte.
    /// - Returns: Its value, or nil if it is no hexadecimal digit.
    package static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Whether a text is exactly so many lower-case hexadecimal digits.
    ///
    /// - Parameters:
    ///   - text: The text to look at.
    ///   - count: How many digits it must have.
    /// - Returns: False for upper-case digits too: S3 writes none.
    package static func isLowerCase(_ text: String, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy { digit in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(digit)
            }
    }
}
