import HTTPTypes
package import MuPDF
package import MultipartForm

/// Why an upload gave no receipt.
package enum IngestError: Error {
    /// What clients tell errors apart by; the raw value is part of the API.
    package enum Code: String, Sendable, CaseIterable {
        case badRequest = "bad_request"
        case missingBoundary = "missing_boundary"
        case badBoundary = "bad_boundary"
        case malformedMultipart = "malformed_multipart"
        case tooManyParts = "too_many_parts"
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case requestTimeout = "request_timeout"
        case bodyTooLarge = "body_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case fileMissing = "file_missing"
        case fileRepeated = "file_repeated"
        case fileEmpty = "file_empty"
        case notAPDF = "not_a_pdf"
        case pdfEncrypted = "pdf_encrypted"
        case pdfDamaged = "pdf_damaged"
        case pdfOverLimit = "pdf_over_limit"
        case pdfTooComplex = "pdf_too_complex"
        case pdfTooSlow = "pdf_too_slow"
        case pdfCrashed = "pdf_crashed"
        case storeFailed = "store_failed"
        case storeBusy = "store_busy"
        case storeTimeout = "store_timeout"
        case storeFull = "store_full"
        case overloaded
        case queueTimeout = "queue_timeout"
        case draining
        case `internal`
    }

    case badRequest(reason: String)
    case headTooLarge
    case multipart(MultipartError)
    case notFound(path: String)
    case notWatching
    case methodNotAllowed(method: String, path: String, allowed: String)
    case headTimeout
    case bodyTimeout
    case bodyTooLarge(declared: Int?, limit: Int)
    case encodingUnsupported(field: String, value: String)
    case fileMissing
    case fileRepeated
    case fileEmpty
    case pdf(PDFError)
    /// The process that read the PDF died on it; the words say how.
    case pdfCrashed(String)
    case store(StoreFault)
    case overloaded(limit: Int)
    /// The bodies that are held leave no room for another.
    case noRoom(limit: Int)
    /// It was not done in its time after its last byte.
    case uploadTooLong(limit: Duration)
    case noWorkers
    case queueTimeout(limit: Duration)
    case draining
    case `internal`(requestID: String)

    /// The error's name for programs.
    package var code: Code {
        switch self {
        case .badRequest, .headTooLarge: .badRequest
        case .multipart(let error): error.code
        case .notFound, .notWatching: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .headTimeout, .bodyTimeout: .requestTimeout
        case .bodyTooLarge: .bodyTooLarge
        case .encodingUnsupported: .unsupportedMediaType
        case .fileMissing: .fileMissing
        case .fileRepeated: .fileRepeated
        case .fileEmpty: .fileEmpty
        case .pdf(let error): error.code
        case .store(let fault): fault.code
        case .pdfCrashed: .pdfCrashed
        case .overloaded, .noRoom, .uploadTooLong, .noWorkers: .overloaded
        case .queueTimeout: .queueTimeout
        case .draining: .draining
        case .internal: .internal
        }
    }

    /// What happened, with the value at fault.
    package var message: String {
        switch self {
        case .badRequest(let reason): reason
        case .headTooLarge: "the request's head has more bytes or fields than the server reads"
        case .multipart(let error): error.message
        case .notWatching: "the event loops are not watched"
        case .notFound(let path): "there is nothing at \(path.prefix(200))"
        case .methodNotAllowed(let method, let path, _): "\(path) doesn't take \(method)"
        case .headTimeout: "the request's head was not whole in its time"
        case .bodyTimeout: "the body came at less than 1 KiB/s"
        case .bodyTooLarge(let declared?, let limit): "the body has \(declared) bytes, \(limit) are allowed"
        case .bodyTooLarge(nil, let limit): "the body has more than the \(limit) bytes that are allowed"
        case .encodingUnsupported(let field, let value): "\(field) is \(value.prefix(200))"
        case .fileMissing: "no part of the form is a file named file"
        case .fileRepeated: "more than one part of the form is a file named file"
        case .fileEmpty: "the file has no bytes"
        case .pdf(let error): error.message
        case .store(let fault): fault.message
        case .pdfCrashed(let how): "the process that read the PDF ended \(how)"
        case .overloaded(let limit): "\(limit) uploads are under way already"
        case .noRoom(let limit): "the uploads under way leave no room of the \(limit >> 20) MiB for bodies"
        case .uploadTooLong(let limit): "the upload was not done \(limit) after its last byte"
        case .noWorkers: "no process that reads PDFs can be started"
        case .queueTimeout(let limit): "no PDF worker was free for \(limit)"
        case .draining: "the server is stopping"
        case .internal(let requestID): "the server failed on request \(requestID)"
        }
    }

    /// What to try.
    package var hint: String {
        switch self {
        case .badRequest: "send the whole request as HTTP/1.1 says"
        case .multipart(let error): error.hint ?? "let an HTTP client library write the form"
        case .notWatching: "start the server with --watch 10ms"
        case .notFound: "post a PDF to /ingest/blocking or /ingest/async"
        case .methodNotAllowed(_, _, let allowed): "use \(allowed)"
        case .headTooLarge: "send fewer or shorter header fields"
        case .headTimeout, .bodyTimeout: "send it faster, or over a better connection"
        case .bodyTooLarge: "send a smaller file, or start the server with a larger --max-body"
        case .encodingUnsupported: "send the bytes as they are"
        case .fileMissing: "name the field file and give it a filename, for example: -F file=@document.pdf"
        case .fileRepeated: "send one document a request"
        case .fileEmpty: "send a whole PDF"
        case .pdf(let error): error.hint ?? "try again"
        case .store(let fault): fault.hint
        case .pdfCrashed: "write the file anew, for example: qpdf in.pdf out.pdf"
        case .noWorkers: "look at the server's log for why, or start it with --no-isolate"
        case .queueTimeout: "send fewer uploads at once, or start the server with more --workers"
        case .draining: "send it to another server, or again when this one is back"
        case .noRoom: "try again in a second, or send fewer uploads at once"
        case .uploadTooLong: "try again when the server or its store has less to do"
        case .overloaded: "try again in a second, or start the server with a larger --max-queue"
        case .internal: "look for the request's id in the server's log"
        }
    }
}

