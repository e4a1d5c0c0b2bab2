import MuPDF
import Testing

/// A document with text, forms and images in every form.
private func richFile() -> [UInt8] {
    var file = PDFFile()
    let rgb = "/ColorSpace /DeviceRGB /Filter /FlateDecode"
    let pixels = file.addImage(rgb, width: 8, height: 8, FlateEncoder.encode(gradient(192)))
    let jpeg = PixelImage(width: 8, height: 8, components: 4, pixels: gradient(256)).jpeg(quality: 75)
    let cmyk = "/ColorSpace /DeviceCMYK /Filter /DCTDecode"
    let print = file.addImage(cmyk, width: 8, height: 8, jpeg)
    let form = file.addForm([print])
    file.setPages([
        file.addPage(
            content: line("Hello") + "/X0 Do /X1 Do",
            objects: [form, pixels],
            entries: "/Rotate 90"
        )
    ])
    return file.bytes
}

@Suite struct AllocationFaultTests {
    @Test(arguments: PNGEncoding.allCases)
    func `any allocation may fail without a leak or half a result`(png: PNGEncoding) throws {
        let bytes = richFile()
        let whole = try PDFExtractor(png: png).extract(bytes)
        #expect(whole.text == "Hello\n")
        #expect(whole.images.count == 2)
        var refused = 0
        for number in 1...whole.allocationCount {
            var extractor = PDFExtractor(png: png)
            extractor.limits.failingAllocation = number
            let held = PDFDocument.heldByThread
            do throws(PDFError) {
                _ = try extractor.extract(bytes)
                Issue.record("allocation \(number) failed, and nobody noticed")
            } catch .tooComplex {
                refused += 1
            } catch {
                Issue.record("allocation \(number): \(error)")
            }
            if PDFDocument.heldByThread != held { Issue.record("allocation \(number) leaks") }
        }
        #expect(refused == whole.allocationCount)
        #expect(try PDFExtractor(png: png).extract(bytes).images == whole.images)
    }

    @Test func `two threads read at once what one reads alone`() async throws {
        let bytes = richFile()
        let alone = try PDFExtractor(png: .fast).extract(bytes)
        try await withThrowingTaskGroup(of: PDFExtraction.self) { group in
            for _ in 0..<32 { group.addTask { try PDFExtractor(png: .fast).extract(bytes) } }
            for try await read in group {
                #expect(read.text == alone.text)
                #expect(read.images == alone.images)
            }
        }
    }
}
