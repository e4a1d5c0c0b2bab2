package import NIOCore

/// One HTTP answer as it came over the wire.
package struct RawResponse: Sendable {
    /// The status code.
    package let status: Int
    /// Header values by lower-case name; of repeated ones the last.
    package let headers: [String: String]
    /// The body's bytes.
    package let body: [UInt8]

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// Takes one whole answer from the front of what was read; nil if it is not whole yet.
    ///
    /// - Parameters:
    ///   - bytes: What was read so far; the answer is removed from it.
    ///   - hasBody: False for the answer to a HEAD request.
    package init?(parsing bytes: inout ByteBuffer, hasBody: Bool) {
        let all = bytes.readableBytesView
        guard let end = all.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: all[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            return nil
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        let length = hasBody && status >= 200 ? headers["content-length"].flatMap { Int($0) } ?? 0 : 0
        guard all[end.upperBound...].count >= length else { return nil }
        self.status = status
        self.headers = headers
        self.body = Array(all[end.upperBound...].prefix(length))
        bytes.moveReaderIndex(to: end.upperBound + length)
    }
}
