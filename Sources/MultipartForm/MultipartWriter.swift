import CByteSearch

/// A whole `multipart/form-data` body in one buffer that is never changed again.
///
/// It is made once and sent by any number of uploads, none of which copies it.
package final class MultipartBody: Sendable {
    /// The body; it stays in place as long as this object lives.
    ///
    /// Safe to share: nothing writes to it after the object is made.
    nonisolated(unsafe) package let bytes: UnsafeRawBufferPointer
    /// The value of the request's `Content-Type`, which names the boundary.
    package let contentType: String

    fileprivate init(owning bytes: UnsafeMutableRawBufferPointer, boundary: String) {
        self.bytes = UnsafeRawBufferPointer(bytes)
        contentType = "multipart/form-data; boundary=\(boundary)"
    }

    deinit { bytes.deallocate() }
}

/// Encodes one file, and form fields before it, as `multipart/form-data` (RFC 7578).
package struct MultipartWriter: Sendable {
    /// The name of the field that carries the file.
    package var field: String
    /// The file's name as the server shall see it.
    package var fileName: String
    /// The file's type.
    package var contentType: String
    /// Fields that come before the file, in order.
    package var fields: [(name: String, value: String)]

    /// Makes a writer.
    ///
    /// - Parameters:
    ///   - field: The name of the field that carries the file.
    ///   - fileName: The file's name as the server shall see it.
    ///   - contentType: The file's type; nil goes by the extension.
    ///   - fields: Fields that come before the file.
    package init(
        field: String,
        fileName: String,
        contentType: String? = nil,
        fields: [(name: String, value: String)] = []
    ) {
        self.field = field
        self.fileName = fileName
        self.contentType = contentType ?? MultipartWriter.contentType(ofFile: fileName)
        self.fields = fields
    }

    /// Encodes the file.
    ///
    /// The file is read straight to its place in the body. The boundary is the first of a fixed sequence
    /// that neither it nor a field contains, so the same file gives the same body.
    ///
    /// - Parameters:
    ///   - fileSize: The file's size in bytes.
    ///   - fill: Fills a buffer of that size with the file.
    /// - Returns: The body.
    /// - Throws: What `fill` throws.
    package func body<Failure: Error>(
        fileSize: Int,
        fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> MultipartBody {
        // Every boundary has the same length, so the file's place is known before the boundary is.
        let size = head(boundary: boundary(0)).count + fileSize + tail(boundary: boundary(0)).count
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
        let start = head(boundary: boundary(0)).count
        let file = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + fileSize])
        do throws(Failure) {
            try fill(file)
        } catch {
            buffer.deallocate()
            throw error
        }
        let chosen = freeBoundary(file: UnsafeRawBufferPointer(file))
        buffer[..<start].copyBytes(from: head(boundary: chosen))
        buffer[(start + fileSize)...].copyBytes(from: tail(boundary: chosen))
        return MultipartBody(owning: buffer, boundary: chosen)
    }

    /// The media type that a file's extension stands for.
    ///
    /// - Parameter name: The file's name.
    /// - Returns: The type; `application/octet-stream` for an unknown extension.
    package static func contentType(ofFile name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return "application/octet-stream" }
        return types[name[name.index(after: dot)...].lowercased()] ?? "application/octet-stream"
    }

    private static let types = [
        "pdf": "application/pdf", "json": "application/json", "xml": "application/xml",
        "zip": "application/zip", "gz": "application/gzip", "csv": "text/csv", "txt": "text/plain",
        "html": "text/html", "md": "text/markdown", "png": "image/png", "jpg": "image/jpeg",
        "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "tif": "image/tiff",
        "tiff": "image/tiff", "svg": "image/svg+xml", "mp3": "audio/mpeg", "wav": "audio/wav",
        "mp4": "video/mp4", "epub": "application/epub+zip", "xps": "application/vnd.ms-xpsdocument",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ]

    private func boundary(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return "ingest-bench-boundary-" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private func freeBoundary(file: UnsafeRawBufferPointer) -> String {
        var number: UInt32 = 0
        while true {
            let candidate = boundary(number)
            let isInFields = fields.contains { contains(Array($0.value.utf8), candidate) }
            if !isInFields, !file.contains(candidate) { return candidate }
            number += 1
        }
    }

    private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        bytes.withUnsafeBytes { $0.contains(text) }
    }

    private func head(boundary: String) -> [UInt8] {
        var text = ""
        for (name, value) in fields {
            text += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(escape(name))\"\r\n\r\n"
            text += "\(value)\r\n"
        }
        text += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(escape(field))\"; "
        text += "filename=\"\(escape(fileName))\"\r\nContent-Type: \(contentType)\r\n\r\n"
        return Array(text.utf8)
    }

    private func tail(boundary: String) -> [UInt8] {
        Array("\r\n--\(boundary)--\r\n".utf8)
    }

    /// Escapes a name as browsers do (WHATWG HTML, "multipart/form-data encoding algorithm").
    private func escape(_ name: String) -> String {
        var escaped = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": escaped += "%22"
            case "\r": escaped += "%0D"
            case "\n": escaped += "%0A"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension UnsafeRawBufferPointer {
    /// Whether a text occurs in these bytes.
    fileprivate func contains(_ text: String) -> Bool {
        guard let baseAddress else { return false }
        let needle = Array(text.utf8)
        return byte_search(baseAddress, count, needle, needle.count) != nil
    }
}
