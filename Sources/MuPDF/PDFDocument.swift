import CMuPDF

/// One open PDF.
///
/// Belongs to the thread that opened it. The corresponding C type is `cmupdf_document *`.
package struct PDFDocument: ~Copyable {
    /// The number of pages; 0 is valid.
    package let pageCount: Int
    private let raw: OpaquePointer
    private let limits: PDFLimits
    private let cancellation: PDFCancellation

    /// Opens a PDF in place.
    ///
    /// - Parameters:
    ///   - bytes: The file, which must stay as it is until the document is gone.
    ///   - limits: What the document may use; its time starts now.
    ///   - cancellation: Ends the work from elsewhere; it serves no other document meanwhile.
    /// - Throws: ``PDFError`` if it can't be opened, or has too many pages.
    package init(
        borrowing bytes: UnsafeRawBufferPointer,
        limits: PDFLimits = PDFLimits(),
        cancellation: PDFCancellation = PDFCancellation()
    ) throws(PDFError) {
        try MuPDFVersion.check()
        var cLimits = CMuPDFLimits(limits, now: cmupdf_now())
        var status = CMuPDFStatus.done
        guard let raw = cmupdf_open(bytes.baseAddress, bytes.count, &cLimits, cancellation.raw, &status)
        else {
            if status == .failed { fatalError("a cancellation serves one document at a time") }
            throw .tooComplex(memoryLimit: limits.maximumMemoryBytes)
        }
        var count: Int32 = 0
        do throws(PDFError) {
            if let stop = stopError(status, raw, limits) { throw stop }
            if status != .done { throw .notAPDF(reason: String(cString: cmupdf_message(raw))) }
            try check(cmupdf_page_count(raw, &count), raw, limits, at: .pageTree)
            if count > limits.maximumPages {
                throw .overLimit(.pages, found: Int(count), limit: limits.maximumPages)
            }
        } catch {
            cmupdf_close(raw)
            throw error
        }
        self.pageCount = Int(count)
        self.raw = raw
        self.limits = limits
        self.cancellation = cancellation
    }

    deinit {
        cmupdf_close(raw)
    }

    /// Appends the text of a page.
    ///
    /// - Parameters:
    ///   - page: The page, counted from 1.
    ///   - text: Where its UTF-8 goes.
    /// - Throws: ``PDFError`` if the page can't be read.
    package func appendText(ofPage page: Int, to text: inout [UInt8]) throws(PDFError) {
        var bytes: UnsafePointer<CChar>?
        var length = 0
        let status = cmupdf_page_text(raw, Int32(clamping: page - 1), &bytes, &length)
        try check(status, raw, limits, at: .page(page))
        text.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: length))
    }

    /// The text of a page.
    ///
    /// - Parameter page: The page, counted from 1.
    /// - Returns: Its lines, each with a line feed.
    /// - Throws: ``PDFError`` if the page can't be read.
    package func text(ofPage page: Int) throws(PDFError) -> String {
        var text: [UInt8] = []
        try appendText(ofPage: page, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Lists the images of a page, for ``image(at:ofPage:png:)`` to load until the next list.
    ///
    /// - Parameters:
    ///   - page: The page, counted from 1.
    ///   - limit: The most images the list may have.
    /// - Returns: The number of the object that holds each image: equal numbers are the same image.
    /// - Throws: ``PDFError`` if the page can't be read, or has more images.
    package func listImages(ofPage page: Int, atMost limit: Int) throws(PDFError) -> [Int32] {
        var count = 0
        let status = cmupdf_list_images(raw, Int32(clamping: page - 1), limit, &count)
        if status == .overLimit {
            let before = limits.maximumImages - limit
            let found = before + Int(clamping: cmupdf_over_limit(raw))
            throw .overLimit(.images, found: found, limit: limits.maximumImages)
        }
        try check(status, raw, limits, at: .page(page))
        return (0..<count).map { cmupdf_image_object(raw, $0) }
    }

    /// Loads an image of the page listed last.
    ///
    /// - Parameters:
    ///   - index: The image's place in the list, counted from 0.
    ///   - page: The page listed last, counted from 1.
    ///   - png: How decoded pixels are written.
    /// - Returns: The image, its bytes copied once.
    /// - Throws: ``PDFError`` if the image can't be read.
    package func image(at index: Int, ofPage page: Int, png: PNGEncoding) throws(PDFError) -> PDFImage {
        var image = CMuPDFImage()
        let status = cmupdf_load_image(raw, index, png.cValue, &image)
        if status == .overLimit {
            let found = Int(clamping: cmupdf_over_limit(raw))
            throw .overLimit(.pixelsPerImage, found: found, limit: limits.maximumPixelsPerImage)
        }
        try check(status, raw, limits, at: .image(page: page, index: index))
        return PDFImage(
            page: page,
            index: index,
            format: PDFImageFormat(image.format),
            width: Int(image.width),
            height: Int(image.height),
            bytes: Array(UnsafeBufferPointer(start: image.bytes, count: image.length))
        )
    }

    /// How many warnings MuPDF had so far.
    package var warningCount: Int { Int(clamping: cmupdf_warning_count(raw)) }

    /// The first 20 warnings, printable ASCII of 200 bytes at most.
    package var warnings: [String] {
        (0..<min(warningCount, 20)).compactMap { cmupdf_warning(raw, $0).map { String(cString: $0) } }
    }

    /// The most bytes MuPDF held at once so far.
    package var peakMemoryBytes: Int { cmupdf_peak_memory(raw) }

    /// How often MuPDF asked for memory so far: what ``PDFLimits/failingAllocation`` counts.
    package var allocationCount: Int { Int(clamping: cmupdf_allocation_count(raw)) }

    /// Bytes that documents of this thread hold now: 0 once all are gone, or something leaked.
    package static var heldByThread: Int { Int(cmupdf_live_memory()) }
}

/// The error of a document that was stopped or is encrypted; `nil` for the other outcomes.
private func stopError(_ status: CMuPDFStatus, _ raw: OpaquePointer, _ limits: PDFLimits) -> PDFError? {
    switch status {
    case .done, .failed, .overLimit: nil
    case .encrypted: .encrypted
    case .noMemory: .tooComplex(memoryLimit: limits.maximumMemoryBytes)
    case .deadline: .tooSlow(timeLimit: limits.timeLimit ?? .zero)
    case .cancelled: .cancelled
    }
}

private func check(
    _ status: CMuPDFStatus,
    _ raw: OpaquePointer,
    _ limits: PDFLimits,
    at place: PDFPlace
) throws(PDFError) {
    guard status != .done else { return }
    if let stop = stopError(status, raw, limits) { throw stop }
    throw .damaged(place, reason: String(cString: cmupdf_message(raw)))
}

extension CMuPDFLimits {
    fileprivate init(_ limits: PDFLimits, now: UInt64) {
        self.init(
            memory: limits.maximumMemoryBytes,
            pixels: UInt64(clamping: limits.maximumPixelsPerImage),
            deadline: limits.timeLimit.map { now &+ nanoseconds($0) } ?? 0,
            failing_allocation: UInt64(clamping: limits.failingAllocation ?? 0)
        )
    }
}

/// A duration in whole nanoseconds, at least 0 and at most a century, so that adding it to a clock is safe.
private func nanoseconds(_ duration: Duration) -> UInt64 {
    let century: UInt64 = 3_155_760_000_000_000_000
    return UInt64(min(max(0, duration / .nanoseconds(1)), Double(century)))
}

extension PNGEncoding {
    fileprivate var cValue: CMuPDFPNG {
        switch self {
        case .exact: .exact
        case .fast: .fast
        }
    }
}

extension PDFImageFormat {
    fileprivate init(_ format: CMuPDFFormat) {
        switch format {
        case .PNG: self = .png
        case .JPEG: self = .jpeg
        case .JPX: self = .jpx
        }
    }
}
