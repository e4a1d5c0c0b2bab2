/// The `Content-Disposition` of a form's part (RFC 7578, 4.2).
package struct ContentDisposition: Sendable, Equatable {
    /// The field's name.
    package let name: String
    /// The file's name as the client sent it, not to be used as a path.
    ///
    /// It is `nil` if the part is no file.
    package let filename: String?

    /// Parses the header's value.
    ///
    /// `%22`, `%0D` and `%0A` are decoded, as browsers write a quote, CR and LF. `filename*` in UTF-8 wins
    /// over `filename`; continuations like `filename*0` are ignored.
    ///
    /// - Parameter value: The bytes behind the header's colon.
    /// - Throws: ``MultipartError/malformed(_:)``.
    package init(_ value: some Sequence<UInt8>) throws(MultipartError) {
        guard let header = HeaderParameters(value), header.word == "form-data" else {
            throw .malformed(.dispositionInvalid)
        }
        let names = header.values(of: "name")
        let filenames = header.values(of: "filename")
        let extended = header.values(of: "filename*")
        guard names.count <= 1, filenames.count <= 1, extended.count <= 1 else {
            throw .malformed(.dispositionInvalid)
        }
        guard let name = names.first else { throw .malformed(.nameMissing) }
        self.name = decodedName(name)
        self.filename = extended.first.flatMap(extendedValue) ?? filenames.first.map(decodedName)
    }

    /// The file's name fit for a log: without folders and control characters, 255 bytes at most.
    package var loggedFilename: String? {
        guard let filename else { return nil }
        let scalars = filename.unicodeScalars
        let base = scalars.lastIndex { $0 == "/" || $0 == "\\" }.map { scalars.index(after: $0) }
        var logged = String.UnicodeScalarView()
        var bytes = 0
        for scalar in scalars[(base ?? scalars.startIndex)...]
        where scalar.properties.generalCategory != .control {
            bytes += UTF8.width(scalar)
            if bytes > MultipartLimits.filenameBytes { break }
            logged.append(scalar)
        }
        return String(logged)
    }
}

/// Decodes the three bytes that browsers escape in names.
private func decodedName(_ bytes: [UInt8]) -> String {
    var decoded: [UInt8] = []
    var position = 0
    while position < bytes.count {
        let escaped = escapedByte(in: bytes, at: position)
        let isKept = escaped.map { $0 != quote && $0 != carriageReturn && $0 != lineFeed } ?? true
        decoded.append(isKept ? bytes[position] : escaped ?? 0)
        position += isKept ? 1 : 3
    }
    return String(decoding: decoded, as: UTF8.self)
}

/// Decodes `UTF-8''a%20name` (RFC 8187, 3.2.1); `nil` for other charsets and for broken escapes.
private func extendedValue(_ bytes: [UInt8]) -> String? {
    let parts = bytes.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, lowercased(parts[0]) == "utf-8" else { return nil }
    let encoded = Array(parts[2])
    var decoded: [UInt8] = []
    var position = 0
    while position < encoded.count {
        if encoded[position] != UInt8(ascii: "%") {
            decoded.append(encoded[position])
            position += 1
        } else if let byte = escapedByte(in: encoded, at: position) {
            decoded.append(byte)
            position += 3
        } else {
            return nil
        }
    }
    return String(validating: decoded, as: UTF8.self)
}

/// The byte that `%XX` at a position stands for; `nil` if none stands there.
private func escapedByte(in bytes: [UInt8], at position: Int) -> UInt8? {
    guard bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count else { return nil }
    guard let high = hexadecimalDigit(bytes[position + 1]), let low = hexadecimalDigit(bytes[position + 2])
    else { return nil }
    return high << 4 | low
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}

private let quote = UInt8(ascii: "\"")
private let carriageReturn = UInt8(ascii: "\r")
private let lineFeed = UInt8(ascii: "\n")
