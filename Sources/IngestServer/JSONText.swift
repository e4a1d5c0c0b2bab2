import NIOCore

extension ByteBuffer {
    /// Writes a string as JSON, quotes included.
    ///
    /// Only what RFC 8259 demands is escaped: quotes, backslashes and control characters. Runs in between are
    /// copied whole, for the text of a PDF can be megabytes.
    ///
    /// - Parameter text: Any text; NUL is legal.
    mutating func writeJSON(_ text: String) {
        var text = text
        writeInteger(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            var run = 0
            for (index, byte) in bytes.enumerated() where jsonNeedsEscape(byte) {
                writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[run..<index]))
                writeEscape(byte)
                run = index + 1
            }
            writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[run...]))
        }
        writeInteger(UInt8(ascii: "\""))
    }

    private mutating func writeEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): writeStaticString("\\\"")
        case UInt8(ascii: "\\"): writeStaticString("\\\\")
        case UInt8(ascii: "\n"): writeStaticString("\\n")
        case UInt8(ascii: "\r"): writeStaticString("\\r")
        case UInt8(ascii: "\t"): writeStaticString("\\t")
        default:
            let digits = Array("0123456789abcdef".utf8)
            writeStaticString("\\u00")
            writeInteger(digits[Int(byte >> 4)])
            writeInteger(digits[Int(byte & 15)])
        }
    }
}

private func jsonNeedsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}
