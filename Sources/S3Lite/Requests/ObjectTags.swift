import S3Wire

/// The tags of an object or a bucket.
struct ObjectTags: Sendable, Hashable {
    private static let maximumCount = 10
    private static let maximumBucketCount = 50
    private static let maximumKeyCharacters = 128
    private static let maximumValueCharacters = 256

    /// One tag.
    private struct Tag: Sendable, Hashable {
        let key: String
        let value: String
    }

    private var tags: [Tag] = []

    /// How many there are.
    var count: Int { tags.count }

    /// No tags.
    init() {}

    /// Reads the `x-amz-tagging` header, which has the form of a query.
    ///
    /// - Parameter header: The header's value; nil for no tags.
    /// - Throws: ``S3RequestError``: InvalidArgument, InvalidTag or BadRequest.
    init(header: String?) throws(S3RequestError) {
        guard let header, !header.isEmpty else { return }
        // A target reads queries already; its path is of no matter.
        guard let target = try? RequestTarget(parsing: "/?\(header)") else {
            throw S3RequestError(
                .invalidArgument,
                "The header 'x-amz-tagging' shall be encoded as UTF-8 query."
            )
        }
        tags = target.query.map { Tag(key: $0.name, value: $0.value) }
        try check(limit: Self.maximumCount)
    }

    /// Reads a tagging document.
    ///
    /// - Parameters:
    ///   - document: The request's document.
    ///   - isBucket: Whether they are a bucket's, which may have more.
    /// - Throws: ``S3RequestError``: MalformedXML, InvalidTag or BadRequest.
    init(document: [UInt8], isBucket: Bool = false) throws(S3RequestError) {
        let root = try XMLElement(parsing: document)
        guard root.name == "Tagging", let set = root.child("TagSet") else {
            throw S3RequestError(.malformedXML)
        }
        for element in set.children("Tag") {
            guard let key = element.childText("Key"), let value = element.childText("Value") else {
                throw S3RequestError(.malformedXML)
            }
            tags.append(Tag(key: key, value: value))
        }
        try check(limit: isBucket ? Self.maximumBucketCount : Self.maximumCount)
    }

    /// Reads the column's form, which is that of the header.
    ///
    /// - Parameter column: What ``column`` gave.
    init(column: String) {
        // The column was written here: what can't be read would be no tags.
        let query = column.isEmpty ? [] : (try? RequestTarget(parsing: "/?\(column)"))?.query ?? []
        tags = query.map { Tag(key: $0.name, value: $0.value) }
    }

    /// The form of the column.
    var column: String {
        tags.isEmpty
            ? ""
            : String(RequestTarget(path: [], query: tags.map { .init($0.key, $0.value) }).encoded.dropFirst())
    }

    /// The tags as a document.
    var document: [UInt8] {
        var xml = XMLWriter()
        xml.root("Tagging") { xml in
            xml.element("TagSet") { xml in
                for tag in tags {
                    xml.element("Tag") { xml in
                        xml.text("Key", tag.key)
                        xml.text("Value", tag.value)
                    }
                }
            }
        }
        return xml.bytes
    }

    private func check(limit: Int) throws(S3RequestError) {
        guard tags.count <= limit else {
            throw S3RequestError(.badRequest, "Object tags cannot be greater than \(limit)")
        }
        for tag in tags {
            guard (1...Self.maximumKeyCharacters).contains(tag.key.unicodeScalars.count) else {
                throw S3RequestError(.invalidTag, "The TagKey you have provided is invalid")
            }
            guard tag.value.unicodeScalars.count <= Self.maximumValueCharacters else {
                throw S3RequestError(.invalidTag, "The TagValue you have provided is invalid")
            }
        }
        guard Set(tags.map(\.key)).count == tags.count else {
            throw S3RequestError(.invalidTag, "Cannot provide multiple Tags with the same key")
        }
    }
}
