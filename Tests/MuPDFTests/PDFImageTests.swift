import MuPDF
import Testing

/// A file with one page that lists these images.
private func file(_ images: [(entries: String, width: Int, height: Int, stream: [UInt8])]) -> [UInt8] {
    var file = PDFFile()
    let objects = images.map { file.addImage($0.entries, width: $0.width, height: $0.height, $0.stream) }
    file.setPages([file.addPage(objects: objects)])
    return file.bytes
}

private let grey = "/ColorSpace /DeviceGray"
private let rgb = "/ColorSpace /DeviceRGB"

/// The compressed pixels of a PNG: the data of its IDAT chunks.
private func pixelData(ofPNG png: [UInt8]) -> [UInt8] {
    var data: [UInt8] = []
    var chunk = 8
    while chunk + 12 <= png.count {
        let length = png[chunk..<chunk + 4].reduce(0) { $0 << 8 | Int($1) }
        let type = String(decoding: png[chunk + 4..<chunk + 8], as: UTF8.self)
        if type == "IDAT" { data += png[chunk + 8..<chunk + 8 + length] }
        chunk += 12 + length
    }
    return data
}

@Suite struct PDFImageTests {
    @Test(arguments: PNGEncoding.allCases)
    func `pixels in every form become PNGs`(png: PNGEncoding) throws {
        let palette = "/ColorSpace [/Indexed /DeviceRGB 3 <000000 ff0000 00ff00 0000ff>]"
        let bytes = file([
            (rgb, 4, 2, gradient(24)),
            ("\(rgb) /Filter /FlateDecode", 30, 20, FlateEncoder.encode(gradient(1800))),
            ("\(grey) /Filter /FlateDecode", 30, 20, FlateEncoder.encode(gradient(600))),
            (palette, 2, 2, [0, 1, 2, 3]),
            ("/ColorSpace /DeviceCMYK", 2, 1, gradient(8)),
            ("\(grey) /Filter /ASCIIHexDecode", 2, 1, Array("00ff>".utf8)),
        ])
        let images = try PDFExtractor(png: png).extract(bytes).images
        #expect(images.map(\.format) == Array(repeating: .png, count: 6))
        #expect(images.map(\.width) == [4, 30, 30, 2, 2, 2])
        #expect(images.map(\.height) == [2, 20, 20, 2, 1, 1])
        #expect(images.map { $0.bytes[25] } == [2, 2, 0, 2, 2, 0])
    }

    @Test(arguments: [(1, 1, 1), (1, 3, 3), (64, 64, 3), (301, 17, 1), (640, 400, 3)])
    func `the fast PNG has the pixels of the exact one`(width: Int, height: Int, components: Int) throws {
        let space = components == 1 ? grey : rgb
        let pixels = gradient(width * height * components, step: 3)
        let original = file([(space, width, height, pixels)])
        let exact = try #require(try PDFExtractor(png: .exact).extract(original).images.first)
        let fast = try #require(try PDFExtractor(png: .fast).extract(original).images.first)
        #expect(fast.width == width && fast.height == height)
        // A PDF can hold the data of a PNG as it is: reading that gives the fast one's pixels.
        let filter =
            "/Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors \(components) /Columns \(width) >>"
        let copy = file([("\(space) \(filter)", width, height, pixelData(ofPNG: fast.bytes))])
        #expect(try PDFExtractor(png: .exact).extract(copy).images.map(\.bytes) == [exact.bytes])
        // Everything but the compressed pixels is the same already.
        #expect(fast.bytes.prefix(54) == exact.bytes.prefix(54))
    }

    @Test func `a JPEG comes out as it went in, without the filters round it`() throws {
        let jpeg = PixelImage(width: 16, height: 8, components: 3, pixels: gradient(384)).jpeg(quality: 80)
        let bytes = file([
            ("\(rgb) /Filter /DCTDecode", 16, 8, jpeg),
            ("\(rgb) /Filter [/FlateDecode /DCTDecode]", 16, 8, FlateEncoder.encode(jpeg)),
        ])
        let images = try PDFExtractor().extract(bytes).images
        #expect(images.map(\.format) == [.jpeg, .jpeg])
        #expect(images.map(\.bytes) == [jpeg, jpeg])
    }

    @Test func `a CMYK JPEG is written anew, the same way each time`() throws {
        let jpeg = PixelImage(width: 16, height: 16, components: 4, pixels: gradient(1024)).jpeg(quality: 90)
        let bytes = file([("/ColorSpace /DeviceCMYK /Filter /DCTDecode", 16, 16, jpeg)])
        try bytes.withUnsafeBytes { buffer in
            let document = try PDFDocument(borrowing: buffer)
            #expect(try document.listImages(ofPage: 1, atMost: 1).count == 1)
            let first = try document.image(at: 0, ofPage: 1, png: .exact)
            // The first one must not have complemented the pixels that MuPDF keeps.
            #expect(try document.image(at: 0, ofPage: 1, png: .exact) == first)
            #expect(first.format == .jpeg)
            #expect(first.bytes.starts(with: [0xff, 0xd8]) && first.bytes != jpeg)
        }
    }

    @Test func `an image's own pictures come first, then those in forms, a seen form ends the list`() throws {
        var file = PDFFile()
        func image(_ file: inout PDFFile, _ height: Int) -> Int {
            file.addImage(grey, width: 1, height: height, gradient(height))
        }
        let (one, two, three, four) = (image(&file, 1), image(&file, 2), image(&file, 3), image(&file, 4))
        let deep = file.addForm([three])
        let form = file.addForm([two, deep])
        let missed = file.addForm([four])
        file.setPages([
            file.addPage(objects: [form, one, one]), file.addPage(objects: [form, deep, missed, one]),
        ])
        let images = try PDFExtractor().extract(file.bytes).images
        #expect(images.map(\.height) == [1, 1, 2, 3, 1, 2, 3])
        #expect(images.map(\.page) == [1, 1, 1, 1, 2, 2, 2])
        #expect(images.map(\.index) == [0, 1, 2, 3, 0, 1, 2])
        #expect(images[0].bytes == images[1].bytes)
    }

    @Test func `forms that hold themselves end`() throws {
        var file = PDFFile()
        let image = file.addImage(grey, width: 1, height: 1, [9])
        let form = file.addForm([image, 5])
        #expect(form == 5)
        file.setPages([file.addPage(objects: [form])])
        #expect(try PDFExtractor().extract(file.bytes).images.count == 1)
    }

    @Test func `an inherited image is listed on each page`() throws {
        var file = PDFFile()
        let image = file.addImage(grey, width: 1, height: 1, [9])
        let page = file.add("<< /Type /Page /Parent 2 0 R >>")
        file.setPages([page, page, page])
        file.addResourcesToTree(images: [image])
        #expect(try PDFExtractor().extract(file.bytes).images.map(\.page) == [1, 2, 3])
    }
}
