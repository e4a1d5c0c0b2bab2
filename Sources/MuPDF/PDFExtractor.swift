import CMuPDF

/// Reads the text and all images of PDFs, synchronously, on any thread.
package struct PDFExtractor: Sendable {
    /// What each document may use.
    package var limits: PDFLimits
    /// How decoded pixels are written.
    package var png: PNGEncoding

    /// Makes an extractor, which holds nothing between documents.
    ///
    /// - Parameters:
    ///   - limits: What each document may use.
    ///   - png: How decoded pixels are written.
    package init(limits: PDFLimits = PDFLimits(), png: PNGEncoding = .exact) {
        self.limits = limits
        self.png = png
    }

    /// Reads a document; the first page or image that fails ends it.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - cancellation: Ends the work from elsewhere; it serves no other document meanwhile.
    /// - Returns: Everything in it.
    /// - Throws: ``PDFError``; then nothing of the document is given.
    package func extract(
        _ bytes: [UInt8],
        cancellation: PDFCancellation = PDFCancellation()
    ) throws(PDFError) -> PDFExtraction {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(PDFError) in try extract(buffer, cancellation: cancellation) }
        }
        return try result.get()
    }

    /// Reads a document in place; the first page or image that fails ends it.
    ///
    /// - Parameters:
    ///   - bytes: The file, read until this returns.
    ///   - cancellation: Ends the work from elsewhere; it serves no other document meanwhile.
    /// - Returns: Everything in it.
    /// - Throws: ``PDFError``; then nothing of the document is given.
    package func extract(
        _ bytes: UnsafeRawBufferPointer,
        cancellation: PDFCancellation = PDFCancellation()
    ) throws(PDFError) -> PDFExtraction {
        let start = cmupdf_now()
        let document = try PDFDocument(borrowing: bytes, limits: limits, cancellation: cancellation)
        let opened = cmupdf_now()
        let text = try text(of: document)
        let read = cmupdf_now()
        let images = try images(of: document, textBytes: text.utf8.count)
        let end = cmupdf_now()
        return PDFExtraction(
            text: text,
            images: images,
            pageCount: document.pageCount,
            timings: PDFTimings(
                open: PDFSegment(from: start, to: opened),
                text: PDFSegment(from: opened, to: read),
                images: PDFSegment(from: read, to: end)
            ),
            warningCount: document.warningCount,
            warnings: document.warnings,
            peakMemoryBytes: document.peakMemoryBytes,
            allocationCount: document.allocationCount
        )
    }

    private func text(of document: borrowing PDFDocument) throws(PDFError) -> String {
        guard document.pageCount > 0 else { return "" }
        var text: [UInt8] = []
        for page in 1...document.pageCount {
            if page > 1 { text.append(UInt8(ascii: "\n")) }
            try document.appendText(ofPage: page, to: &text)
            try checkOutput(text.count)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func images(
        of document: borrowing PDFDocument,
        textBytes: Int
    ) throws(PDFError) -> [PDFImage] {
        guard document.pageCount > 0 else { return [] }
        var images: [PDFImage] = []
        var loaded: [Int32: PDFImage] = [:]
        var output = textBytes
        for page in 1...document.pageCount {
            let objects = try document.listImages(
                ofPage: page,
                atMost: limits.maximumImages - images.count
            )
            for (index, object) in objects.enumerated() {
                let image: PDFImage
                if let before = loaded[object] {
                    image = before.shown(onPage: page, at: index)
                } else {
                    image = try document.image(at: index, ofPage: page, png: png)
                    loaded[object] = image
                }
                output += image.bytes.count
                try checkOutput(output)
                images.append(image)
            }
        }
        return images
    }

    private func checkOutput(_ bytes: Int) throws(PDFError) {
        if bytes > limits.maximumOutputBytes {
            throw .overLimit(.outputBytes, found: bytes, limit: limits.maximumOutputBytes)
        }
    }
}

extension PDFImage {
    /// The same image at another place, sharing its bytes.
    fileprivate func shown(onPage page: Int, at index: Int) -> PDFImage {
        PDFImage(page: page, index: index, format: format, width: width, height: height, bytes: bytes)
    }
}
