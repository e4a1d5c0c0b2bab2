import Measurements

/// A value of a document and where it stands, so that a fault can name it.
struct DocumentNode {
    let value: JSONValue
    /// Such as "rounds[3].makespan_s"; empty for the document itself.
    let path: String

    /// The largest whole number that is taken for a count: sums of them are far from any overflow.
    static let largestCount: Int64 = 1 << 40
    /// The largest number of bytes: what a double holds exactly.
    private static let largestSize: Int64 = 1 << 53
    /// The most numbers of an array that is no column.
    private static let mostNumbers = 1 << 16
    /// The longest time in nanoseconds: 13 days, for a round lasts a week at most.
    static let longest: Int64 = 1 << 50
    /// The largest other number, either way: ratios and squares of them stay finite.
    private static let largestNumber = 1e15

    /// A field that must be there, though it may be null.
    func field(_ name: String) throws(DocumentFault) -> DocumentNode {
        guard case .object(let fields) = value else { throw wrong("an object") }
        let path = path.isEmpty ? name : "\(path).\(name)"
        guard let field = fields.first(where: { $0.name == name }) else { throw .lacks(path: path) }
        return DocumentNode(value: field.value, path: path)
    }

    /// A field that may be missing; nil for null too.
    func optional(_ name: String) -> DocumentNode? {
        // Not an object, or no such field: both mean that nothing is known.
        guard let field = try? field(name), field.value != .null else { return nil }
        return field
    }

    /// The node itself, or nil for null.
    var known: DocumentNode? { value == .null ? nil : self }

    /// The fields of an object.
    func fields() throws(DocumentFault) -> [(name: String, node: DocumentNode)] {
        guard case .object(let fields) = value else { throw wrong("an object") }
        return fields.map { ($0.name, DocumentNode(value: $0.value, path: "\(path).\($0.name)")) }
    }

    /// The elements of an array.
    func elements() throws(DocumentFault) -> [DocumentNode] {
        let values: [JSONValue]
        switch value {
        case .array(let elements): values = elements
        case .integers(let integers):
            guard integers.count <= Self.mostNumbers else {
                throw wrong("an array of at most \(Self.mostNumbers) numbers")
            }
            values = integers.map { .integer($0) }
        default: throw wrong("an array")
        }
        return values.enumerated().map { DocumentNode(value: $1, path: "\(path)[\($0)]") }
    }

    func text() throws(DocumentFault) -> String {
        switch value {
        case .text(let text): return text
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        default: throw wrong("a text")
        }
    }

    func flag() throws(DocumentFault) -> Bool {
        guard case .flag(let flag) = value else { throw wrong("true or false") }
        return flag
    }

    /// A whole number from 0 on.
    ///
    /// - Parameter most: The largest that is taken.
    /// - Returns: The number.
    /// - Throws: ``DocumentFault/damaged(reason:)`` for any other value.
    func count(upTo most: Int64 = largestCount) throws(DocumentFault) -> Int {
        guard case .integer(let integer) = value, integer >= 0 else { throw wrong("a whole number") }
        guard integer <= most else { throw wrong("a whole number up to \(most)") }
        return Int(integer)
    }

    /// A number of bytes.
    func byteCount() throws(DocumentFault) -> Int64 {
        Int64(try count(upTo: Self.largestSize))
    }

    func number() throws(DocumentFault) -> Double {
        let number: Double
        switch value {
        case .integer(let integer): number = Double(integer)
        case .number(let decimal): number = decimal
        default: throw wrong("a number")
        }
        guard abs(number) <= Self.largestNumber else { throw wrong("a number that can be worked with") }
        return number
    }

    /// A length of time that the document keeps in seconds.
    func nanoseconds() throws(DocumentFault) -> Nanoseconds {
        let nanoseconds = (try number() * 1e9).rounded()
        guard abs(nanoseconds) <= Double(Self.longest) else { throw wrong("a length of time") }
        return Nanoseconds(nanoseconds)
    }

    /// A length of time that is at least zero.
    func length() throws(DocumentFault) -> Nanoseconds {
        let length = try nanoseconds()
        guard length >= 0 else { throw wrong("a length of time") }
        return length
    }

    func timestamp() throws(DocumentFault) -> Timestamp {
        guard let timestamp = Timestamp(iso8601: try text()) else { throw wrong("a UTC time") }
        return timestamp
    }

    /// One of the values of an enum.
    func choice<Choice: RawRepresentable & CaseIterable>(
        of type: Choice.Type
    ) throws(DocumentFault) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try text()) else {
            throw wrong("one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    private func wrong(_ expected: String) -> DocumentFault {
        .damaged(reason: "\(path.isEmpty ? "it" : path) is not \(expected)")
    }
}

/// Why bytes are no run document.
package enum DocumentFault: Error, Equatable {
    case endsEarly(bytes: Int)
    case notJSON(line: Int, column: Int)
    case noSchema
    case foreignSchema(String)
    case newerSchema(String)
    case lacks(path: String)
    case damaged(reason: String)
    case tooLarge(bytes: Int)
    case noRounds

    /// What is wrong, to stand after the document's path.
    package var message: String {
        switch self {
        case .endsEarly(let bytes): "ends early, after \(bytes) bytes"
        case .notJSON(let line, let column): "is not JSON: line \(line), column \(column)"
        case .noSchema: "is not a run document: it has no \"schema\""
        case .foreignSchema(let schema): "is not a run document: its schema is \(schema)"
        case .newerSchema(let schema): "has schema \(schema); ingest-bench \(ProgramVersion.text) reads 1"
        case .lacks(let path): "lacks \(path)"
        case .damaged(let reason): "is damaged: \(reason)"
        case .noRounds: "holds no complete round"
        case .tooLarge(let bytes): "is larger than 1 GiB: \(bytes) bytes"
        }
    }

    /// What to try.
    package var hint: String? {
        if case .newerSchema = self { "update ingest-bench" } else { nil }
    }
}
