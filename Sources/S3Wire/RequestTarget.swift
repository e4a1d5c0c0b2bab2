/// The path and query of a request, decoded once from the raw target.
package struct RequestTarget: Sendable, Hashable {
    /// One `name=value` of a query, decoded; a name alone has an empty value.
    package struct QueryItem: Sendable, Hashable {
        /// The decoded name.
        package let name: String
        /// The decoded value.
        package let value: String

        /// Makes an item from decoded texts.
        ///
        /// - Parameters:
        ///   - name: The decoded name.
        ///   - value: The decoded value.
        package init(_ name: String, _ value: String = "") {
            self.name = name
            self.value = value
        }
    }

    /// The decoded path with its leading slash, as it came: `//` and dot segments are kept.
    package let path: [UInt8]
    /// The decoded query items in the order they came.
    package let query: [QueryItem]

    /// Makes a target from decoded parts.
    ///
    /// - Parameters:
    ///   - path: The plain path with its leading slash.
    ///   - query: The plain query items.
    package init(path: [UInt8], query: [QueryItem] = []) {
        self.path = path
        self.query = query
    }

    /// Reads the target of a request line in origin form.
    ///
    /// - Parameter rawTarget: The target as it stood in the request line.
    /// - Throws: ``S3RequestError`` (InvalidURI) for a bad escape, a query that is not UTF-8, or no leading slash.
    package init(parsing rawTarget: some StringProtocol) throws(S3RequestError) {
        let bytes = Array(rawTarget.utf8)
        let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        guard bytes.first == UInt8(ascii: "/"), let path = PercentEncoding.decode(bytes[..<mark]) else {
            throw S3RequestError(.invalidURI)
        }
        var query: [QueryItem] = []
        for part in bytes[mark...].dropFirst().split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            guard let name = Self.queryText(part[..<equals]),
                let value = Self.queryText(part[equals...].dropFirst())
            else { throw S3RequestError(.invalidURI) }
            query.append(QueryItem(name, value))
        }
        self.init(path: path, query: query)
    }

    private static func queryText(_ bytes: ArraySlice<UInt8>) -> String? {
        PercentEncoding.decode(bytes, plusIsSpace: true).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The value of a query parameter.
    ///
    /// - Parameter name: The decoded name, compared exactly.
    /// - Returns: The first value under that name; empty for a name alone, nil if the name is absent.
    package func value(of name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// Appends the path in canonical encoding.
    ///
    /// - Parameter output: What it is appended to.
    package func appendCanonicalPath(to output: inout [UInt8]) {
        PercentEncoding.append(path, as: .path, to: &output)
    }

    /// Appends the query in canonical form: encoded, then sorted by name and value.
    ///
    /// - Parameters:
    ///   - excluded: A parameter to leave out: the signature of a presigned URL.
    ///   - output: What it is appended to.
    package func appendCanonicalQuery(excluding excluded: String? = nil, to output: inout [UInt8]) {
        let encoded = query.filter { $0.name != excluded }.map { item in
            (
                PercentEncoding.encode(item.name.utf8, as: .queryPart),
                PercentEncoding.encode(item.value.utf8, as: .queryPart)
            )
        }
        for (index, item) in encoded.sorted(by: <).enumerated() {
            if index > 0 { output.append(UInt8(ascii: "&")) }
            output.append(contentsOf: item.0.utf8)
            output.append(UInt8(ascii: "="))
            output.append(contentsOf: item.1.utf8)
        }
    }

    /// The target as a client writes it in a request line, in canonical encoding.
    package var encoded: String {
        var output: [UInt8] = []
        appendCanonicalPath(to: &output)
        if !query.isEmpty {
            output.append(UInt8(ascii: "?"))
            appendCanonicalQuery(to: &output)
        }
        return String(decoding: output, as: UTF8.self)
    }
}
