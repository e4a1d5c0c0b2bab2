/// A JSON value; arrays of nothing but whole numbers are kept as such, since samples are.
enum JSONValue: Equatable {
    case null
    case flag(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    /// A long text without escapes, such as a packed column: a part of what was read, not a copy of it.
    case bytes(ArraySlice<UInt8>)
    case integers([Int64])
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])

    static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.flag(let left), .flag(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.text(let left), .text(let right)): left == right
        case (.bytes(let left), .bytes(let right)): left == right
        case (.integers(let left), .integers(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)):
            left.count == right.count
                && zip(left, right).allSatisfy { $0.name == $1.name && $0.value == $1.value }
        default: false
        }
    }
}

/// Why bytes are not JSON.
enum JSONFault: Error, Equatable {
    /// The text stops in the middle.
    case endsEarly(bytes: Int)
    /// Something else stands there; both count from 1, columns in bytes.
    case unexpected(line: Int, column: Int)
    /// It holds more values than any run has.
    case tooManyValues(most: Int)
}
