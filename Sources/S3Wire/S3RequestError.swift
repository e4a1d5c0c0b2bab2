/// A request's failure as the protocol states it: the content of an `<Error>` document.
///
/// The server throws it and writes it; the client reads it back.
package struct S3RequestError: Error, Sendable, Equatable {
    /// The code, or nil if a foreign server sent one that is not in ``S3ErrorCode``.
    package let code: S3ErrorCode?
    /// The code as it stands on the wire.
    package let codeText: String
    /// One sentence about what was wrong.
    package let message: String
    /// Further elements of the document, in order: `Key`, `Region` and the like.
    package let details: [Detail]

    /// One further element of an error document.
    package struct Detail: Sendable, Equatable {
        /// The element's name.
        package let name: String
        /// The element's text.
        package let value: String

        /// Makes an element.
        ///
        /// - Parameters:
        ///   - name: The element's name.
        ///   - value: The element's text.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Makes an error of a known code.
    ///
    /// - Parameters:
    ///   - code: The code.
    ///   - message: What was wrong, or nil for the code's own sentence.
    ///   - details: Further elements of the document.
    package init(_ code: S3ErrorCode, _ message: String? = nil, details: [Detail] = []) {
        self.code = code
        self.codeText = code.rawValue
        self.message = message ?? code.message
        self.details = details
    }

    /// Writes the error as the document S3 clients read.
    ///
    /// - Parameters:
    ///   - resource: The path of the request.
    ///   - requestID: The id of the request.
    ///   - hostID: The extended id of the request.
    /// - Returns: The document.
    package func document(resource: String, requestID: String, hostID: String) -> [UInt8] {
        var xml = XMLWriter()
        xml.element("Error", namespace: nil) { xml in
            xml.text("Code", codeText)
            xml.text("Message", message)
            for detail in details { xml.text(detail.name, detail.value) }
            xml.text("Resource", resource)
            xml.text("RequestId", requestID)
            xml.text("HostId", hostID)
        }
        return xml.bytes
    }

    /// Reads an error document.
    ///
    /// - Parameter document: The bytes of an answer's body.
    package init?(document: [UInt8]) {
        // An answer that is no XML has no code: the caller reports its status instead.
        guard let root = try? XMLElement(parsing: document), root.name == "Error" else { return nil }
        codeText = root.childText("Code") ?? ""
        code = S3ErrorCode(rawValue: codeText)
        message = root.childText("Message") ?? ""
        let known: Set = ["Code", "Message"]
        details = root.children.filter { !known.contains($0.name) }.map { Detail($0.name, $0.text) }
    }

    /// The text of a further element.
    ///
    /// - Parameter name: The element's name.
    /// - Returns: Its text, or nil if the document has none.
    package func detail(_ name: String) -> String? {
        details.first { $0.name == name }?.value
    }
}
