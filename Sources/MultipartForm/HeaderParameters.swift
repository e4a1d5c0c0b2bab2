/// The value of a header like `form-data; name="file"`: one word, then parameters.
struct HeaderParameters {
    /// One parameter, its name in lower case.
    struct Parameter: Equatable {
        var name: String
        var value: [UInt8]
    }

    /// The word before the first semicolon, in lower case.
    var word: String
    /// The parameters in their order, none dropped.
    var parameters: [Parameter]

    /// Parses a header's value; `nil` if it doesn't have that form.
    ///
    /// In quotes only `\"` and `\\` lose their backslash: browsers don't escape the others, so that
    /// `"C:\a.pdf"` keeps its own. Values without quotes may have any byte but white space, `"` and `;`.
    init?(_ bytes: some Sequence<UInt8>) {
        var scanner = Scanner(bytes: Array(bytes))
        word = lowercased(scanner.take { $0 != semicolon && !isBlank($0) })
        parameters = []
        scanner.skipBlanks()
        while scanner.skip(semicolon) {
            scanner.skipBlanks()
            if scanner.isAtEnd || scanner.next == semicolon { continue }
            guard let parameter = scanner.parameter() else { return nil }
            parameters.append(parameter)
            scanner.skipBlanks()
        }
        if !scanner.isAtEnd { return nil }
    }

    /// All values of a parameter.
    func values(of name: String) -> [[UInt8]] {
        parameters.filter { $0.name == name }.map(\.value)
    }
}

/// Whether a byte may stand in a header's or parameter's name (RFC 9110, 5.6.2).
func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

/// Whether a byte is a space or a tab.
func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
}

/// Bytes as text in lower case; of no use for anything but comparing with ASCII words.
func lowercased(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self).lowercased()
}

private let semicolon = UInt8(ascii: ";")
private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")

private struct Scanner {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }
    var next: UInt8? { isAtEnd ? nil : bytes[position] }

    mutating func take(while accepted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let taken = bytes[position...].prefix(while: accepted)
        position = taken.endIndex
        return taken
    }

    mutating func skipBlanks() {
        _ = take(while: isBlank)
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func parameter() -> HeaderParameters.Parameter? {
        let name = take(while: isTokenByte)
        skipBlanks()
        guard !name.isEmpty, skip(UInt8(ascii: "=")) else { return nil }
        skipBlanks()
        guard let value = next == quote ? quoted() : unquoted() else { return nil }
        return HeaderParameters.Parameter(name: lowercased(name), value: value)
    }

    private mutating func unquoted() -> [UInt8]? {
        let value = take { $0 != semicolon && $0 != quote && !isBlank($0) }
        return value.isEmpty ? nil : Array(value)
    }

    private mutating func quoted() -> [UInt8]? {
        var value: [UInt8] = []
        position += 1
        while var byte = next {
            position += 1
            if byte == quote { return value }
            if byte == backslash, let escaped = next, escaped == quote || escaped == backslash {
                position += 1
                byte = escaped
            }
            value.append(byte)
        }
        return nil
    }
}
