import MultipartForm
import Testing

@Suite struct MultipartRoundTripTests {
    @Test(arguments: 0..<6 as Range<UInt64>)
    func `the reader gives back what the writer was given`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let length = Int.random(in: 0...300, using: &generator)
            let file = (0..<length).map { _ in
                Array("\r\n-a\u{0}\"%".utf8).randomElement(using: &generator) ?? 0
            }
            let fields = [(name: "a \"quoted\" name\r\n", value: "1\r\n--"), (name: "ü", value: "")]
            let writer = MultipartWriter(field: "file", fileName: "my \"ü\".pdf", fields: fields)
            let body = writer.body(fileSize: file.count) { $0.copyBytes(from: file) }
            let boundary = try MultipartBoundary(contentType: body.contentType).text
            let bytes = Array(body.bytes)
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let parts = try readForm(boundary: boundary, [bytes[..<cut], bytes[cut...]]).get()
            #expect(parts.map(\.name) == fields.map(\.name) + ["file"])
            #expect(parts.map(\.data) == fields.map { Array($0.value.utf8) } + [file])
            #expect(parts.last?.filename == "my \"ü\".pdf")
            #expect(parts.last?.contentType == "application/pdf")
        }
    }
}