extension IngestError.Code {
    /// The status the error is answered with.
    var status: HTTPResponse.Status {
        switch self {
        case .badRequest, .missingBoundary, .badBoundary, .malformedMultipart, .tooManyParts: .badRequest
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .requestTimeout: .requestTimeout
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .fileMissing, .fileRepeated, .fileEmpty: .unprocessableContent
        case .notAPDF, .pdfEncrypted, .pdfDamaged: .unprocessableContent
        case .pdfOverLimit, .pdfTooComplex, .pdfTooSlow, .pdfCrashed: .unprocessableContent
        case .storeFailed: .badGateway
        case .storeBusy, .overloaded, .queueTimeout, .draining: .serviceUnavailable
        case .storeTimeout: .gatewayTimeout
        case .storeFull: .init(code: 507, reasonPhrase: "Insufficient Storage")
        case .internal: .internalServerError
        }
    }
}

extension PDFError {
    fileprivate var code: IngestError.Code {
        switch self {
        case .notAPDF: .notAPDF
        case .encrypted: .pdfEncrypted
        case .damaged: .pdfDamaged
        case .overLimit: .pdfOverLimit
        case .tooComplex: .pdfTooComplex
        case .tooSlow: .pdfTooSlow
        case .cancelled, .incompatibleLibrary: .internal
        }
    }
}

extension MultipartError {
    fileprivate var code: IngestError.Code {
        switch self {
        case .notMultipart, .encodedPart: .unsupportedMediaType
        case .boundaryMissing: .missingBoundary
        case .boundaryInvalid: .badBoundary
        case .malformed: .malformedMultipart
        case .tooManyParts: .tooManyParts
        }
    }
}
