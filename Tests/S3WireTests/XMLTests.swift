import S3Wire
import Testing

struct XMLTests {
    private func parse(_ text: String) throws -> XMLElement { try XMLElement(parsing: Array(text.utf8)) }

    @Test func `a document is read with prefixes, attributes, references and CDATA`() throws {
        let root = try parse(
            """
            <?xml version="1.0"?><!-- note --><s3:Delete xmlns:s3="x" quiet='1'>
            <s3:Object><Key>a&amp;b&#10;&#x1F600;<![CDATA[<c>]]></Key></s3:Object><Quiet/></s3:Delete>
            """
        )
        #expect(root.name == "Delete")
        #expect(root.child("Object")?.childText("Key") == "a&b\n😀<c>")
        #expect(root.childText("Quiet") == "")
    }

    @Test func `what the writer writes the parser reads`() throws {
        var writer = XMLWriter()
        let text = "a<b>&\"c\" \u{1}\n é"
        writer.root("Root") { xml in
            xml.element("Child") { $0.text("Key", text) }
        }
        #expect(try XMLElement(parsing: writer.bytes).child("Child")?.childText("Key") == text)
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a/><b/>", "<a>&unknown;</a>", "<a>&#0;</a>", "<a>&amp</a>",
        "<a b></a>",
        "<!DOCTYPE a><a/>", "<a><b></a></b>", "<a", "<a b='>", "<a/>tail", "<!-- ", "<a><![CDATA[</a>",
    ])
    func `a malformed document is refused`(text: String) {
        #expect(throws: S3RequestError(.malformedXML)) { try parse(text) }
    }

    @Test func `depth is bounded`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        #expect(throws: Never.self) { try parse(nested(8)) }
        #expect(throws: S3RequestError(.malformedXML)) { try parse(nested(9)) }
        #expect(throws: S3RequestError(.malformedXML)) { try parse(nested(100_000)) }
    }

    @Test func `an error document is read back`() {
        let error = S3RequestError(.noSuchKey, details: [.init("Key", "a&b")])
        let read = S3RequestError(document: error.document(resource: "/b/k", requestID: "1", hostID: "2"))
        #expect(read?.code == .noSuchKey)
        #expect(read?.message == S3ErrorCode.noSuchKey.message)
        #expect(read?.detail("Key") == "a&b")
        #expect(read?.detail("RequestId") == "1")
    }
}
