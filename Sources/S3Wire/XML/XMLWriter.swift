/// Writes the small XML documents of S3.
package struct XMLWriter: Sendable {
    /// The namespace of every S3 document but `<Error>`.
    package static let s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    /// The document so far.
    package private(set) var bytes: [UInt8] = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)

    /// Starts a document.
    package init() {}

    /// Writes an element with children.
    ///
    /// - Parameters:
    ///   - name: The element's name.
    ///   - namespace: The namespace to declare on it, if any.
    ///   - type: Its type by XML Schema, where a document states one.
    ///   - content: Writes the children.
    package mutating func element(
        _ name: String,
        namespace: String? = nil,
        type: String? = nil,
        content: (inout XMLWriter) -> Void
    ) {
        open(name, namespace: namespace, type: type)
        content(&self)
        close(name)
    }

    /// Writes an element with a namespace that holds a text.
    ///
    /// - Parameters:
    ///   - name: The element's name.
    ///   - namespace: The namespace to declare on it.
    ///   - text: The plain text.
    package mutating func element(_ name: String, namespace: String, text: String) {
        open(name, namespace: namespace)
        for byte in text.utf8 { escape(byte) }
        close(name)
    }

    /// Opens the root of an S3 document, writes its children and closes it.
    ///
    /// - Parameters:
    ///   - name: The root's name.
    ///   - content: Writes the children.
    package mutating func root(_ name: String, content: (inout XMLWriter) -> Void) {
        element(name, namespace: Self.s3Namespace, content: content)
    }

    /// Writes an element that holds a text.
    ///
    /// - Parameters:
    ///   - name: The element's name.
    ///   - value: The plain text.
    package mutating func text(_ name: String, _ value: String) {
        text(name, bytes: value.utf8)
    }

    /// Writes an element that holds text given as UTF-8.
    ///
    /// - Parameters:
    ///   - name: The element's name.
    ///   - value: The plain text's bytes.
    package mutating func text(_ name: String, bytes value: some Sequence<UInt8>) {
        open(name, namespace: nil)
        for byte in value { escape(byte) }
        close(name)
    }

    /// Writes an element that holds a key or a part of one.
    ///
    /// - Parameters:
    ///   - name: The element's name.
    ///   - key: The key's bytes.
    ///   - encodes: Whether they are percent-encoded, which any XML parser can read back.
    package mutating func key(_ name: String, _ key: some Sequence<UInt8>, encodes: Bool) {
        if encodes {
            text(name, PercentEncoding.encode(key, as: .path))
        } else {
            text(name, bytes: key)
        }
    }

    private mutating func open(_ name: String, namespace: String?, type: String? = nil) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: name.utf8)
        if let namespace { bytes.append(contentsOf: " xmlns=\"\(namespace)\"".utf8) }
        if let type {
            let schema = "http://www.w3.org/2001/XMLSchema-instance"
            bytes.append(contentsOf: " xmlns:xsi=\"\(schema)\" xsi:type=\"\(type)\"".utf8)
        }
        bytes.append(UInt8(ascii: ">"))
    }

    private mutating func close(_ name: String) {
        bytes.append(contentsOf: [UInt8(ascii: "<"), UInt8(ascii: "/")])
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ">"))
    }

    /// Control characters become character references, as AWS writes keys that XML 1.0 cannot hold.
    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
        case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
        case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
        case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
        case 0..<32, 127: bytes.append(contentsOf: "&#\(byte);".utf8)
        default: bytes.append(byte)
        }
    }
}
