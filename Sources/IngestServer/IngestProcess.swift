import MuPDF

/// What a process that reads PDFs does once, at its start.
package enum IngestProcess {
    /// The version of the MuPDF that is linked.
    package static var mupdfVersion: String { MuPDFVersion.library }

    /// Checks the PDF library and sets the allocator up for its buffers.
    ///
    /// - Throws: ``IngestStartError`` if MuPDF's headers and library are of different versions.
    package static func prepare() throws(IngestStartError) {
        do {
            try MuPDFVersion.check()
        } catch {
            throw IngestStartError(error)
        }
        MemoryTuning.apply()
    }
}
