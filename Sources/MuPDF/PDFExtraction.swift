/// Format of an extracted image; the raw value is the file's extension.
package enum PDFImageFormat: String, Sendable, CaseIterable {
    case png
    case jpeg
    case jpx

    /// The media type an upload of the image names.
    package var contentType: String { "image/\(rawValue)" }
}

/// One image of a document.
package struct PDFImage: Sendable, Equatable {
    /// The image's page, counted from 1.
    package let page: Int
    /// The image's place in its page's list, counted from 0.
    package let index: Int
    /// What the bytes are.
    package let format: PDFImageFormat
    /// Width in pixels.
    package let width: Int
    /// Height in pixels.
    package let height: Int
    /// The image file; an image that a document shows twice shares them.
    package let bytes: [UInt8]

    /// Describes an image.
    ///
    /// - Parameters:
    ///   - page: The image's page, counted from 1.
    ///   - index: The image's place in its page's list, counted from 0.
    ///   - format: What the bytes are.
    ///   - width: Width in pixels.
    ///   - height: Height in pixels.
    ///   - bytes: The image file.
    package init(page: Int, index: Int, format: PDFImageFormat, width: Int, height: Int, bytes: [UInt8]) {
        (self.page, self.index, self.format) = (page, index, format)
        (self.width, self.height, self.bytes) = (width, height, bytes)
    }
}

/// When a stage of the work ran, on CLOCK_MONOTONIC.
package struct PDFSegment: Sendable, Equatable {
    /// The stage's begin, in nanoseconds of CLOCK_MONOTONIC.
    package var startNanoseconds: UInt64
    /// The stage's length in nanoseconds.
    package var durationNanoseconds: UInt64

    /// A segment between two times.
    ///
    /// - Parameters:
    ///   - start: The begin, in nanoseconds of CLOCK_MONOTONIC.
    ///   - end: The end on the same clock; not before the begin.
    package init(from start: UInt64, to end: UInt64) {
        startNanoseconds = start
        durationNanoseconds = end - start
    }
}

/// When each stage of an extraction ran.
package struct PDFTimings: Sendable, Equatable {
    /// Opening the file and counting its pages.
    package var open: PDFSegment
    /// The text of all pages.
    package var text: PDFSegment
    /// The images of all pages.
    package var images: PDFSegment

    /// Describes when the stages ran.
    ///
    /// - Parameters:
    ///   - open: Opening the file and counting its pages.
    ///   - text: The text of all pages.
    ///   - images: The images of all pages.
    package init(open: PDFSegment, text: PDFSegment, images: PDFSegment) {
        (self.open, self.text, self.images) = (open, text, images)
    }
}

/// What a document holds.
package struct PDFExtraction: Sendable {
    /// The texts of all pages, joined by one line feed.
    package let text: String
    /// All images in document order.
    package let images: [PDFImage]
    /// The number of pages; 0 is valid.
    package let pageCount: Int
    /// When the stages ran.
    package let timings: PDFTimings
    /// How many warnings MuPDF had.
    package let warningCount: Int
    /// The first 20 warnings, printable ASCII of 200 bytes at most.
    package let warnings: [String]
    /// The most bytes MuPDF held at once.
    package let peakMemoryBytes: Int
    /// How often MuPDF asked for memory.
    package let allocationCount: Int

    /// Describes a document.
    ///
    /// - Parameters:
    ///   - text: The texts of all pages, joined by one line feed.
    ///   - images: All images in document order.
    ///   - pageCount: The number of pages.
    ///   - timings: When the stages ran.
    ///   - warningCount: How many warnings MuPDF had.
    ///   - warnings: The first 20 of them.
    ///   - peakMemoryBytes: The most bytes MuPDF held at once.
    ///   - allocationCount: How often MuPDF asked for memory.
    package init(
        text: String,
        images: [PDFImage],
        pageCount: Int,
        timings: PDFTimings,
        warningCount: Int,
        warnings: [String],
        peakMemoryBytes: Int,
        allocationCount: Int
    ) {
        (self.text, self.images, self.pageCount, self.timings) = (text, images, pageCount, timings)
        (self.warningCount, self.warnings) = (warningCount, warnings)
        (self.peakMemoryBytes, self.allocationCount) = (peakMemoryBytes, allocationCount)
    }
}
