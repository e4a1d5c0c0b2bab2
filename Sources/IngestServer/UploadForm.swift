import HTTPTypes
import MultipartForm
import NIOCore

/// Takes the one file out of a multipart form while its bytes come in.
struct UploadForm: ~Copyable {
    private var reader: MultipartReader
    private let field: FileField

    /// Checks everything that a request's head says about its form.
    ///
    /// - Parameters:
    ///   - head: The request.
    ///   - bodyLength: The declared length of the body; nil if it is chunked.
    ///   - maximumBody: The largest body allowed, in bytes.
    /// - Throws: ``IngestError``.
    init(_ head: HTTPRequest, bodyLength: Int?, maximumBody: Int) throws(IngestError) {
        if let encoding = head.headerFields[.contentEncoding] {
            throw .encodingUnsupported(field: "Content-Encoding", value: encoding)
        }
        let boundary: MultipartBoundary
        do {
            boundary = try MultipartBoundary(contentType: head.headerFields[.contentType])
        } catch {
            throw .multipart(error)
        }
        if let bodyLength, bodyLength > maximumBody {
            throw .bodyTooLarge(declared: bodyLength, limit: maximumBody)
        }
        reader = MultipartReader(boundary: boundary)
        field = FileField(capacity: bodyLength ?? 0)
    }

    /// Reads the next bytes of the body.
    ///
    /// - Parameter bytes: Any number of bytes.
    /// - Throws: ``IngestError`` as soon as the form can't be right any more.
    mutating func feed(_ bytes: ByteBuffer) throws(IngestError) {
        let result = bytes.withUnsafeReadableBytes { [field] bytes in
            Result { () throws(MultipartError) in try reader.feed(bytes) { field.take($0) } }
        }
        if case .failure(let error) = result { throw .multipart(error) }
        if field.files > 1 { throw .fileRepeated }
    }

    /// Says that the body is over.
    ///
    /// - Returns: The file.
    /// - Throws: ``IngestError`` if the form was cut or has no file with content.
    consuming func finish() throws(IngestError) -> ByteBuffer {
        do {
            try reader.finish()
        } catch {
            throw .multipart(error)
        }
        if field.files == 0 { throw .fileMissing }
        if field.bytes.readableBytes == 0 { throw .fileEmpty }
        return field.bytes
    }
}

/// The bytes of the part named `file`; all other parts are dropped.
///
/// A class so that the reader's sink can fill it while the form is being changed.
private final class FileField {
    private(set) var bytes = ByteBuffer()
    private(set) var files = 0
    private let capacity: Int
    private var isInFile = false

    /// - Parameter capacity: The body's length: a buffer that grew would be copied each time.
    init(capacity: Int) {
        self.capacity = capacity
    }

    func take(_ event: MultipartEvent) {
        switch event {
        case .begin(let part):
            isInFile = part.disposition.name == "file" && part.disposition.filename != nil
            guard isInFile else { return }
            files += 1
            // Not before: of uploads that wait for room, each would hold its buffer already.
            if files == 1 { bytes.reserveCapacity(capacity) }
        case .data(let data):
            if isInFile, files == 1 { bytes.writeBytes(data) }
        case .end, .finished:
            isInFile = false
        }
    }
}
