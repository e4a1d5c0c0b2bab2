/// A name and its value, as a request field or a form field of every upload.
package struct PlanField: Sendable, Codable, Hashable {
    /// The name as written.
    package let name: String
    /// The value as written.
    package let value: String

    /// Makes a field.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - value: The value.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Fields that describe the body or the connection, and so are not the user's to set.
    private static let reserved: Set = [
        "content-length", "content-type", "transfer-encoding", "expect", "connection",
    ]

    /// Reads `Name: value`.
    ///
    /// - Parameter text: What stood behind `--header`.
    /// - Throws: ``PlanError`` if it is no field, or one that the upload sets itself.
    package init(header text: String) throws(PlanError) {
        guard let colon = text.firstIndex(of: ":") else { throw .invalidHeader(text: text) }
        let name = text[..<colon]
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        guard !name.isEmpty, name.utf8.allSatisfy(PlanField.isToken),
            value.utf8.allSatisfy({ $0 == 9 || $0 >= 32 && $0 != 127 })
        else { throw .invalidHeader(text: text) }
        guard !PlanField.reserved.contains(name.lowercased()) else {
            throw .reservedHeader(name: String(name))
        }
        self.init(name: String(name), value: String(value))
    }

    /// Reads `NAME=VALUE`.
    ///
    /// - Parameter text: What stood behind `--form`.
    /// - Throws: ``PlanError`` if there is no name or no equals sign.
    package init(form text: String) throws(PlanError) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw .invalidForm(text: text)
        }
        self.init(name: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
    }

    /// Whether a byte may stand in a field name or a method (RFC 9110, 5.6.2).
    ///
    /// - Parameter byte: The byte.
    /// - Returns: Whether it may.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
