import NIOCore
import S3Wire

/// A bucket as the store knows it.
struct Bucket: Sendable, Hashable {
    let id: Int64
    let name: String
    let created: S3Timestamp
    /// The location constraint it was created with; empty for us-east-1.
    let location: String
}

/// The latest state of one object, without its bytes.
struct StoredObject: Sendable, Hashable {
    /// Whether a checksum covers the whole object or its parts' checksums.
    enum ChecksumKind: String, Sendable {
        case fullObject = "FULL_OBJECT"
        case composite = "COMPOSITE"
    }

    let size: Int64
    /// The ETag without its quotes.
    let etag: String
    let modified: S3Timestamp
    let headers: ObjectHeaders
    let tags: ObjectTags
    let checksum: StoredChecksum?
    /// The bodies that make up the object, in order: one, or one a part.
    let segments: [StoredSegment]

    /// How many parts it was uploaded in; nil if it came whole.
    var partCount: Int? { etag.utf8.contains(UInt8(ascii: "-")) ? segments.count : nil }
}

/// A piece of an object that lies in one body.
struct StoredSegment: Sendable, Hashable {
    let body: Int64
    let size: Int64
    /// The checksum of the part it was; nil for an object that came whole.
    var checksum: StoredChecksum?
}

/// A checksum as it is kept: algorithm, text and kind.
struct StoredChecksum: Sendable, Hashable {
    let algorithm: ChecksumAlgorithm
    /// Base64, for a composite one with the number of parts.
    let text: String
    let kind: StoredObject.ChecksumKind

    init(algorithm: ChecksumAlgorithm, text: String, kind: StoredObject.ChecksumKind) {
        (self.algorithm, self.text, self.kind) = (algorithm, text, kind)
    }

    init(_ checksum: Checksum) {
        self.init(algorithm: checksum.algorithm, text: checksum.base64, kind: .fullObject)
    }

    /// The checksum's own value; nil if the text is none.
    var value: Checksum? {
        Checksum(algorithm, base64: String(text.prefix { $0 != "-" }))
    }

    /// Reads the column's form.
    init?(column: String?) {
        let parts = (column ?? "").split(separator: " ").map(String.init)
        guard parts.count == 3, let algorithm = ChecksumAlgorithm(rawValue: parts[0]),
            let kind = StoredObject.ChecksumKind(rawValue: parts[1])
        else { return nil }
        self.init(algorithm: algorithm, text: parts[2], kind: kind)
    }

    /// Writes the element that states it.
    ///
    /// - Parameter xml: The document.
    func write(to xml: inout XMLWriter) {
        xml.text("Checksum\(algorithm.rawValue)", text)
    }

    /// The form of the column: algorithm, kind and text.
    var column: String { "\(algorithm.rawValue) \(kind.rawValue) \(text)" }
}

/// The headers that are kept with an object and given back with it.
struct ObjectHeaders: Sendable, Hashable {
    /// One kept header.
    struct Field: Sendable, Hashable {
        let name: String
        let value: String
    }

    var fields: [Field]

    init(fields: [Field]) {
        self.fields = fields
    }

    /// Reads the column's form.
    init(column: String) {
        fields = column.split(separator: "\n").compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return Field(name: String(line[..<colon]), value: String(line[line.index(after: colon)...]))
        }
    }

    /// The form of the column: a line a header; no value holds a line feed.
    var column: String { fields.map { "\($0.name):\($0.value)" }.joined(separator: "\n") }
}

/// A body that was received whole and verified, but belongs to no object yet.
struct ReceivedBody: Sendable {
    /// Where the bytes are.
    enum Content: Sendable {
        /// Here: they go into the database.
        case inline(ByteBuffer)
        /// In the body store under this name.
        case named(String)
    }

    let content: Content
    let size: Int64
    let md5: [UInt8]
    let checksum: Checksum?

    /// The name in the body store, if the bytes lie there.
    var name: String? {
        guard case .named(let name) = content else { return nil }
        return name
    }
}

/// Where the bytes of a segment are found when it is read.
enum BodyLocation: Sendable {
    case inline(ByteBuffer)
    case named(String)
}
