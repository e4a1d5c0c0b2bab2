import NIOCore

/// What a client gets for a document: its text and where its images are.
struct IngestReceipt: Sendable, Equatable {
    struct Image: Sendable, Equatable {
        /// The image's page, counted from 1.
        let page: Int
        /// The image's place in its page's list, counted from 0.
        let index: Int
        /// The object's key in the bucket.
        let key: String
    }

    /// The document's UUID in lower case.
    let documentID: String
    /// The texts of all pages, joined by one line feed.
    let text: String
    /// The images in document order.
    let images: [Image]
    let pageCount: Int
    /// The bucket that holds the images.
    let bucket: String
    /// How many warnings MuPDF had; not for clients.
    var warningCount = 0

    /// Writes the receipt as compact JSON.
    ///
    /// - Returns: A buffer with nothing else.
    func json() -> ByteBuffer {
        var buffer = ByteBuffer()
        let imageBytes = 100 + bucket.utf8.count + documentID.utf8.count
        buffer.reserveCapacity(text.utf8.count + text.utf8.count / 16 + 128 + images.count * imageBytes)
        buffer.writeStaticString("{\"document_id\":")
        buffer.writeJSON(documentID)
        buffer.writeStaticString(",\"text\":")
        buffer.writeJSON(text)
        buffer.writeStaticString(",\"images\":[")
        for (count, image) in images.enumerated() {
            if count > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
            buffer.writeStaticString("{\"page\":")
            buffer.writeString(String(image.page))
            buffer.writeStaticString(",\"index\":")
            buffer.writeString(String(image.index))
            buffer.writeStaticString(",\"s3_url\":")
            buffer.writeJSON("s3://\(bucket)/\(image.key)")
            buffer.writeInteger(UInt8(ascii: "}"))
        }
        buffer.writeStaticString("],\"page_count\":")
        buffer.writeString(String(pageCount))
        buffer.writeInteger(UInt8(ascii: "}"))
        return buffer
    }

    /// Writes the receipt as ``json()`` does, on another thread: the text of a large PDF takes milliseconds.
    ///
    /// - Returns: A buffer with nothing else.
    func jsonOffLoop() async -> ByteBuffer {
        await withTaskExecutorPreference(globalConcurrentExecutor) { json() }
    }
}
