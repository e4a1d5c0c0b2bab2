/// Reads JSON (RFC 8259) from bytes.
struct JSONParser {
    /// How deep values may nest; deeper ones would exhaust the stack.
    private static let deepest = 64
    /// How many fields and elements there may be, arrays of whole numbers aside: a megabyte of brackets would
    /// take ten of memory.
    private static let most = 1 << 23

    private let source: [UInt8]
    /// The source's bytes.
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var values = 0

    /// Reads one value that fills the bytes.
    ///
    /// - Parameter bytes: The text, in UTF-8.
    /// - Returns: The value.
    /// - Throws: ``JSONFault``.
    static func parse(_ bytes: [UInt8]) throws(JSONFault) -> JSONValue {
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONFault> in
            var parser = JSONParser(source: bytes, bytes: buffer)
            return Result { () throws(JSONFault) in
                let value = try parser.value(depth: 0)
                parser.skipBlanks()
                guard parser.position == buffer.count else { throw parser.unexpected() }
                return value
            }
        }
        return try result.get()
    }

    private init(source: [UInt8], bytes: UnsafeBufferPointer<UInt8>) {
        self.source = source
        self.bytes = bytes
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        skipBlanks()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return try textValue()
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONFault) -> JSONValue {
        guard depth < Self.deepest else { throw unexpected() }
        position += 1
        var fields: [(name: String, value: JSONValue)] = []
        skipBlanks()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return .object(fields)
        }
        while true {
            skipBlanks()
            guard try peek() == UInt8(ascii: "\"") else { throw unexpected() }
            let name = try text()
            skipBlanks()
            guard try peek() == UInt8(ascii: ":") else { throw unexpected() }
            position += 1
            fields.append((name, try value(depth: depth + 1)))
            try takeValues(1)
            if try !continues(until: UInt8(ascii: "}")) { return .object(fields) }
        }
    }

    private mutating func array(depth: Int) throws(JSONFault) -> JSONValue {
        guard depth < Self.deepest else { throw unexpected() }
        position += 1
        var integers: [Int64] = []
        skipBlanks()
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return .integers([])
        }
        while true {
            let element = try value(depth: depth + 1)
            guard case .integer(let integer) = element else {
                try takeValues(integers.count + 1)
                return try array(after: integers.map { .integer($0) } + [element], depth: depth)
            }
            integers.append(integer)
            if try !continues(until: UInt8(ascii: "]")) { return .integers(integers) }
        }
    }

    /// Reads the rest of an array that holds something other than whole numbers.
    private mutating func array(after elements: [JSONValue], depth: Int) throws(JSONFault) -> JSONValue {
        var elements = elements
        while try continues(until: UInt8(ascii: "]")) {
            elements.append(try value(depth: depth + 1))
            try takeValues(1)
        }
        return .array(elements)
    }

    private mutating func takeValues(_ count: Int) throws(JSONFault) {
        values += count
        guard values <= Self.most else { throw .tooManyValues(most: Self.most) }
    }

    /// Takes a comma, or the bracket that ends the value.
    private mutating func continues(until end: UInt8) throws(JSONFault) -> Bool {
        skipBlanks()
        let byte = try peek()
        guard byte == end || byte == UInt8(ascii: ",") else { throw unexpected() }
        position += 1
        return byte != end
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        for byte in word.utf8 {
            guard try peek() == byte else { throw unexpected() }
            position += 1
        }
        return value
    }

    private mutating func number() throws(JSONFault) -> JSONValue {
        let start = position
        var isWhole = true
        if try peek() == UInt8(ascii: "-") { position += 1 }
        let digits = position
        try takeDigits()
        let hasLeadingZero = bytes[digits] == UInt8(ascii: "0") && position > digits + 1
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            try takeDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position += 1
            // At the end there is no sign; the digits that are missing then are the fault to name.
            if let sign = try? peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                position += 1
            }
            try takeDigits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let integer = Int64(text), !hasLeadingZero { return .integer(integer) }
        guard !hasLeadingZero, let number = Double(text), number.isFinite else {
            position = start
            throw unexpected()
        }
        return .number(number)
    }

    private mutating func takeDigits() throws(JSONFault) {
        let start = position
        while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
        guard position > start else { throw position < bytes.count ? unexpected() : endsEarly() }
    }

    /// A text that is longer than this stays what it is in the file.
    private static let longText = 1 << 12

    private mutating func textValue() throws(JSONFault) -> JSONValue {
        let plain = try plainText()
        guard bytes[position] == UInt8(ascii: "\""), plain.count > Self.longText else {
            return .text(try rest(of: plain))
        }
        position += 1
        return .bytes(source[plain])
    }

    private mutating func text() throws(JSONFault) -> String {
        try rest(of: try plainText())
    }

    /// Reads a text up to the quote that ends it, or to its first backslash.
    private mutating func plainText() throws(JSONFault) -> Range<Int> {
        position += 1
        let start = position
        while try peek() != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
            guard bytes[position] >= 0x20 else { throw unexpected() }
            position += 1
        }
        return start..<position
    }

    /// Reads a text to its end.
    private mutating func rest(of plain: Range<Int>) throws(JSONFault) -> String {
        guard bytes[position] == UInt8(ascii: "\"") else { return try escapedText(Array(bytes[plain])) }
        position += 1
        return String(decoding: bytes[plain], as: UTF8.self)
    }

    /// Reads the rest of a text from its first backslash on.
    private mutating func escapedText(_ start: [UInt8]) throws(JSONFault) -> String {
        var text = start
        while true {
            let byte = try peek()
            guard byte >= 0x20 else { throw unexpected() }
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
            default: text.append(byte)
            }
        }
    }

    private mutating func escape() throws(JSONFault) -> Character {
        let byte = try peek()
        let plain: Character? =
            switch byte {
            case UInt8(ascii: "\""): "\""
            case UInt8(ascii: "\\"): "\\"
            case UInt8(ascii: "/"): "/"
            case UInt8(ascii: "b"): "\u{8}"
            case UInt8(ascii: "f"): "\u{C}"
            case UInt8(ascii: "n"): "\n"
            case UInt8(ascii: "r"): "\r"
            case UInt8(ascii: "t"): "\t"
            default: nil
            }
        if let plain {
            position += 1
            return plain
        }
        guard byte == UInt8(ascii: "u") else { throw unexpected() }
        position += 1
        return try codePoint()
    }

    /// Reads four hexadecimal digits, and the second half of a pair; half a pair becomes U+FFFD.
    private mutating func codePoint() throws(JSONFault) -> Character {
        let first = try unit()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        let mark = position
        guard first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        position += 2
        let second = try unit()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else {
            position = mark
            return "\u{FFFD}"
        }
        return Character(scalar)
    }

    private mutating func unit() throws(JSONFault) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else { throw unexpected() }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private func peek() throws(JSONFault) -> UInt8 {
        guard position < bytes.count else { throw endsEarly() }
        return bytes[position]
    }

    private func endsEarly() -> JSONFault { .endsEarly(bytes: bytes.count) }

    private func unexpected() -> JSONFault {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let column = before.reversed().prefix { $0 != 0x0A }.count + 1
        return .unexpected(line: line, column: column)
    }
}
