import CMuPDF

/// The C library's memory settings for PDF work.
package enum MemoryTuning {
    /// Keeps freed memory in the process, up to 64 MiB an arena; call it once, before the first document.
    ///
    /// Without it buffers of an image's size are mapped, faulted in and given back for every image, under a
    /// lock all threads share. The corresponding C function is `mallopt`.
    ///
    /// - Returns: False if the C library refused: the work is right all the same, but slower.
    @discardableResult
    package static func apply() -> Bool {
        cmupdf_tune_memory()
    }
}

/// The clock of ``PDFTimings``.
package enum MonotonicClock {
    /// Nanoseconds of CLOCK_MONOTONIC.
    package static var nanoseconds: UInt64 { cmupdf_now() }
}
