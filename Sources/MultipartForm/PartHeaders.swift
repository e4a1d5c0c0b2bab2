/// What the header block of a part says.
package struct MultipartPart: Sendable, Equatable {
    /// The field's name and the file's, as the client sent them.
    package let disposition: ContentDisposition
    /// The part's content type as the client wrote it.
    package let contentType: String?
}

/// Collects the header lines of one part.
///
/// Lines are taken byte by byte, so a block cut anywhere gives the same. It holds one line and what was
/// understood of the lines before: 16 KiB at most.
struct PartHeaders {
    private var line: [UInt8] = []
    private var bytes = 0
    private var lines = 0
    private var disposition: ContentDisposition?
    private var contentType: String?

    /// How many bytes of an unfinished line are held.
    var heldBytes: Int { line.count }

    /// Takes bytes up to the blank line.
    ///
    /// - Parameters:
    ///   - input: The bytes fed.
    ///   - position: Where to begin; moved behind what was taken.
    /// - Returns: The part if its headers are whole, `nil` if they go on.
    /// - Throws: ``MultipartError`` for the first rule broken.
    mutating func take(
        _ input: UnsafeRawBufferPointer,
        _ position: inout Int
    ) throws(MultipartError) -> MultipartPart? {
        while position < input.count {
            let byte = input[position]
            position += 1
            bytes += 1
            if byte == 0 { throw .malformed(.headerNulByte) }
            let endsInReturn = line.last == carriageReturn
            if endsInReturn != (byte == lineFeed) { throw .malformed(.headerLineEnd) }
            if !endsInReturn {
                // The blank line's own two bytes are not counted.
                if bytes > MultipartLimits.headerBytes, byte != carriageReturn || !line.isEmpty {
                    throw .malformed(.headersTooLong)
                }
                line.append(byte)
            } else if line.count == 1 {
                return try part()
            } else {
                try takeLine()
            }
        }
        return nil
    }

    private mutating func takeLine() throws(MultipartError) {
        if bytes > MultipartLimits.headerBytes { throw .malformed(.headersTooLong) }
        lines += 1
        if lines > MultipartLimits.headerLines { throw .malformed(.headersTooMany) }
        let header = line.dropLast()
        if let first = header.first, isBlank(first) { throw .malformed(.headerFolded) }
        let name = header.prefix { $0 != UInt8(ascii: ":") }
        guard !name.isEmpty, name.count < header.count, name.allSatisfy(isTokenByte) else {
            throw .malformed(.headerName)
        }
        try understand(lowercased(name), trimmed(header[(name.endIndex + 1)...]))
        line.removeAll(keepingCapacity: true)
    }

    private mutating func understand(_ name: String, _ value: ArraySlice<UInt8>) throws(MultipartError) {
        switch name {
        case "content-disposition":
            if disposition != nil { throw .malformed(.dispositionRepeated) }
            disposition = try ContentDisposition(value)
        case "content-type":
            contentType = String(decoding: value, as: UTF8.self)
        case "content-transfer-encoding":
            guard ["7bit", "8bit", "binary"].contains(lowercased(value)) else {
                throw .encodedPart(encoding: String(decoding: value.prefix(80), as: UTF8.self))
            }
        default: break
        }
    }

    private func part() throws(MultipartError) -> MultipartPart {
        guard let disposition else { throw .malformed(.dispositionMissing) }
        return MultipartPart(disposition: disposition, contentType: contentType)
    }
}

private func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var value = value.drop(while: isBlank)
    while let last = value.last, isBlank(last) { value.removeLast() }
    return value
}

private let carriageReturn = UInt8(ascii: "\r")
private let lineFeed = UInt8(ascii: "\n")
