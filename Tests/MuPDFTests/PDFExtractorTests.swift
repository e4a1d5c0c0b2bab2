import MuPDF
import Testing

@Suite struct PDFExtractorTests {
    @Test func `bytes that are no PDF are refused as such`() {
        #expect(throws: PDFError.notAPDF(reason: "no objects found")) {
            try PDFExtractor().extract(Array("hello".utf8))
        }
    }
}
