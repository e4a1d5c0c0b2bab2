import CMuPDF

/// The MuPDF this program was built with and runs on.
package enum MuPDFVersion {
    /// The version of the headers, such as 1.21.1.
    package static let headers = String(cString: cmupdf_header_version())

    /// The version of the library in this process; empty if it can't be told.
    ///
    /// Asking the first time takes standard error away for an instant, so ask before other threads write.
    package static let library = String(cString: cmupdf_library_version())

    /// Refuses a library that is not the one of the headers.
    ///
    /// - Throws: ``PDFError/incompatibleLibrary(headers:library:)`` with both versions.
    package static func check() throws(PDFError) {
        if !library.isEmpty, library != headers {
            throw .incompatibleLibrary(headers: headers, library: library)
        }
    }
}
