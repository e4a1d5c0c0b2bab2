/// What one document may use before its work is ended.
package struct PDFLimits: Sendable, Equatable {
    /// The most pages a document may have.
    package var maximumPages = 10_000
    /// The most images a document may list, each listing counted.
    package var maximumImages = 10_000
    /// The most pixels one image may have: width times height.
    package var maximumPixelsPerImage = 100_000_000
    /// The most bytes that text and images of a document may have together.
    package var maximumOutputBytes = 256 << 20
    /// The most bytes MuPDF may hold at once; libjpeg and openjpeg keep some that it doesn't see.
    package var maximumMemoryBytes = 512 << 20
    /// The time allowed from opening to the last image; `nil` is no end.
    ///
    /// It is noticed where MuPDF allocates, which a loop inside JBIG2 or JPX may not do for long.
    package var timeLimit: Duration? = .seconds(30)
    /// Which of MuPDF's allocations fails, counted from 1: a fault for tests.
    package var failingAllocation: Int?

    /// The limits a server starts with.
    package init() {}
}

/// A thing that ``PDFLimits`` counts.
package enum PDFQuantity: Sendable, Equatable {
    case pages
    case images
    case pixelsPerImage
    case outputBytes

    /// The name with its unit, as a sentence has it behind a number.
    package var name: String {
        switch self {
        case .pages: "pages"
        case .images: "images"
        case .pixelsPerImage: "pixels in one image"
        case .outputBytes: "bytes of text and images"
        }
    }
}

/// How decoded pixels become a PNG; the pixels are the same.
package enum PNGEncoding: Sendable, Equatable, CaseIterable {
    /// MuPDF's own writer: the same bytes as PyMuPDF gives.
    case exact
    /// libdeflate at level 6: as small, and about a third less CPU for a document of images.
    case fast
}
