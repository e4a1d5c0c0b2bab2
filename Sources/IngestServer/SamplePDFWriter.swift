/// Writes the objects of a PDF and the table that finds them (ISO 32000-1, 7.5).
struct SamplePDFWriter {
    private var bytes = Array("%PDF-1.7\n%\u{e2}\u{e3}\u{cf}\u{d3}\n".utf8)
    /// Where each object begins; 0 for one that is reserved and not yet filled.
    private var offsets: [Int] = []

    /// Takes a number for an object that is written later.
    mutating func reserve() -> Int {
        offsets.append(0)
        return offsets.count
    }

    /// Writes an object under a number of its own.
    mutating func add(_ object: String) -> Int {
        let number = reserve()
        fill(number, object)
        return number
    }

    /// Writes an object under a number taken before.
    mutating func fill(_ number: Int, _ object: String) {
        begin(number)
        append("\(object)\nendobj\n")
    }

    /// Writes a stream under a number of its own.
    ///
    /// - Parameters:
    ///   - stream: The bytes as they stand in the file.
    ///   - dictionary: The entries of its dictionary but length and Flate filter.
    ///   - isFlate: Whether the bytes are a zlib stream.
    /// - Returns: The object's number.
    mutating func add(stream: [UInt8], dictionary: String = "", isFlate: Bool) -> Int {
        let number = reserve()
        begin(number)
        let filter = isFlate ? " /Filter /FlateDecode" : ""
        append("<<\(dictionary)\(filter) /Length \(stream.count) >>\nstream\n")
        bytes += stream
        append("\nendstream\nendobj\n")
        return number
    }

    /// Writes what ends the file.
    ///
    /// - Parameters:
    ///   - catalog: The number of the document's catalog.
    ///   - identity: What the file's identifier is made of; there is no date in it.
    /// - Returns: The whole file.
    consuming func finish(catalog: Int, identity: UInt64) -> [UInt8] {
        precondition(!offsets.contains(0), "an object was reserved and never filled")
        let table = bytes.count
        append("xref\n0 \(offsets.count + 1)\n0000000000 65535 f \n")
        for offset in offsets {
            append("\(padded(String(offset), to: 10)) 00000 n \n")
        }
        let identifier = padded(String(identity, radix: 16), to: 32)
        append(
            """
            trailer
            << /Size \(offsets.count + 1) /Root \(catalog) 0 R /ID [<\(identifier)> <\(identifier)>] >>
            startxref
            \(table)
            %%EOF

            """
        )
        return bytes
    }

    private mutating func begin(_ number: Int) {
        offsets[number - 1] = bytes.count
        append("\(number) 0 obj\n")
    }

    private mutating func append(_ text: String) {
        bytes += text.utf8
    }
}

private func padded(_ digits: String, to length: Int) -> String {
    String(repeating: "0", count: max(0, length - digits.count)) + digits
}
