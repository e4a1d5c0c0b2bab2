import HTTPServing
import HTTPTypes
import S3Wire

/// Objects that come in parts.
struct MultipartUploads {
    private static let partNumbers = 1...10_000
    /// How much of a copied part is read and written at a time.
    private static let copiedBytes: Int64 = 256 * 1024

    let context: RequestContext

    private var uploadID: String { context.request.target.value(of: "uploadId") ?? "" }

    /// Begins an upload.
    func create() async throws -> S3Response {
        let bucket = try context.bucket()
        var generator = SystemRandomNumberGenerator()
        let checksum = try MultipartChecksum(headers: context.request.headers)
        let upload = StoredUpload(
            id: HexEncoding.encode((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }),
            bucket: bucket.id,
            key: context.request.key,
            headers: try ObjectHeaders(request: context.request.headers),
            tags: try ObjectTags(header: context.request.headers["x-amz-tagging"]),
            checksum: checksum.algorithm,
            kind: checksum.kind
        )
        let (time, age) = (context.time, context.configuration.staleUploadAge)
        try await context.store.writer.commit { database, effects in
            try BucketRows.require(bucket, in: database)
            try UploadRows.deleteStale(at: time, age: age, in: database, effects: &effects)
            try UploadRows.insert(upload, started: time, in: database)
        }
        var xml = XMLWriter()
        xml.root("InitiateMultipartUploadResult") { xml in
            xml.text("Bucket", bucket.name)
            xml.text("Key", context.request.keyText)
            xml.text("UploadId", upload.id)
        }
        var response = S3Response(xml: xml.bytes)
        if let checksum = upload.checksum {
            response.set("x-amz-checksum-algorithm", checksum.rawValue)
            response.set("x-amz-checksum-type", upload.kind.rawValue)
        }
        return response
    }

    /// Stores one part.
    func upload(_ exchange: inout HTTPExchange) async throws -> S3Response {
        let bucket = try context.bucket()
        let number = try partNumber()
        let upload = try await openUpload(in: bucket)
        let expectation = try BodyExpectation(
            headers: context.request.headers,
            payload: context.verified.payload,
            maximumSize: context.configuration.maximumObjectSize
        )
        let statedAlgorithm = expectation.checksum?.algorithm ?? expectation.trailer
        if let stated = statedAlgorithm, let wanted = upload.checksum, stated != wanted {
            throw S3RequestError(
                .invalidRequest,
                "Checksum Type mismatch occurred, expected \(wanted.rawValue)."
            )
        }
        let body = try await BodyReception(expectation: expectation, chunks: context.verified.chunks)
            .store(&exchange, in: context.store.bodies, computing: upload.checksum)
        let part = try await adopt(body, as: number, of: upload, in: bucket)
        var response = S3Response(.ok)
        response.fields[.eTag] = "\"\(part.etag)\""
        if let checksum = part.checksum { response.set(checksum.algorithm.headerName, checksum.text) }
        return response
    }

    /// Stores one part that is a piece of another object.
    ///
    /// - Parameter header: The value of `x-amz-copy-source`.
    /// - Returns: The answer.
    /// - Throws: ``S3RequestError``, or what the store says.
    func copyPart(from header: String) async throws -> S3Response {
        let bucket = try context.bucket()
        let number = try partNumber()
        let upload = try await openUpload(in: bucket)
        let source = try CopySource(header, headers: context.request.headers, store: context.store)
        let pieces = try await source.open(range: context.request.headers["x-amz-copy-source-range"])
        let length = pieces.reduce(0) { $0 + $1.length }
        guard length <= context.configuration.maximumObjectSize else {
            throw S3RequestError(.invalidRequest, "The specified copy source is larger than a part may be.")
        }
        let plan = BodyDigest.Plan(wantsSHA256: false, checksum: upload.checksum)
        var sink = try await context.store.bodies.sink(size: length, plan: plan)
        let body: ReceivedBody
        do {
            for piece in pieces {
                for start in stride(from: 0, to: piece.length, by: Int(Self.copiedBytes)) {
                    let count = Int(min(Self.copiedBytes, piece.length - start))
                    try await sink.write(piece.source.read(at: piece.offset + start, count: count))
                }
            }
            body = try await sink.finish()
        } catch {
            await sink.discard()
            throw error
        }
        let part = try await adopt(body, as: number, of: upload, in: bucket)
        var xml = XMLWriter()
        xml.root("CopyPartResult") { xml in
            xml.text("LastModified", part.modified.extended)
            xml.text("ETag", "\"\(part.etag)\"")
            part.checksum?.write(to: &xml)
        }
        return S3Response(xml: xml.bytes)
    }

