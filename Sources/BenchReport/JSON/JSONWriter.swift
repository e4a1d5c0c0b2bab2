import Measurements

/// Writes JSON into bytes, keys in the order they are given, so that equal values give equal bytes.
struct JSONWriter {
    /// What is written and was not passed on.
    private(set) var bytes: [UInt8] = []
    private let output: FileOutput?
    private var needsComma = false
    private var depth = 0

    /// How much is gathered before it is passed on.
    private static let piece = 1 << 16

    /// Makes a writer.
    ///
    /// - Parameter output: Where the text goes piece by piece; nil keeps all of it.
    init(to output: FileOutput? = nil) {
        self.output = output
    }

    /// Passes on what is left.
    mutating func flush() {
        guard let output else { return }
        output.append(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private mutating func flushIfLarge() {
        if bytes.count >= Self.piece { flush() }
    }

    /// Writes text that needs no quoting, piece by piece.
    ///
    /// - Parameter content: Writes it, by ``piece(_:)``.
    /// - Throws: What `content` throws.
    mutating func plainText<Failure: Error>(
        _ content: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        try content(&self)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes a piece of ``plainText(_:)``.
    mutating func piece(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        flushIfLarge()
    }

    /// Writes an object.
    ///
    /// - Parameters:
    ///   - isBroken: Whether each of its fields starts a line.
    ///   - content: Writes the fields.
    /// - Throws: What `content` throws.
    mutating func object<Failure: Error>(
        isBroken: Bool = false,
        _ content: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        try enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), isBroken: isBroken, content)
    }

    /// Writes an array.
    ///
    /// - Parameters:
    ///   - elements: The elements.
    ///   - isBroken: Whether each of them starts a line.
    ///   - write: Writes one of them.
    /// - Throws: What `write` throws.
    mutating func array<Element, Failure: Error>(
        _ elements: [Element],
        isBroken: Bool = false,
        _ write: (inout JSONWriter, Element) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        let isBroken = isBroken && !elements.isEmpty
        try enclose(UInt8(ascii: "["), UInt8(ascii: "]"), isBroken: isBroken) { writer throws(Failure) in
            for element in elements {
                if isBroken { writer.breakLine() }
                try write(&writer, element)
            }
        }
    }

    /// Ends the text with a line break.
    mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes an array of integers without the cost of a call for each.
    ///
    /// - Parameter values: The integers.
    mutating func integers(_ values: some Sequence<Int64>) {
        separate()
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for value in values {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            bytes.append(contentsOf: String(value).utf8)
            flushIfLarge()
        }
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// Writes a field's name; its value must follow.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - startsLine: Whether it starts a line.
    mutating func key(_ name: String, startsLine: Bool = false) {
        separate()
        flushIfLarge()
        if startsLine { breakLine() }
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes text.
    ///
    /// - Parameter text: The text; nil writes null.
    mutating func value(_ text: String?) {
        separate()
        if let text { quote(text) } else { bytes.append(contentsOf: "null".utf8) }
        needsComma = true
    }

    /// Writes a number, in as few digits as give it back.
    ///
    /// - Parameter number: The number; nil and what is not finite write null.
    mutating func value(_ number: Double?) {
        separate()
        bytes.append(contentsOf: Self.text(number).utf8)
        needsComma = true
    }

    /// Writes a whole number.
    ///
    /// - Parameter number: The number; nil writes null.
    mutating func value(_ number: (some BinaryInteger)?) {
        separate()
        bytes.append(contentsOf: (number.map { String($0) } ?? "null").utf8)
        needsComma = true
    }

    /// Writes a truth value.
    ///
    /// - Parameter flag: The value.
    mutating func value(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        needsComma = true
    }

    /// A number's shortest text; whole numbers lose their ".0".
    private static func text(_ number: Double?) -> String {
        guard let number, number.isFinite else { return "null" }
        if let whole = Int64(exactly: number), abs(whole) < 1 << 53 { return String(whole) }
        return number.description
    }

    private mutating func enclose<Failure: Error>(
        _ open: UInt8,
        _ close: UInt8,
        isBroken: Bool,
        _ content: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        bytes.append(open)
        needsComma = false
        depth += 1
        try content(&self)
        depth -= 1
        if isBroken { newLine() }
        bytes.append(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    /// Puts what follows on a line of its own, after the comma that separates it.
    private mutating func breakLine() {
        separate()
        newLine()
    }

    private mutating func newLine() {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth))
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                bytes.append(contentsOf: (digits.utf8.count == 1 ? "\\u000" : "\\u00").utf8)
                bytes.append(contentsOf: digits.utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
