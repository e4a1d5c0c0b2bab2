/// A place in a document where reading stopped.
package enum PDFPlace: Sendable, Equatable {
    /// The tree that says how many pages there are.
    case pageTree
    /// A page, counted from 1.
    case page(Int)
    /// An image: its page counted from 1, its place in the page's list counted from 0.
    case image(page: Int, index: Int)
}

/// Why a document gives no text and images.
package enum PDFError: Error, Equatable {
    /// MuPDF can't open the bytes, even by repairing them.
    case notAPDF(reason: String)
    /// The document needs a password.
    case encrypted
    /// A part of the document can't be read.
    case damaged(PDFPlace, reason: String)
    /// The document has more of something than its limits allow; `found` is what was counted until then.
    case overLimit(PDFQuantity, found: Int, limit: Int)
    /// MuPDF would have needed more memory than allowed.
    case tooComplex(memoryLimit: Int)
    /// The time allowed was over.
    case tooSlow(timeLimit: Duration)
    /// The work was cancelled from outside.
    case cancelled
    /// The program was built with headers of another MuPDF than it runs on.
    case incompatibleLibrary(headers: String, library: String)

    /// What happened, with the value at fault.
    package var message: String {
        switch self {
        case .notAPDF(let reason): "the file can't be opened as a PDF" + detail(reason)
        case .encrypted: "the PDF is encrypted and needs a password"
        case .damaged(.pageTree, let reason): "the PDF's page tree can't be read" + detail(reason)
        case .damaged(.page(let page), let reason): "page \(page) can't be read" + detail(reason)
        case .damaged(.image(let page, let index), let reason):
            "image \(index) of page \(page) can't be read" + detail(reason)
        case .overLimit(let quantity, let found, let limit):
            "the PDF has \(found) \(quantity.name) or more, and the limit is \(limit)"
        case .tooComplex(let limit): "the PDF needs more than \(limit >> 20) MiB of memory"
        case .tooSlow(let limit): "the PDF took longer than \(limit)"
        case .cancelled: "the work on the PDF was cancelled"
        case .incompatibleLibrary(let headers, let library):
            "built with the headers of MuPDF \(headers), but the library is MuPDF \(library)"
        }
    }

    /// What to try.
    package var hint: String? {
        switch self {
        case .notAPDF: "check that the file is a whole PDF and opens in a viewer"
        case .encrypted: "remove the password first, for example: qpdf --decrypt in.pdf out.pdf"
        case .damaged: "write the file anew, for example: qpdf in.pdf out.pdf"
        case .overLimit: "split the PDF into smaller ones"
        case .tooComplex, .tooSlow: "split the PDF into smaller ones, or make its images smaller"
        case .cancelled: nil
        case .incompatibleLibrary: "build again with the headers of the installed MuPDF"
        }
    }
}

private func detail(_ reason: String) -> String {
    reason.isEmpty ? "" : ": \(reason)"
}
