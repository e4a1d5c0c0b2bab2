import MultipartForm
import Testing

@Suite struct ContentDispositionTests {
    @Test(
        arguments: [
            ("form-data; name=\"a\"", "a", nil),
            ("FORM-DATA ; NAME = a ;", "a", nil),
            ("form-data; name=\"\"; filename=\"\"", "", ""),
            ("form-data;name=file;filename=a.pdf", "file", "a.pdf"),
            ("form-data; name=\"a;b\"; filename=\"c;d\"", "a;b", "c;d"),
            (#"form-data; name="a\"b\\c""#, #"a"b\c"#, nil),
            (#"form-data; name="f"; filename="C:\Documents\a.pdf""#, "f", #"C:\Documents\a.pdf"#),
            ("form-data; name=\"a%22b%0D%0Ac%41\"", "a\"b\r\nc%41", nil),
            ("form-data; name=\"100%\"; filename=\"%2\"", "100%", "%2"),
            ("form-data; name=f; filename=\"x\"; filename*=UTF-8''%e2%82%ac%20a.pdf", "f", "€ a.pdf"),
            ("form-data; name=f; filename*=utf-8'de'a.pdf; filename=x", "f", "a.pdf"),
            ("form-data; name=f; filename=x; filename*=ISO-8859-1''%e4", "f", "x"),
            ("form-data; name=f; filename=x; filename*=UTF-8''%ff", "f", "x"),
            ("form-data; name=f; filename=x; filename*=UTF-8''%4", "f", "x"),
            ("form-data; name=f; filename*0=a; filename*1=b", "f", nil),
            ("form-data; name=f; filename*99999999999999999999=a; filename=x", "f", "x"),
            ("form-data; name=\"ü\"; filename=\"übung.pdf\"", "ü", "übung.pdf"),
        ] as [(String, String, String?)]
    )
    func `parameters are taken as browsers write them`(value: String, name: String, file: String?) throws {
        let disposition = try ContentDisposition(value.utf8)
        #expect(disposition.name == name)
        #expect(disposition.filename == file)
    }

    @Test(arguments: [
        "", "attachment; name=a", "form-data name=a", "form-data; name", "form-data; name=", "form-data; =a",
        "form-data; name=\"a", "form-data; name=\"a\\\"", "form-data; name=a b", "form-data; name=\"a\"b",
        "form-data; name=a; name=b", "form-data; name=a; filename=b; filename=c",
    ])
    func `a value of another form is refused`(value: String) {
        #expect(throws: MultipartError.malformed(.dispositionInvalid)) {
            try ContentDisposition(value.utf8)
        }
    }

    @Test func `a disposition without a name is refused as that`() {
        #expect(throws: MultipartError.malformed(.nameMissing)) {
            try ContentDisposition("form-data; filename=a".utf8)
        }
    }

    @Test(arguments: [
        (#"C:\Documents\a.pdf"#, "a.pdf"), ("/etc/passwd", "passwd"), ("../a.pdf", "a.pdf"), ("a/", ""),
        ("a\u{7}\u{1b}[2Jb.pdf", "a[2Jb.pdf"),
        (String(repeating: "x", count: 300), String(repeating: "x", count: 255)),
        (String(repeating: "€", count: 100), String(repeating: "€", count: 85)),
    ])
    func `a file name is logged without folders and control characters`(name: String, logged: String) throws {
        let disposition = try ContentDisposition(
            Array("form-data; name=f; filename=\"\(name.replacing("\\", with: "\\\\"))\"".utf8)
        )
        #expect(disposition.loggedFilename == logged)
    }
}
