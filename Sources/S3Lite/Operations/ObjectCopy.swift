import S3Wire

/// Copying objects: bodies are shared, so no byte is read.
struct ObjectCopy {
    let context: RequestContext

    /// Copies an object to the request's key.
    ///
    /// - Parameter header: The value of `x-amz-copy-source`.
    /// - Returns: The answer.
    /// - Throws: ``S3RequestError``, or what the store says.
    func copy(from header: String) async throws -> S3Response {
        let target = try context.bucket()
        let (key, time, request) = (context.request.key, context.time, context.request.headers)
        let source = try CopySource(header, headers: request, store: context.store)
        let replacesMetadata = try replaces("x-amz-metadata-directive")
        let replacesTags = try replaces("x-amz-tagging-directive")
        guard replacesMetadata || source.bucket != target || source.key != key else {
            throw S3RequestError(
                .invalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing it."
            )
        }
        let conditions = Conditions(headers: request)
        let newHeaders = try ObjectHeaders(request: request)
        let newTags = try ObjectTags(header: replacesTags ? request["x-amz-tagging"] : nil)
        let copied = try await context.store.writer.commit { database, effects in
            try BucketRows.require(target, in: database)
            let found = try source.find(in: database)
            try conditions.checkWrite(over: ObjectRows.object(bucket: target.id, key: key, in: database))
            for segment in found.segments { try BodyRows.retain(segment.body, in: database) }
            let copy = StoredObject(
                size: found.size,
                etag: found.etag,
                modified: time,
                headers: replacesMetadata ? newHeaders : found.headers,
                tags: replacesTags ? newTags : found.tags,
                checksum: found.checksum,
                segments: found.segments
            )
            try ObjectRows.put(copy, bucket: target.id, key: key, in: database, effects: &effects)
            return copy
        }
        var xml = XMLWriter()
        xml.root("CopyObjectResult") { xml in
            xml.text("LastModified", copied.modified.extended)
            xml.text("ETag", "\"\(copied.etag)\"")
            if let checksum = copied.checksum {
                checksum.write(to: &xml)
                xml.text("ChecksumType", checksum.kind.rawValue)
            }
        }
        return S3Response(xml: xml.bytes)
    }

    private func replaces(_ directive: String) throws(S3RequestError) -> Bool {
        switch context.request.headers[directive] ?? "COPY" {
        case "COPY": return false
        case "REPLACE": return true
        default:
            throw S3RequestError(
                .invalidArgument,
                "Unknown directive.",
                details: [.init("ArgumentName", directive)]
            )
        }
    }
}
