import HTTPServing
import S3Wire

/// Deleting up to a thousand keys with one request.
struct MultiDelete {
    private static let maximumDocumentBytes: Int64 = 2 << 20
    private static let maximumKeys = 1000

    private struct Entry: Sendable {
        let key: String
        let version: String?
        let etag: String?
    }

    private enum Result: Sendable {
        case deleted
        case failed(S3RequestError)
    }

    let context: RequestContext

    /// Deletes the keys and answers for each of them.
    func answer(_ exchange: inout HTTPExchange) async throws -> S3Response {
        let bucket = try context.bucket()
        let headers = context.request.headers
        let isCovered =
            headers["content-md5"] != nil || headers["x-amz-trailer"] != nil
            || headers.fields.contains { $0.name.hasPrefix("x-amz-checksum-") }
        if !isCovered, [.unsigned, .streamingUnsignedTrailer].contains(context.verified.payload) {
            throw S3RequestError(.invalidRequest, "Missing required header for this request: Content-MD5")
        }
        let document = try await context.document(&exchange, limit: Self.maximumDocumentBytes)
        let root = try XMLElement(parsing: document)
        let entries = try Self.entries(root)
        let results = try await context.store.writer.commit { database, effects in
            try entries.map { entry in
                let key = Array(entry.key.utf8)
                if let version = entry.version, version != "null" {
                    return Result.failed(S3RequestError(.noSuchVersion))
                }
                if let etag = entry.etag,
                    let object = try ObjectRows.object(bucket: bucket.id, key: key, in: database),
                    !ETagList(etag).contains(object.etag)
                {
                    return Result.failed(S3RequestError(.preconditionFailed))
                }
                try ObjectRows.delete(bucket: bucket.id, key: key, in: database, effects: &effects)
                return Result.deleted
            }
        }
        let isQuiet = root.childText("Quiet") == "true"
        return S3Response(xml: Self.document(entries, results, isQuiet: isQuiet))
    }

    private static func entries(_ root: XMLElement) throws(S3RequestError) -> [Entry] {
        let objects = root.children("Object")
        guard root.name == "Delete", (1...maximumKeys).contains(objects.count) else {
            throw S3RequestError(.malformedXML)
        }
        var entries: [Entry] = []
        for object in objects {
            guard let key = object.childText("Key"), !key.isEmpty else { throw S3RequestError(.malformedXML) }
            entries.append(
                Entry(key: key, version: object.childText("VersionId"), etag: object.childText("ETag"))
            )
        }
        return entries
    }

    private static func document(_ entries: [Entry], _ results: [Result], isQuiet: Bool) -> [UInt8] {
        var xml = XMLWriter()
        xml.root("DeleteResult") { xml in
            for (entry, result) in zip(entries, results) {
                switch result {
                case .deleted where isQuiet: break
                case .deleted: xml.element("Deleted") { $0.text("Key", entry.key) }
                case .failed(let error):
                    xml.element("Error") { xml in
                        xml.text("Key", entry.key)
                        xml.text("Code", error.codeText)
                        xml.text("Message", error.message)
                    }
                }
            }
        }
        return xml.bytes
    }
}
