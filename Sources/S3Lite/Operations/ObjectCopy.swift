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
        let (sourceBucket, sourceKey) = try source(header)
        let isReplacing = try replacesMetadata()
        let (key, time, request) = (context.request.key, context.time, context.request.headers)
        guard isReplacing || sourceBucket != target || sourceKey != key else {
            throw S3RequestError(
                .invalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing it."
            )
        }
        let conditions = Conditions(headers: request)
        let sourceConditions = Conditions(headers: Self.sourceConditions(request))
        let newHeaders = try ObjectHeaders(request: request)
        let copied = try await context.store.writer.commit { database, effects in
            try BucketRows.require(target, in: database)
            guard let source = try ObjectRows.object(bucket: sourceBucket.id, key: sourceKey, in: database)
            else {
                throw S3RequestError(
                    .noSuchKey,
                    details: [.init("Key", String(decoding: sourceKey, as: UTF8.self))]
                )
            }
            do {
                try sourceConditions.checkRead(of: source)
            } catch let error as S3RequestError where error.code == .notModified {
                throw S3RequestError(.preconditionFailed)
            }
            try conditions.checkWrite(over: ObjectRows.object(bucket: target.id, key: key, in: database))
            for segment in source.segments { try BodyRows.retain(segment.body, in: database) }
            let copy = StoredObject(
                size: source.size,
                etag: source.etag,
                modified: time,
                headers: isReplacing ? newHeaders : source.headers,
                checksum: source.checksum,
                segments: source.segments
            )
            try ObjectRows.put(copy, bucket: target.id, key: key, in: database, effects: &effects)
            return copy
        }
        var xml = XMLWriter()
        xml.root("CopyObjectResult") { xml in
            xml.text("LastModified", copied.modified.extended)
            xml.text("ETag", "\"\(copied.etag)\"")
        }
        return S3Response(xml: xml.bytes)
    }

    private func source(_ header: String) throws(S3RequestError) -> (Bucket, [UInt8]) {
        let path = header.utf8.prefix { $0 != UInt8(ascii: "?") }
        let version = header.utf8.dropFirst(path.count)
        guard version.isEmpty || version.elementsEqual("?versionId=null".utf8) else {
            throw S3RequestError(.noSuchVersion)
        }
        guard let decoded = PercentEncoding.decode(path) else {
            throw S3RequestError(.invalidArgument, "Copy Source must mention the source bucket and key.")
        }
        let plain = decoded.first == UInt8(ascii: "/") ? decoded.dropFirst() : decoded[...]
        guard let slash = plain.firstIndex(of: UInt8(ascii: "/")), slash + 1 < plain.endIndex else {
            throw S3RequestError(.invalidArgument, "Copy Source must mention the source bucket and key.")
        }
        let bucket = try context.store.bucket(String(decoding: plain[..<slash], as: UTF8.self))
        return (bucket, Array(plain[(slash + 1)...]))
    }

    private func replacesMetadata() throws(S3RequestError) -> Bool {
        switch context.request.headers["x-amz-metadata-directive"] ?? "COPY" {
        case "COPY": return false
        case "REPLACE": return true
        default: throw S3RequestError(.invalidArgument, "Unknown metadata directive.")
        }
    }

    /// The four conditions on the source, under the names they have on a read.
    private static func sourceConditions(_ request: HeaderFields) -> HeaderFields {
        var headers = HeaderFields()
        let prefix = "x-amz-copy-source-"
        for field in request.fields where field.name.hasPrefix(prefix + "if-") {
            headers.append(String(field.name.dropFirst(prefix.count)), field.value)
        }
        return headers
    }
}
