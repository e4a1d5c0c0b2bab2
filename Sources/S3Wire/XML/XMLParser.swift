/// Reads a document into elements without recursion, so that depth costs no stack.
struct XMLParser {
    private static let maximumDepth = 8

    private let input: [UInt8]
    private var position = 0
    private var stack: [XMLElement] = []
    private var pendingText: [UInt8] = []

    init(_ input: [UInt8]) {
        self.input = input
    }

    mutating func parse() throws(S3RequestError) -> XMLElement {
        if input.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        var root: XMLElement?
        while position < input.count {
            if input[position] == UInt8(ascii: "<") {
                guard root == nil || isMisc else { throw Self.malformed }
                if let finished = try readMarkup() { root = finished }
            } else {
                try readText()
            }
        }
        guard let root, stack.isEmpty else { throw Self.malformed }
        return root
    }

    private static var malformed: S3RequestError { S3RequestError(.malformedXML) }

    /// Whether what follows may stand after the root: a comment or a processing instruction.
    private var isMisc: Bool { matches("<!--") || matches("<?") }

    private func matches(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { input[position...].starts(with: $0) }
    }

    /// Reads one tag, comment, instruction or CDATA section; returns the root once it is closed.
    private mutating func readMarkup() throws(S3RequestError) -> XMLElement? {
        if matches("<!--") {
            try skip(past: "-->", from: position + 4)
        } else if matches("<?") {
            try skip(past: "?>", from: position + 2)
        } else if matches("<![CDATA[") {
            guard !stack.isEmpty else { throw Self.malformed }
            let start = position + 9
            try skip(past: "]]>", from: start)
            pendingText.append(contentsOf: input[start..<position - 3])
        } else if matches("<!") {
            throw Self.malformed
        } else if matches("</") {
            position += 2
            let name = try readName()
            skipSpace()
            try expect(UInt8(ascii: ">"))
            return try close(name)
        } else {
            position += 1
            return try readOpeningTag()
        }
        return nil
    }

    private mutating func skip(past terminator: StaticString, from start: Int) throws(S3RequestError) {
        position = start
        while position < input.count {
            if matches(terminator) {
                position += terminator.utf8CodeUnitCount
                return
            }
            position += 1
        }
        throw Self.malformed
    }

    private mutating func readOpeningTag() throws(S3RequestError) -> XMLElement? {
        try flushText()
        let name = try readName()
        guard stack.count < Self.maximumDepth else { throw Self.malformed }
        stack.append(XMLElement(name: name))
        while true {
            skipSpace()
            guard position < input.count else { throw Self.malformed }
            switch input[position] {
            case UInt8(ascii: ">"):
                position += 1
                return nil
            case UInt8(ascii: "/"):
                position += 1
                try expect(UInt8(ascii: ">"))
                return try close(name)
            default:
                try skipAttribute()
            }
        }
    }

    private mutating func skipAttribute() throws(S3RequestError) {
        _ = try readName()
        skipSpace()
        try expect(UInt8(ascii: "="))
        skipSpace()
        guard position < input.count,
            input[position] == UInt8(ascii: "\"") || input[position] == UInt8(ascii: "'"),
            let end = input[(position + 1)...].firstIndex(of: input[position])
        else { throw Self.malformed }
        position = end + 1
    }

    private mutating func close(_ name: String) throws(S3RequestError) -> XMLElement? {
        try flushText()
        guard let element = stack.popLast(), element.name == name else { throw Self.malformed }
        guard !stack.isEmpty else { return element }
        stack[stack.count - 1].children.append(element)
        return nil
    }

    private mutating func flushText() throws(S3RequestError) {
        guard !pendingText.isEmpty else { return }
        guard let text = String(validating: pendingText, as: UTF8.self) else { throw Self.malformed }
        if stack.isEmpty {
            guard text.allSatisfy(\.isWhitespace) else { throw Self.malformed }
        } else {
            stack[stack.count - 1].text += text
        }
        pendingText.removeAll(keepingCapacity: true)
    }

    private mutating func readText() throws(S3RequestError) {
        while position < input.count, input[position] != UInt8(ascii: "<") {
            if input[position] == UInt8(ascii: "&") {
                pendingText.append(contentsOf: try readReference())
            } else {
                pendingText.append(input[position])
                position += 1
            }
        }
        if stack.isEmpty { try flushText() }
    }

    private mutating func readReference() throws(S3RequestError) -> [UInt8] {
        let window = input[position..<min(position + 12, input.count)]
        guard let end = window.firstIndex(of: UInt8(ascii: ";")) else { throw Self.malformed }
        let name = String(decoding: input[(position + 1)..<end], as: UTF8.self)
        position = end + 1
        switch name {
        case "amp": return [UInt8(ascii: "&")]
        case "lt": return [UInt8(ascii: "<")]
        case "gt": return [UInt8(ascii: ">")]
        case "quot": return [UInt8(ascii: "\"")]
        case "apos": return [UInt8(ascii: "'")]
        default: break
        }
        guard name.hasPrefix("#") else { throw Self.malformed }
        let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
        guard let number, number > 0, let scalar = Unicode.Scalar(number) else { throw Self.malformed }
        return Array(String(Character(scalar)).utf8)
    }

    /// Reads a name and drops its namespace prefix.
    private mutating func readName() throws(S3RequestError) -> String {
        let start = position
        let ends = Array(" \t\r\n=/><\"'&".utf8)
        while position < input.count, !ends.contains(input[position]) { position += 1 }
        let name = input[start..<position]
        let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
        guard !local.isEmpty, let text = String(validating: local, as: UTF8.self) else {
            throw Self.malformed
        }
        return text
    }

    private mutating func skipSpace() {
        while position < input.count, [9, 10, 13, 32].contains(input[position]) { position += 1 }
    }

    private mutating func expect(_ byte: UInt8) throws(S3RequestError) {
        guard position < input.count, input[position] == byte else { throw Self.malformed }
        position += 1
    }
}
