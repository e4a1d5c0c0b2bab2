import MultipartForm
import Testing

/// The body of an upload, byte by byte.
struct MultipartWriterTests {
    private func text(_ writer: MultipartWriter, file: String) -> (body: String, type: String) {
        let bytes = Array(file.utf8)
        let body = writer.body(fileSize: bytes.count) { $0.copyBytes(from: bytes) }
        return (String(decoding: body.bytes, as: UTF8.self), body.contentType)
    }

    @Test func `fields come first, then the file, then the end`() {
        let writer = MultipartWriter(field: "file", fileName: "a.pdf", fields: [("note", "two\nlines")])
        let (body, type) = text(writer, file: "%PDF")
        #expect(type == "multipart/form-data; boundary=ingest-bench-boundary-00000000")
        let expected = [
            "--ingest-bench-boundary-00000000", "Content-Disposition: form-data; name=\"note\"", "",
            "two\nlines",
            "--ingest-bench-boundary-00000000",
            "Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"",
            "Content-Type: application/pdf",
            "", "%PDF", "--ingest-bench-boundary-00000000--", "",
        ]
        #expect(body == expected.joined(separator: "\r\n"))
    }

    @Test func `the boundary is in neither the file nor a field`() {
        let writer = MultipartWriter(
            field: "file",
            fileName: "a.bin",
            fields: [("note", "ingest-bench-boundary-00000001")]
        )
        let (body, type) = text(writer, file: "x\r\n--ingest-bench-boundary-00000000--")
        #expect(type.hasSuffix("=ingest-bench-boundary-00000002"))
        #expect(body.hasSuffix("\r\n--ingest-bench-boundary-00000002--\r\n"))
    }

    @Test func `names cannot break out of their quotes`() {
        let writer = MultipartWriter(field: "a\"b", fileName: "c\r\n\"d.pdf")
        #expect(text(writer, file: "x").body.contains("name=\"a%22b\"; filename=\"c%0D%0A%22d.pdf\"\r\n"))
    }

    @Test(
        arguments: [
            ("a.pdf", "application/pdf"), ("A.PDF", "application/pdf"), ("a.tar.gz", "application/gzip"),
            ("a", "application/octet-stream"), ("a.unknown", "application/octet-stream"),
        ]
    )
    func `the extension tells the type`(name: String, type: String) {
        #expect(MultipartWriter.contentType(ofFile: name) == type)
    }

    @Test func `a file that cannot be read leaves no body`() {
        struct Gone: Error, Equatable {}
        let writer = MultipartWriter(field: "file", fileName: "a.pdf")
        #expect(throws: Gone()) { try writer.body(fileSize: 10) { _ throws(Gone) in throw Gone() } }
    }
}
