/// One element of a parsed document: name, text and child elements.
///
/// Attributes and namespaces are read over: S3 documents carry no meaning in them.
package struct XMLElement: Sendable, Hashable {
    /// The name without a namespace prefix.
    package let name: String
    /// The text directly inside the element, references resolved.
    package internal(set) var text = ""
    /// The child elements in order.
    package internal(set) var children: [XMLElement] = []

    init(name: String) {
        self.name = name
    }

    /// Reads a document: one root, no DTD, no defined entities, at most eight levels deep.
    ///
    /// - Parameter document: The bytes; their number is the caller's to bound.
    /// - Throws: ``S3RequestError`` (MalformedXML).
    package init(parsing document: [UInt8]) throws(S3RequestError) {
        var parser = XMLParser(document)
        self = try parser.parse()
    }

    /// The children of a name.
    ///
    /// - Parameter name: The name.
    /// - Returns: The children so named, in order.
    package func children(_ name: String) -> [XMLElement] {
        children.filter { $0.name == name }
    }

    /// The first child of a name.
    ///
    /// - Parameter name: The name.
    /// - Returns: The child, or nil if there is none.
    package func child(_ name: String) -> XMLElement? {
        children.first { $0.name == name }
    }

    /// The text of the first child of a name.
    ///
    /// - Parameter name: The name.
    /// - Returns: Its text, or nil if there is no such child.
    package func childText(_ name: String) -> String? {
        child(name)?.text
    }
}
