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
