import IngestServer
import MuPDF
import Testing

@Suite struct SamplePDFTests {
    @Test func `a sample has its pages, text on each, and images of every kind in turn`() throws {
        let sample = try SamplePDF(pages: 3, imagesPerPage: 2, seed: 7)
        let read = try PDFExtractor().extract(sample.data())
        #expect(read.pageCount == 3)
        #expect(read.warnings == [])
        for page in 1...3 { #expect(read.text.contains("Page \(page) of 3\n")) }
        #expect(read.images.map(\.page) == [1, 1, 2, 2, 3, 3])
        #expect(read.images.map(\.index) == [0, 1, 0, 1, 0, 1])
        #expect(read.images.map(\.format) == [.png, .png, .png, .jpeg, .png, .png])
        // The colour types of PNG: RGB, grey, and RGB for what the PDF has indexed.
        #expect(read.images.filter { $0.format == .png }.map { $0.bytes[25] } == [2, 0, 2, 2, 0])
        #expect(Set(read.images.map(\.bytes)).count == 6)
    }

    @Test func `the default sample is about 0.9 MB, the same every time`() throws {
        let bytes = try SamplePDF().data()
        #expect((850_000...1_000_000).contains(bytes.count))
        #expect(try SamplePDF(pages: 10, imagesPerPage: 1, seed: 42).data() == bytes)
    }

    @Test func `another seed gives other text and images`() throws {
        let one = try PDFExtractor().extract(SamplePDF(pages: 1, imagesPerPage: 1, seed: 1).data())
        let other = try PDFExtractor().extract(SamplePDF(pages: 1, imagesPerPage: 1, seed: 2).data())
        #expect(one.text != other.text)
        #expect(one.images != other.images)
    }

    @Test func `a sample may have text only`() throws {
        let read = try PDFExtractor().extract(SamplePDF(pages: 200, imagesPerPage: 0, seed: 1).data())
        #expect(read.pageCount == 200)
        #expect(read.images == [])
    }

    @Test(
        arguments: [
            (0, 1, .pages(0)), (10_001, 0, .pages(10_001)), (1, -1, .imagesPerPage(-1)),
            (1, 101, .imagesPerPage(101)), (5000, 3, .images(15_000)),
        ] as [(Int, Int, SamplePDFError)]
    )
    func `a sample that is too small or too large is refused`(pages: Int, images: Int, error: SamplePDFError)
    {
        #expect(throws: error) { try SamplePDF(pages: pages, imagesPerPage: images, seed: 1) }
        #expect(error.hint?.isEmpty == false)
    }
}
