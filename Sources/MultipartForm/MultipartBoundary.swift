/// What separates the parts of a form: 1 to 70 characters of RFC 2046.
package struct MultipartBoundary: Sendable, Equatable {
    /// The boundary without the hyphens before it.
    package let text: String

    /// Checks a boundary.
    ///
    /// - Parameter text: The boundary without the hyphens before it.
    /// - Throws: ``MultipartError/boundaryInvalid(_:)``.
    package init(_ text: String) throws(MultipartError) {
        let bytes = text.utf8
        guard
            (1...MultipartLimits.boundaryBytes).contains(bytes.count), bytes.last != UInt8(ascii: " "),
            bytes.allSatisfy(isBoundaryByte)
        else { throw .boundaryInvalid(shown(text)) }
        self.text = text
    }

    /// Takes the boundary from a request's content type.
    ///
    /// - Parameter contentType: The value of the header; `nil` if the request has none.
    /// - Throws: ``MultipartError`` if it isn't `multipart/form-data` with one valid boundary.
    package init(contentType: String?) throws(MultipartError) {
        guard let contentType else { throw .notMultipart(contentType: "") }
        let mediaType = lowercased(contentType.utf8.prefix { $0 != UInt8(ascii: ";") && !isBlank($0) })
        guard mediaType == "multipart/form-data" else {
            throw .notMultipart(contentType: shown(contentType))
        }
        guard let header = HeaderParameters(contentType.utf8) else {
            throw .boundaryInvalid(shown(contentType))
        }
        let boundaries = header.values(of: "boundary")
        guard let first = boundaries.first else { throw .boundaryMissing }
        guard boundaries.count == 1 else { throw .boundaryInvalid(shown(contentType)) }
        try self.init(String(decoding: first, as: UTF8.self))
    }
}

private func isBoundaryByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "'()+_,-./:=? ".utf8.contains(byte)
    }
}

/// The beginning of a client's text, fit for an error message.
private func shown(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(80).map { $0.value < 32 ? "?" : $0 }))
}
