/// A PDF with text and images to try uploads with: the same arguments give the same bytes.
package struct SamplePDF: Sendable, Equatable {
    /// Pages, 1 to 10,000.
    package let pages: Int
    /// Images on each page, 0 to 100.
    package let imagesPerPage: Int
    /// What the text's order and the images' shapes and colours follow from.
    package let seed: UInt64

    /// The most images a sample may have on all its pages: as many as the ingest server takes.
    package static let maximumImages = 10_000

    /// Plans a sample.
    ///
    /// - Parameters:
    ///   - pages: How many pages, 1 to 10,000.
    ///   - imagesPerPage: How many images each page has, 0 to 100; 10,000 in all.
    ///   - seed: Another seed gives other text and images.
    /// - Throws: ``SamplePDFError`` if a number is out of its range.
    package init(pages: Int = 10, imagesPerPage: Int = 1, seed: UInt64 = 42) throws(SamplePDFError) {
        guard (1...10_000).contains(pages) else { throw .pages(pages) }
        guard (0...100).contains(imagesPerPage) else { throw .imagesPerPage(imagesPerPage) }
        guard pages * imagesPerPage <= Self.maximumImages else { throw .images(pages * imagesPerPage) }
        self.pages = pages
        self.imagesPerPage = imagesPerPage
        self.seed = seed
    }

    /// Writes the file; ten pages with an image each are about 0.9 MB.
    ///
    /// - Returns: A whole PDF.
    package func data() -> [UInt8] {
        var writer = SamplePDFWriter()
        let catalog = writer.reserve()
        let tree = writer.reserve()
        let body = writer.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
        let heading = writer.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>")
        var pageObjects: [Int] = []
        for page in 1...pages {
            let images = (0..<imagesPerPage).map { addImage(page: page, index: $0, to: &writer) }
            let text = SamplePDFText(page: page, of: pages, seed: seed, hasImages: imagesPerPage > 0)
            let content = text.operators + placement(of: images.count)
            let contentObject = writer.add(stream: Array(content.utf8), isFlate: false)
            let names = images.enumerated().map { "/Im\($0) \($1) 0 R" }.joined(separator: " ")
            pageObjects.append(
                writer.add(
                    """
                    << /Type /Page /Parent \(tree) 0 R /MediaBox [0 0 612 792] /Contents \(contentObject) 0 R
                    /Resources << /Font << /F1 \(body) 0 R /F2 \(heading) 0 R >> /XObject << \(names) >> >> >>
                    """
                )
            )
        }
        let kids = pageObjects.map { "\($0) 0 R" }.joined(separator: " ")
        writer.fill(tree, "<< /Type /Pages /Count \(pages) /Kids [\(kids)] >>")
        writer.fill(catalog, "<< /Type /Catalog /Pages \(tree) 0 R >>")
        return writer.finish(catalog: catalog, identity: seed)
    }

    /// Adds an image; the kinds take turns through the whole document.
    private func addImage(page: Int, index: Int, to writer: inout SamplePDFWriter) -> Int {
        let number = (page - 1) * imagesPerPage + index
        let kinds = SamplePDFImage.Kind.allCases
        let image = SamplePDFImage(kind: kinds[number % kinds.count], number: number, seed: seed)
        return writer.add(stream: image.bytes, dictionary: image.dictionary, isFlate: image.isFlate)
    }

    /// Operators that show a page's images in a grid on its lower half.
    private func placement(of count: Int) -> String {
        guard count > 0 else { return "" }
        var columns = 1
        while columns * columns < count { columns += 1 }
        let width = 468.0 / Double(columns)
        let height = width * 2 / 3
        return (0..<count).map { index in
            let x = 72 + Double(index % columns) * width
            let y = 384 - Double(index / columns + 1) * height
            return "q \(width * 0.97) 0 0 \(height * 0.97) \(x) \(y) cm /Im\(index) Do Q\n"
        }.joined()
    }
}

/// Why a sample can't be made.
package enum SamplePDFError: Error, Equatable {
    /// Not as many pages as a sample may have.
    case pages(Int)
    /// Not as many images on a page as a sample may have.
    case imagesPerPage(Int)
    /// More images on all pages than a sample may have.
    case images(Int)

    /// What is wrong, with the value at fault.
    package var message: String {
        switch self {
        case .pages(let pages): "a sample can't have \(pages) pages"
        case .imagesPerPage(let images): "a sample can't have \(images) images on a page"
        case .images(let images): "a sample can't have \(images) images"
        }
    }

    /// What to try.
    package var hint: String? {
        switch self {
        case .pages: "ask for 1 to 10000 pages"
        case .imagesPerPage: "ask for 0 to 100 images on a page"
        case .images: "ask for fewer pages or images: \(SamplePDF.maximumImages) images in all at most"
        }
    }
}

/// Numbers that follow from a seed alone (SplitMix64; Steele, Lea, Flood, 2014).
///
/// The standard library's own ways from a generator to a number may change; these stay.
struct SampleRandom {
    private var state: UInt64

    /// A generator of its own for each thing drawn, so that more of one doesn't change another.
    init(seed: UInt64, _ parts: Int...) {
        state = seed
        for part in parts {
            state = next() ^ UInt64(truncatingIfNeeded: part)
        }
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to 1.
    mutating func unit() -> Double {
        Double(next() >> 11) / Double(1 << 53)
    }

    /// A whole number from 0 up to a bound.
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// The elements in another order.
    mutating func shuffle<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, below(last + 1))
        }
        return elements
    }
}
