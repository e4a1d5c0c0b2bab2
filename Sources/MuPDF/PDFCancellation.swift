import CMuPDF

/// Ends the work on one document from any thread.
///
/// It serves one document at a time. The corresponding C type is `cmupdf_cancellation *`.
package final class PDFCancellation: @unchecked Sendable {
    // Crosses threads: the C side reads and writes atomics only, and the pointer never changes.
    let raw: OpaquePointer

    /// Makes a cancellation that has not happened.
    package init() {
        guard let raw = cmupdf_cancellation_create() else { fatalError("no memory for a PDF cancellation") }
        self.raw = raw
    }

    /// Ends the document's work at its next allocation or page operator, with ``PDFError/cancelled``.
    ///
    /// A document opened with it later is refused at once. The corresponding C function is `cmupdf_cancel`.
    package func cancel() {
        cmupdf_cancel(raw)
    }

    /// Whether ``cancel()`` was called.
    package var isCancelled: Bool {
        cmupdf_is_cancelled(raw)
    }

    deinit {
        cmupdf_cancellation_free(raw)
    }
}
