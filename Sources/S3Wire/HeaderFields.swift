/// Header fields in the order they came, with names in lower case.
package struct HeaderFields: Sendable, Hashable {
    /// One field line.
    package struct Field: Sendable, Hashable {
        /// The name in lower case.
        package let name: String
        /// The value as it stood on the line.
        package let value: String
    }

    /// The lines in order; a repeated header stands more than once.
    package private(set) var fields: [Field] = []

    /// Makes an empty list.
    package init() {}

    /// Makes a list of pairs.
    ///
    /// - Parameter pairs: Lower-case names and values.
    package init(_ pairs: KeyValuePairs<String, String>) {
        fields = pairs.map { Field(name: $0.key, value: $0.value) }
    }

    /// Makes room for lines to come.
    ///
    /// - Parameter count: How many lines the list shall hold without growing.
    package mutating func reserveCapacity(_ count: Int) {
        fields.reserveCapacity(count)
    }

    /// Adds one line.
    ///
    /// - Parameters:
    ///   - name: The name in lower case.
    ///   - value: The value.
    package mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The value of a header.
    ///
    /// - Parameter name: The name in lower case.
    /// - Returns: The first line's value, or nil if there is none.
    package subscript(_ name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// The lines but those whose name starts so.
    ///
    /// - Parameter prefix: The start of a name in lower case.
    /// - Returns: The other lines.
    package func without(prefix: String) -> HeaderFields {
        var others = HeaderFields()
        others.fields = fields.filter { !$0.name.hasPrefix(prefix) }
        return others
    }

    /// Whether a header came on more than one line.
    ///
    /// - Parameter name: The name in lower case.
    /// - Returns: False for one line and for none.
    package func isRepeated(_ name: String) -> Bool {
        fields.count { $0.name == name } > 1
    }

    /// Appends a header's value in canonical form.
    ///
    /// Trimmed, runs of inner spaces made one, repeated lines joined by commas.
    ///
    /// - Parameters:
    ///   - name: The name in lower case.
    ///   - output: What it is appended to; an absent header appends nothing.
    package func appendCanonicalValue(of name: String, to output: inout [UInt8]) {
        var isFirst = true
        for field in fields where field.name == name {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            var pendingSpace = false
            var isStart = true
            for byte in field.value.utf8 {
                if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                    pendingSpace = true
                } else {
                    if pendingSpace && !isStart { output.append(UInt8(ascii: " ")) }
                    pendingSpace = false
                    isStart = false
                    output.append(byte)
                }
            }
        }
    }
}