    private func partNumber() throws(S3RequestError) -> Int {
        guard let number = context.request.target.value(of: "partNumber").flatMap({ Int($0) }),
            Self.partNumbers.contains(number)
        else {
            throw S3RequestError(
                .invalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            )
        }
        return number
    }

    private func openUpload(in bucket: Bucket) async throws -> StoredUpload {
        let (id, key) = (uploadID, context.request.key)
        return try await context.store.reader.read { database in
            try Self.requireOpen(id, bucket: bucket, key: key, database)
        }
    }

    /// Commits a body that came whole as a part, unless the upload ended meanwhile.
    private func adopt(
        _ body: ReceivedBody,
        as number: Int,
        of upload: StoredUpload,
        in bucket: Bucket
    ) async throws -> (etag: String, checksum: StoredChecksum?, modified: S3Timestamp) {
        let etag = HexEncoding.encode(body.md5)
        let checksum = body.checksum.map { StoredChecksum($0) }
        let (id, key, time) = (upload.id, context.request.key, context.time)
        try await context.store.adopting(body) { database, effects in
            _ = try Self.requireOpen(id, bucket: bucket, key: key, database)
            let part = StoredPart(
                number: number,
                size: body.size,
                etag: etag,
                modified: time,
                checksum: checksum,
                body: try BodyRows.insert(body, in: database, effects: &effects)
            )
            try UploadRows.put(part, upload: id, in: database, effects: &effects)
        }
        return (etag, checksum, time)
    }

    /// Makes an object of the parts the request lists; repeated, it answers the same.
    func complete(_ exchange: inout HTTPExchange) async throws -> S3Response {
        let bucket = try context.bucket()
        let conditions = Conditions(headers: context.request.headers)
        let document = try await context.document(
            &exchange,
            limit: CompletionList.maximumDocumentBytes,
            hasOwnChecksum: false
        )
        let list = try CompletionList(document)
        let (id, key, time) = (uploadID, context.request.key, context.time)
        let minimumPartSize = context.configuration.minimumPartSize
        let headers = context.request.headers
        let result = try await context.store.writer.commit { database, effects in
            let upload = try UploadRows.require(id, bucket: bucket.id, key: key, in: database)
            if let result = upload.result { return result }
            let parts = try UploadRows.parts(of: id, in: database)
            let chosen = try list.choose(from: parts, minimumPartSize: minimumPartSize)
            let object = StoredObject(
                size: chosen.reduce(0) { $0 + $1.size },
                etag: try CompletionList.etag(of: chosen),
                modified: time,
                headers: upload.headers,
                tags: upload.tags,
                checksum: MultipartChecksum(upload).checksum(of: chosen),
                segments: chosen.map { StoredSegment(body: $0.body, size: $0.size, checksum: $0.checksum) }
            )
            try MultipartChecksum.check(headers, object.checksum, size: object.size)
            try conditions.checkWrite(over: ObjectRows.object(bucket: bucket.id, key: key, in: database))
            for part in chosen { try BodyRows.retain(part.body, in: database) }
            try ObjectRows.put(object, bucket: bucket.id, key: key, in: database, effects: &effects)
            let result = StoredUpload.Result(etag: object.etag, checksum: object.checksum)
            try UploadRows.complete(id, result: result, at: time, in: database, effects: &effects)
            return result
        }
        var xml = XMLWriter()
        xml.root("CompleteMultipartUploadResult") { xml in
            xml.text("Location", "http://\(context.request.headers["host"] ?? "")\(context.request.pathText)")
            xml.text("Bucket", bucket.name)
            xml.text("Key", context.request.keyText)
            xml.text("ETag", "\"\(result.etag)\"")
            result.checksum?.write(to: &xml)
            if let checksum = result.checksum { xml.text("ChecksumType", checksum.kind.rawValue) }
        }
        return S3Response(xml: xml.bytes)
    }

    /// Forgets an upload and its parts.
    func abort() async throws -> S3Response {
        let bucket = try context.bucket()
        let (id, key) = (uploadID, context.request.key)
        try await context.store.writer.commit { database, effects in
            _ = try Self.requireOpen(id, bucket: bucket, key: key, database)
            try UploadRows.delete(id, in: database, effects: &effects)
        }
        return S3Response(.noContent)
    }
}
