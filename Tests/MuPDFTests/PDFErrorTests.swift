import MuPDF
import Testing

/// Page 1 with text, page 2 with an image of 30 by 20 pixels twice.
private func smallFile() -> [UInt8] {
    var file = PDFFile()
    let image = file.addImage("/ColorSpace /DeviceGray", width: 30, height: 20, gradient(600))
    file.setPages([file.addPage(content: line("Hello")), file.addPage(objects: [image, image])])
    return file.bytes
}

private func limits(_ change: (inout PDFLimits) -> Void) -> PDFLimits {
    var limits = PDFLimits()
    change(&limits)
    return limits
}

@Suite struct PDFErrorTests {
    @Test(arguments: ["", "hello", "%PDF-1.7\n%%EOF", "{\"json\": true}"])
    func `bytes that are no PDF are refused as such`(text: String) {
        let error = #expect(throws: PDFError.self) { try PDFExtractor().extract(Array(text.utf8)) }
        guard case .notAPDF = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a PDF that needs a password is refused as such`() {
        var file = PDFFile(pages: [(line("Hello"), "")])
        let key = String(repeating: "41", count: 32)
        file.trailer =
            "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <\(key)> /U <\(key)> >> /ID [<00> <00>]"
        #expect(throws: PDFError.encrypted) { try PDFExtractor().extract(file.bytes) }
    }

    @Test func `more pages than a file of its size can have are damage`() {
        var file = PDFFile()
        file.setPages([file.addPage(content: line("Hello"))], count: 1_410_065_407)
        let error = #expect(throws: PDFError.self) { try PDFExtractor().extract(file.bytes) }
        guard case .damaged(.pageTree, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a page that is the tree itself is named`() {
        var file = PDFFile()
        let page = file.addPage(content: line("Hello"))
        file.setPages([page, 2])
        let error = #expect(throws: PDFError.self) { try PDFExtractor().extract(file.bytes) }
        guard case .damaged(.page(2), let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.message == "page 2 can't be read: \(reason)")
    }

    @Test func `an image without a size is named with its page`() {
        var file = PDFFile()
        let good = file.addImage("/ColorSpace /DeviceGray", width: 1, height: 1, [1])
        let bad = file.addImage("/ColorSpace /DeviceGray", width: 0, height: 0, [1])
        file.setPages([file.addPage(), file.addPage(objects: [good, bad])])
        let error = #expect(throws: PDFError.self) { try PDFExtractor().extract(file.bytes) }
        guard case .damaged(.image(page: 2, index: 1), _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        arguments: [
            (limits { $0.maximumPages = 1 }, .overLimit(.pages, found: 2, limit: 1)),
            (limits { $0.maximumImages = 1 }, .overLimit(.images, found: 2, limit: 1)),
            (limits { $0.maximumPixelsPerImage = 599 }, .overLimit(.pixelsPerImage, found: 600, limit: 599)),
            (limits { $0.maximumOutputBytes = 5 }, .overLimit(.outputBytes, found: 6, limit: 5)),
            (limits { $0.maximumMemoryBytes = 20_000 }, .tooComplex(memoryLimit: 20_000)),
            (limits { $0.timeLimit = .zero }, .tooSlow(timeLimit: .zero)),
            (limits { $0.timeLimit = .seconds(-1) }, .tooSlow(timeLimit: .seconds(-1))),
        ] as [(PDFLimits, PDFError)]
    )
    func `a document past a limit is refused`(limits: PDFLimits, error: PDFError) {
        #expect(throws: error) { try PDFExtractor(limits: limits).extract(smallFile()) }
    }

    @Test func `a document at its limits is read`() throws {
        let limits = limits {
            $0.maximumPages = 2
            $0.maximumImages = 2
            $0.maximumPixelsPerImage = 600
        }
        #expect(try PDFExtractor(limits: limits).extract(smallFile()).images.count == 2)
    }

    @Test func `a JPX is held to the size in its own bytes`() {
        var file = PDFFile()
        let head: [UInt8] = [0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0]
        let size: [UInt8] = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let filter = "/ColorSpace /DeviceGray /Filter /JPXDecode"
        let image = file.addImage(filter, width: 1, height: 1, head + size + gradient(40))
        file.setPages([file.addPage(objects: [image])])
        let error = PDFError.overLimit(.pixelsPerImage, found: 1 << 32, limit: 100_000_000)
        #expect(throws: error) { try PDFExtractor().extract(file.bytes) }
    }

    @Test func `a document cancelled before its begin is not read`() {
        let cancellation = PDFCancellation()
        cancellation.cancel()
        #expect(cancellation.isCancelled)
        #expect(throws: PDFError.cancelled) {
            try PDFExtractor().extract(smallFile(), cancellation: cancellation)
        }
    }

    @Test func `a document cancelled between two pages is not read on`() throws {
        let cancellation = PDFCancellation()
        try smallFile().withUnsafeBytes { buffer in
            let document = try PDFDocument(borrowing: buffer, cancellation: cancellation)
            #expect(try document.text(ofPage: 1) == "Hello\n")
            cancellation.cancel()
            #expect(throws: PDFError.cancelled) { try document.text(ofPage: 2) }
            #expect(throws: PDFError.cancelled) { try document.listImages(ofPage: 2, atMost: 9) }
        }
    }

    @Test func `a cancellation serves one document after another`() throws {
        let cancellation = PDFCancellation()
        let slow = PDFExtractor(limits: limits { $0.timeLimit = .zero })
        #expect(throws: PDFError.tooSlow(timeLimit: .zero)) {
            try slow.extract(smallFile(), cancellation: cancellation)
        }
        #expect(try PDFExtractor().extract(smallFile(), cancellation: cancellation).text == "Hello\n\n")
    }

    @Test func `headers and library are of one version`() throws {
        #expect(!MuPDFVersion.library.isEmpty)
        try MuPDFVersion.check()
    }
}
