/// Why a request's body is no multipart form this reader takes.
package enum MultipartError: Error, Equatable {
    /// The request's content type is not `multipart/form-data`.
    case notMultipart(contentType: String)
    /// The content type names no boundary.
    case boundaryMissing
    /// The boundary is not what RFC 2046 allows, or is named twice.
    case boundaryInvalid(String)
    /// The body breaks a rule; the value says which.
    case malformed(MultipartFault)
    /// The form has more parts than allowed.
    case tooManyParts(limit: Int)
    /// A part is encoded in a way that would have to be undone first.
    case encodedPart(encoding: String)

    /// What happened, with the value at fault.
    package var message: String {
        switch self {
        case .notMultipart(let type): "the content type is '\(type)', not multipart/form-data"
        case .boundaryMissing: "the content type multipart/form-data names no boundary"
        case .boundaryInvalid(let boundary): "the boundary '\(boundary)' is not valid"
        case .malformed(let fault): "the multipart body is malformed: \(fault.description)"
        case .tooManyParts(let limit): "the form has more than \(limit) parts"
        case .encodedPart(let encoding): "a part has the transfer encoding '\(encoding)'"
        }
    }

    /// What to try.
    package var hint: String? {
        switch self {
        case .notMultipart, .boundaryMissing:
            "send the file as a form, for example: curl -F file=@document.pdf"
        case .boundaryInvalid: "use 1 to 70 letters, digits or '()+_,-./:=? and name the boundary once"
        case .malformed: "let an HTTP library write the form; lines end in CR LF"
        case .tooManyParts: "send the file and only the fields it needs"
        case .encodedPart: "send the part as it is; only 7bit, 8bit and binary are taken"
        }
    }
}

/// A rule of RFC 2046 or RFC 7578 that a body breaks.
package enum MultipartFault: Sendable, Equatable, CaseIterable, CustomStringConvertible {
    case endsEarly
    case headerLineEnd
    case headerNulByte
    case headerFolded
    case headerName
    case headersTooLong
    case headersTooMany
    case dispositionMissing
    case dispositionRepeated
    case dispositionInvalid
    case nameMissing

    /// The rule in words.
    package var description: String {
        switch self {
        case .endsEarly: "it ends before its closing boundary"
        case .headerLineEnd: "a header line doesn't end in CR LF"
        case .headerNulByte: "a header has a NUL byte"
        case .headerFolded: "a header is folded over two lines"
        case .headerName: "a header has no colon or no valid name"
        case .headersTooLong: "a part's headers have more than \(MultipartLimits.headerBytes) bytes"
        case .headersTooMany: "a part has more than \(MultipartLimits.headerLines) header lines"
        case .dispositionMissing: "a part has no Content-Disposition"
        case .dispositionRepeated: "a part has two Content-Dispositions"
        case .dispositionInvalid: "a Content-Disposition is no form-data with valid parameters"
        case .nameMissing: "a part has no name"
        }
    }
}

/// What a form may have at most.
package enum MultipartLimits {
    /// Parts of a form.
    package static let parts = 128
    /// Bytes of a part's header lines with their line ends.
    package static let headerBytes = 16 << 10
    /// Header lines of a part.
    package static let headerLines = 32
    /// Spaces and tabs between a boundary and its line end.
    package static let padding = 256
    /// Bytes of a boundary, by RFC 2046.
    package static let boundaryBytes = 70
    /// Bytes of a file name that are kept.
    package static let filenameBytes = 255
    /// Bytes that a reader holds back at most: an unfinished header line and its CR, or a delimiter, which is shorter.
    package static let heldBytes = headerBytes + 1
}
