import MultipartForm
import Testing

/// A body and what it must be read as, however it is cut.
struct ReaderCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let body: String
    let expected: Result<[ReadPart], MultipartError>

    init(_ name: String, _ body: String, _ parts: ReadPart...) {
        (testDescription, self.body, expected) = (name, body, .success(parts))
    }

    init(_ name: String, _ body: String, fails error: MultipartError) {
        (testDescription, self.body, expected) = (name, body, .failure(error))
    }

    init(_ name: String, headers: String, fails fault: MultipartFault) {
        self.init(name, "--sep\r\n\(headers)\r\n\r\nx\r\n--sep--", fails: .malformed(fault))
    }
}

private let field = "Content-Disposition: form-data; name=\"a\"\r\n"
private let file = "Content-Disposition: form-data; name=\"file\"; filename=\"f.pdf\"\r\n"

private let hugeName = String(repeating: "n", count: 3000)

private let delimiterCases = [
    ReaderCase("one field", "--sep\r\n\(field)\r\nvalue\r\n--sep--\r\n", ReadPart("a", "value")),
    ReaderCase(
        "two parts",
        "--sep\r\n\(field)\r\n1\r\n--sep\r\n\(file)\r\n%PDF\r\n--sep--",
        ReadPart("a", "1"),
        ReadPart("file", filename: "f.pdf", "%PDF")
    ),
    ReaderCase(
        "the delimiter followed by other text is data",
        "--sep\r\n\(field)\r\n1\r\n--sepFAKE\r\n--sep_alt\r\n--sep-\r\n--sep -- \r\n--sep--",
        ReadPart("a", "1\r\n--sepFAKE\r\n--sep_alt\r\n--sep-\r\n--sep -- ")
    ),
    ReaderCase(
        "the delimiter followed by CR alone is data",
        "--sep\r\n\(field)\r\n1\r\n--sep\rx\r\n--sep \r\r\n--sep--",
        ReadPart("a", "1\r\n--sep\rx\r\n--sep \r")
    ),
    ReaderCase(
        "an empty part's delimiter follows the blank line",
        "--sep\r\n\(field)\r\n--sep\r\n\(field)\r\n--sep--",
        ReadPart("a"),
        ReadPart("a")
    ),
    ReaderCase("an empty part with its own line end", "--sep\r\n\(field)\r\n\r\n--sep--", ReadPart("a")),
    ReaderCase(
        "a borrowed line end before a false delimiter is not data",
        "--sep\r\n\(field)\r\n--sepFAKE\r\n--sep--",
        ReadPart("a", "--sepFAKE")
    ),
    ReaderCase(
        "data that begins like a delimiter",
        "--sep\r\n\(field)\r\n--se\r\n--sep--",
        ReadPart("a", "--se")
    ),
    ReaderCase(
        "spaces and tabs behind the boundary",
        "--sep \t \r\n\(field)\r\n1\r\n--sep\t\r\n\(field)\r\n2\r\n--sep--",
        ReadPart("a", "1"),
        ReadPart("a", "2")
    ),
    ReaderCase(
        "as many spaces as allowed",
        "--sep\r\n\(field)\r\n1\r\n--sep\(String(repeating: " ", count: 256))\r\n\(field)\r\n2\r\n--sep--",
        ReadPart("a", "1"),
        ReadPart("a", "2")
    ),
    ReaderCase(
        "one space more",
        "--sep\r\n\(field)\r\n1\r\n--sep\(String(repeating: " ", count: 257))\r\n--sep--",
        ReadPart("a", "1\r\n--sep" + String(repeating: " ", count: 257))
    ),
    ReaderCase("a preamble", "hello\r\n--sepX\r\n--sep\r\n\(field)\r\n1\r\n--sep--", ReadPart("a", "1")),
    ReaderCase("a line end first", "\r\n--sep\r\n\(field)\r\n1\r\n--sep--", ReadPart("a", "1")),
    ReaderCase(
        "an epilogue with delimiters",
        "--sep\r\n\(field)\r\n1\r\n--sep--junk\r\n--sep\r\n\(field)\r\n--sep--",
        ReadPart("a", "1")
    ),
    ReaderCase("no parts", "--sep--"),
    ReaderCase("no parts, with Chrome's line end", "--sep--\r\n"),
    ReaderCase(
        "line ends only",
        "--sep\r\n\(field)\r\n\r\n\r\n\r\r\n\n\n\r\n\r\r\n--sep--",
        ReadPart("a", "\r\n\r\n\r\r\n\n\n\r\n\r")
    ),
    ReaderCase(
        "almost the delimiter",
        "--sep\r\n\(field)\r\n\n--sep--\r--sep--\r\n-sep--\r\n--sep-\r\n--sep--",
        ReadPart("a", "\n--sep--\r--sep--\r\n-sep--\r\n--sep-")
    ),
    ReaderCase(
        "a form in a form, whose boundary begins like the outer one",
        "--sep\r\n\(field)\r\n--sepinner\r\nX: y\r\n\r\n1\r\n--sepinner--\r\n--sep--",
        ReadPart("a", "--sepinner\r\nX: y\r\n\r\n1\r\n--sepinner--")
    ),
    ReaderCase("nothing", "", fails: .malformed(.endsEarly)),
    ReaderCase("stops in the delimiter", "--se", fails: .malformed(.endsEarly)),
    ReaderCase("stops in the headers", "--sep\r\nContent-Dis", fails: .malformed(.endsEarly)),
    ReaderCase("stops in the data", "--sep\r\n\(field)\r\nabc", fails: .malformed(.endsEarly)),
    ReaderCase(
        "stops before the last hyphen",
        "--sep\r\n\(field)\r\n1\r\n--sep-",
        fails: .malformed(.endsEarly)
    ),
    ReaderCase("another boundary", "--other\r\n\(field)\r\n1\r\n--other--", fails: .malformed(.endsEarly)),
]

