import MuPDF
import NIOCore

/// The work on an uploaded document, in the two ways whose difference is measured.
struct IngestHandler: Sendable {
    let workers: PDFWorkers
    let store: ImageStore

    /// Ingests a document on the thread that calls, which is the event loop.
    ///
    /// This is the one place that may block a loop: everyone else on it waits until the document is done.
    ///
    /// - Parameters:
    ///   - file: The PDF.
    ///   - documentID: The UUID the document gets.
    ///   - limit: How long it may take, looked at before each put; nil is as long as it takes.
    ///   - timer: Gets every stage.
    /// - Returns: The receipt; all images are stored.
    /// - Throws: ``PDFError`` or ``StoreFailure``; nothing is stored then.
    func ingestBlocking(
        _ file: ByteBuffer,
        as documentID: String,
        within limit: Duration?,
        timer: StageTimer
    ) throws -> IngestReceipt {
        let begin = timer.time()
        let document = try workers.extractBlocking(file, timer: timer)
        let uploads = document.uploads(under: documentID)
        try store.putAllBlocking(uploads, timer: timer) {
            if let limit, Duration.nanoseconds(timer.time() - begin) >= limit {
                throw IngestError.uploadTooLong(limit: limit)
            }
        }
        return IngestReceipt(document, uploads, documentID: documentID, bucket: store.bucket)
    }

    /// Ingests a document off the event loop, which goes on serving.
    ///
    /// - Parameters:
    ///   - file: The PDF.
    ///   - documentID: The UUID the document gets.
    ///   - timer: Gets every stage.
    /// - Returns: The receipt; all images are stored.
    /// - Throws: ``PDFError``, ``StoreFailure`` or a cancellation; nothing is stored then.
    func ingestAsync(
        _ file: ByteBuffer,
        as documentID: String,
        timer: StageTimer
    ) async throws -> IngestReceipt {
        let document = try await workers.extract(file, timer: timer)
        let uploads = document.uploads(under: documentID)
        try await store.putAll(uploads, timer: timer)
        return IngestReceipt(document, uploads, documentID: documentID, bucket: store.bucket)
    }
}

extension PDFExtraction {
    /// Names the images' objects: `<document id>/img_<n>.<ext>`, n counting through the document.
    fileprivate func uploads(under documentID: String) -> [ImageUpload] {
        images.enumerated().map { number, image in
            let key = "\(documentID)/img_\(number).\(image.format.rawValue)"
            return ImageUpload(number: number, key: key, image: image)
        }
    }
}

extension IngestReceipt {
    fileprivate init(
        _ document: PDFExtraction,
        _ uploads: [ImageUpload],
        documentID: String,
        bucket: String
    ) {
        self.init(
            documentID: documentID,
            text: document.text,
            images: uploads.map { Image(page: $0.image.page, index: $0.image.index, key: $0.key) },
            pageCount: document.pageCount,
            bucket: bucket,
            warningCount: document.warningCount
        )
    }
}
