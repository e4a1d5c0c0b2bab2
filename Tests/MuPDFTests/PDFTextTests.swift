import MuPDF
import Testing

@Suite struct PDFTextTests {
    private func text(_ pages: (content: String, entries: String)...) throws -> String {
        try PDFExtractor().extract(PDFFile(pages: pages).bytes).text
    }

    @Test func `lines end in a line feed, and one more parts the pages`() throws {
        let first = line("Hello", y: 200) + line("World", y: 100)
        #expect(try text((first, ""), ("", ""), (line("End"), "")) == "Hello\nWorld\n\n\nEnd\n")
    }

    @Test(arguments: [0, 90, 180, 270, -90, 450, 45])
    func `a turned page gives the text of the page not turned`(rotation: Int) throws {
        let content = line("One", x: 20, y: 250) + line("Two", x: 200, y: 250) + line("Three", x: 20, y: 40)
        let wide = "/MediaBox [0 0 600 300]"
        let straight = try text((content, wide))
        #expect(try text((content, "\(wide) /Rotate \(rotation)")) == straight)
    }

    @Test func `reading a turned page leaves it as it was`() throws {
        let bytes = PDFFile(pages: [(line("Hello"), "/Rotate 90")]).bytes
        try bytes.withUnsafeBytes { buffer in
            let document = try PDFDocument(borrowing: buffer)
            let first = try document.text(ofPage: 1)
            #expect(try document.text(ofPage: 1) == first)
            #expect(first == "Hello\n")
        }
    }

    @Test func `text outside the crop box is left out`() throws {
        let content = line("Inside", x: 20, y: 50) + line("Outside", x: 20, y: 250)
        #expect(try text((content, "/CropBox [0 0 300 100]")) == "Inside\n")
    }

    @Test func `text in forms is read`() throws {
        var file = PDFFile()
        let inner = "/Type /XObject /Subtype /Form /BBox [0 0 300 300] /Resources << /Font << /F 3 0 R >> >>"
        let form = file.add(inner, stream: Array(line("In a form").utf8))
        file.setPages([file.addPage(content: "/X0 Do", objects: [form])])
        #expect(try PDFExtractor().extract(file.bytes).text == "In a form\n")
    }

    @Test func `a document without pages is empty and right`() throws {
        var file = PDFFile()
        file.setPages([])
        let read = try PDFExtractor().extract(file.bytes)
        #expect(read.text == "")
        #expect(read.images == [])
        #expect(read.pageCount == 0)
    }

    @Test func `a broken table is repaired, and warned of`() throws {
        var file = PDFFile(pages: [(line("Hello"), "")])
        file.falseTableOffset = 3
        let read = try PDFExtractor().extract(file.bytes)
        #expect(read.text == "Hello\n")
        #expect(read.warningCount > 0)
        #expect(!read.warnings.isEmpty)
    }

    @Test func `stages follow each other`() throws {
        let before = MonotonicClock.nanoseconds
        let timings = try PDFExtractor().extract(PDFFile(pages: [(line("Hello"), "")]).bytes).timings
        let order = [timings.open, timings.text, timings.images]
        #expect(order[0].startNanoseconds >= before)
        for (stage, next) in zip(order, order.dropFirst()) {
            #expect(stage.startNanoseconds + stage.durationNanoseconds == next.startNanoseconds)
        }
    }
}