private let headerCases = [
    ReaderCase(
        "several files, two of them of one name",
        "--sep\r\n\(file)\r\n1\r\n--sep\r\n\(file)\r\n2\r\n--sep\r\n\(field)\r\n3\r\n--sep--",
        ReadPart("file", filename: "f.pdf", "1"),
        ReadPart("file", filename: "f.pdf", "2"),
        ReadPart("a", "3")
    ),
    ReaderCase(
        "a file name in UTF-8 and one with folders",
        "--sep\r\nContent-Disposition: form-data; name=\"ü\"; filename=\"C:\\ü.pdf\"\r\n\r\n1\r\n--sep--",
        ReadPart("ü", filename: "C:\\ü.pdf", "1")
    ),
    ReaderCase(
        "a huge file name",
        "--sep\r\nContent-Disposition: form-data; name=a; filename=\(hugeName)\r\n\r\n1\r\n--sep--",
        ReadPart("a", filename: hugeName, "1")
    ),
    ReaderCase(
        "a continued file name of a huge index",
        "--sep\r\nContent-Disposition: form-data; name=a; filename*\(String(repeating: "9", count: 99))=x\r\n"
            + "\r\n1\r\n--sep--",
        ReadPart("a", "1")
    ),
    ReaderCase(
        "names of headers in any case and with digits",
        "--sep\r\nX-H2: 1\r\ncOnTeNt-DiSpOsItIoN:form-data;name=a\r\nCONTENT-TYPE: a/b \r\n\r\n1\r\n--sep--",
        ReadPart("a", contentType: "a/b", "1")
    ),
    ReaderCase(
        "encodings that change nothing",
        "--sep\r\n\(field)Content-Transfer-Encoding: 8BIT\r\n\r\n1\r\n--sep--",
        ReadPart("a", "1")
    ),
    ReaderCase(
        "base64",
        "--sep\r\n\(field)Content-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--sep--",
        fails: .encodedPart(encoding: "base64")
    ),
    ReaderCase(
        "quoted-printable",
        "--sep\r\n\(field)Content-Transfer-Encoding: quoted-printable\r\n\r\n1\r\n--sep--",
        fails: .encodedPart(encoding: "quoted-printable")
    ),
    ReaderCase("LF alone in the headers", headers: "A: b\nC: d", fails: .headerLineEnd),
    ReaderCase("CR alone in the headers", headers: "A: b\rC: d", fails: .headerLineEnd),
    ReaderCase("two CRs", headers: "A: b\r\r\nC: d", fails: .headerLineEnd),
    ReaderCase("NUL in a value", headers: "A: \0", fails: .headerNulByte),
    ReaderCase("NUL in a name", headers: "A\0: b", fails: .headerNulByte),
    ReaderCase("a folded line", headers: "A: b\r\n c", fails: .headerFolded),
    ReaderCase("no colon", headers: "Abc", fails: .headerName),
    ReaderCase("no name", headers: ": b", fails: .headerName),
    ReaderCase("a space before the colon", headers: "A : b", fails: .headerName),
    ReaderCase("an umlaut in a name", headers: "Ä: b", fails: .headerName),
    ReaderCase("no disposition", headers: "A: b", fails: .dispositionMissing),
    ReaderCase("no headers at all", "--sep\r\n\r\n1\r\n--sep--", fails: .malformed(.dispositionMissing)),
    ReaderCase("two dispositions", headers: field + field.dropLast(2), fails: .dispositionRepeated),
    ReaderCase("another disposition", headers: "Content-Disposition: attachment", fails: .dispositionInvalid),
    ReaderCase("no field name", headers: "Content-Disposition: form-data", fails: .nameMissing),
]

