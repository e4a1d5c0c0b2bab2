import MultipartForm
import Testing

@Suite struct MultipartBoundaryTests {
    @Test(arguments: [
        ("multipart/form-data; boundary=sep", "sep"),
        ("Multipart/Form-Data;BOUNDARY=\"sep\"", "sep"),
        (
            "multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundary0; x=y",
            "----WebKitFormBoundary0"
        ),
        ("multipart/form-data; boundary=\"a b?'()+_,-./:=c\"", "a b?'()+_,-./:=c"),
        (
            "multipart/form-data; boundary=\(String(repeating: "x", count: 70))",
            String(repeating: "x", count: 70)
        ),
    ])
    func `the boundary is taken from the content type`(contentType: String, boundary: String) throws {
        #expect(try MultipartBoundary(contentType: contentType).text == boundary)
    }

    @Test(arguments: ["multipart/form-data", "multipart/form-data;", "multipart/form-data; charset=utf-8"])
    func `a content type without a boundary is refused`(contentType: String) {
        #expect(throws: MultipartError.boundaryMissing) { try MultipartBoundary(contentType: contentType) }
    }

    @Test(arguments: [
        nil, "", "application/pdf", "multipart/mixed; boundary=sep", "multipart/form-dataX; boundary=a",
    ])
    func `another content type is refused`(contentType: String?) {
        #expect(throws: MultipartError.notMultipart(contentType: contentType ?? "")) {
            try MultipartBoundary(contentType: contentType)
        }
    }

    @Test(arguments: [
        "boundary=\"\"", "boundary=\"sep \"", "boundary=sep; boundary=sep", "boundary=a b", "boundary=\"a",
        "boundary=ä", "boundary=\"a\\b\"", "boundary=a*b", "boundary=\(String(repeating: "x", count: 71))",
    ])
    func `a boundary that RFC 2046 does not allow is refused`(parameters: String) {
        let error = #expect(throws: MultipartError.self) {
            try MultipartBoundary(contentType: "multipart/form-data; \(parameters)")
        }
        guard case .boundaryInvalid = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
