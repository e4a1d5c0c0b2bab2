internal import CCairo

/// A PDF document of one page, in memory.
///
/// Belongs to the thread that made it. The corresponding C type is `cairo_surface_t *`.
package struct PDFSurface: ~Copyable {
    /// What a document says of itself.
    package enum Metadata: Sendable {
        case title, subject, creator
        /// In ISO 8601; without it cairo would write the present time.
        case creationDate
    }

    let raw: OpaquePointer
    /// What cairo has written; it keeps a pointer to it.
    private let bytes: UnsafeMutablePointer<[UInt8]>

    /// Makes an empty page.
    ///
    /// The corresponding C function is `cairo_pdf_surface_create_for_stream`.
    ///
    /// - Parameters:
    ///   - width: The width in points of 1/72 inch.
    ///   - height: The height in points.
    /// - Throws: ``CairoError`` if memory is short.
    package init(width: Double, height: Double) throws(CairoError) {
        let bytes = UnsafeMutablePointer<[UInt8]>.allocate(capacity: 1)
        bytes.initialize(to: [])
        guard let raw = cairo_pdf_surface_create_for_stream(appendToBytes, bytes, width, height) else {
            bytes.deinitialize(count: 1)
            bytes.deallocate()
            throw .operation("make a PDF", status: "out of memory")
        }
        do {
            try check(cairo_surface_status(raw), "make a PDF")
        } catch {
            cairo_surface_destroy(raw)
            bytes.deinitialize(count: 1)
            bytes.deallocate()
            throw error
        }
        self.raw = raw
        self.bytes = bytes
    }

    deinit {
        cairo_surface_destroy(raw)
        bytes.deinitialize(count: 1)
        bytes.deallocate()
    }

    /// Has the document say something of itself.
    ///
    /// The corresponding C function is `cairo_pdf_surface_set_metadata`.
    ///
    /// - Parameters:
    ///   - metadata: What.
    ///   - text: The text; it ends at a NUL.
    package borrowing func set(_ metadata: Metadata, to text: String) {
        let kind =
            switch metadata {
            case .title: CAIRO_PDF_METADATA_TITLE
            case .subject: CAIRO_PDF_METADATA_SUBJECT
            case .creator: CAIRO_PDF_METADATA_CREATOR
            case .creationDate: CAIRO_PDF_METADATA_CREATE_DATE
            }
        cairo_pdf_surface_set_metadata(raw, kind, text)
    }

    /// Ends the document.
    ///
    /// The corresponding C function is `cairo_surface_finish`.
    ///
    /// - Returns: The whole file.
    /// - Throws: ``CairoError`` if it can't be written.
    package borrowing func finish() throws(CairoError) -> [UInt8] {
        cairo_surface_finish(raw)
        try check(cairo_surface_status(raw), "write a PDF")
        return bytes.pointee
    }
}

/// Appends what cairo writes to the array that the user data points to.
private let appendToBytes:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, UInt32) -> cairo_status_t =
        { destination, data, count in
            guard let destination, let data else { return CAIRO_STATUS_WRITE_ERROR }
            destination.assumingMemoryBound(to: [UInt8].self).pointee
                .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
            return CAIRO_STATUS_SUCCESS
        }