@Suite struct MultipartReaderTests {
    @Test(arguments: delimiterCases + headerCases)
    func `a body is read the same wherever it is cut`(_ test: ReaderCase) {
        let body = Array(test.body.utf8)
        #expect(readForm([body[...]]) == test.expected)
        for pieces in cuts(body) where readForm(pieces) != test.expected {
            Issue.record("differs when cut into \(pieces.map(\.count).prefix(3))")
        }
    }

    @Test func `headers may be as long as the limit and no longer`() {
        func form(length: Int) -> [UInt8] {
            let padding = String(repeating: "x", count: length - field.utf8.count - "X: \r\n".utf8.count)
            return Array("--sep\r\nX: \(padding)\r\n\(field)\r\n1\r\n--sep--".utf8)
        }
        for pieces in [form(length: 16384)[...]].map({ [$0] }) + cuts(form(length: 16384)).suffix(60) {
            #expect(readForm(pieces) == .success([ReadPart("a", "1")]))
        }
        #expect(readForm([form(length: 16385)[...]]) == .failure(.malformed(.headersTooLong)))
        #expect(readForm([form(length: 16386)[...]]) == .failure(.malformed(.headersTooLong)))
    }

    @Test func `headers without an end are refused at the limit`() {
        let endless = Array("--sep\r\n".utf8) + Array(repeating: UInt8(ascii: "x"), count: 16385)
        #expect(readForm([endless[...]]) == .failure(.malformed(.headersTooLong)))
    }

    @Test func `a part may have 32 header lines and no more`() {
        func form(lines: Int) -> [UInt8] {
            let others = String(repeating: "X: y\r\n", count: lines - 1)
            return Array("--sep\r\n\(others)\(field)\r\n1\r\n--sep--".utf8)
        }
        #expect(readForm([form(lines: 32)[...]]) == .success([ReadPart("a", "1")]))
        #expect(readForm([form(lines: 33)[...]]) == .failure(.malformed(.headersTooMany)))
    }

    @Test func `a form may have 128 parts and no more`() {
        func form(parts: Int) -> [UInt8] {
            Array((String(repeating: "--sep\r\n\(field)\r\n1\r\n", count: parts) + "--sep--").utf8)
        }
        let parts = Array(repeating: ReadPart("a", "1"), count: 128)
        #expect(readForm([form(parts: 128)[...]]) == .success(parts))
        #expect(readForm([form(parts: 129)[...]]) == .failure(.tooManyParts(limit: 128)))
    }

    @Test func `data is given as slices of what was fed`() throws {
        var reader = MultipartReader(boundary: try MultipartBoundary("sep"))
        let body = Array("--sep\r\n\(field)\r\n0123456789\r\n--sep--".utf8)
        var places: [Int] = []
        try body.withUnsafeBytes { fed in
            try reader.feed(fed) { event in
                guard case .data(let slice) = event, let start = slice.baseAddress else { return }
                places.append(fed.baseAddress?.distance(to: start) ?? -1)
            }
        }
        #expect(places == ["--sep\r\n\(field)\r\n".utf8.count])
    }

    @Test func `data of every length to 5 KiB comes back, cut near its end`() {
        let head = Array("--sep\r\n\(file)\r\n".utf8)
        let tail = Array("\r\n--sep--\r\n".utf8)
        let content = (0..<5120).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        for length in 0...content.count {
            let body = head + content[..<length] + tail
            let cut = body.count - 1 - length % (tail.count + 2)
            let parts = try? readForm([body[..<cut], body[cut...]]).get()
            // A failure is a difference like any other.
            if parts?.map(\.data) != [Array(content[..<length])] { Issue.record("length \(length)") }
        }
    }
}
