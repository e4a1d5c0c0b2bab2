package import HTTPServing
import MuPDF
import S3Client

/// Why an ingest server can't start.
package enum IngestStartError: Error, Sendable {
    /// It can't listen.
    case address(HTTPServingError)
    /// Its bucket can't be made.
    case bucket(reason: String, hint: String?)
    /// The PDF library can't be used.
    case library(reason: String, hint: String?)

    init(_ error: S3ClientError) {
        self = .bucket(reason: error.message, hint: error.hint)
    }

    init(_ error: PDFError) {
        self = .library(reason: error.message, hint: error.hint)
    }

    /// What went wrong, in lower case.
    package var message: String {
        switch self {
        case .address(let error): error.message
        case .bucket(let reason, _): "the store can't be used: \(reason)"
        case .library(let reason, _): reason
        }
    }

    /// What to try.
    package var hint: String? {
        switch self {
        case .address(let error): error.hint
        case .bucket(_, let hint), .library(_, let hint): hint
        }
    }
}
