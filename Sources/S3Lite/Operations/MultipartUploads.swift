import HTTPServing
import HTTPTypes
import S3Wire

/// Objects that come in parts.
struct MultipartUploads {
    private static let partNumbers = 1...10_000

    let context: RequestContext

    private var uploadID: String { context.request.target.value(of: "uploadId") ?? "" }

    /// Begins an upload.
    func create() async throws -> S3Response {
        let bucket = try context.bucket()
        var generator = SystemRandomNumberGenerator()
        let upload = StoredUpload(
            id: HexEncoding.encode((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }),
            bucket: bucket.id,
            key: context.request.key,
            headers: try ObjectHeaders(request: context.request.headers),
            checksum: try requestedChecksum(),
            completedETag: nil
        )
        let time = context.time
        try await context.store.writer.commit { database, _ in
            try BucketRows.require(bucket, in: database)
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
            response.set("x-amz-checksum-type", StoredObject.ChecksumKind.composite.rawValue)
        }
        return response
    }

    private func requestedChecksum() throws(S3RequestError) -> ChecksumAlgorithm? {
        let kind = context.request.headers["x-amz-checksum-type"].map { $0.uppercased() }
        guard let name = context.request.headers["x-amz-checksum-algorithm"] else {
            guard kind == nil else {
                throw S3RequestError(.invalidRequest, "x-amz-checksum-type needs x-amz-checksum-algorithm.")
            }
            return nil
        }
        guard let algorithm = ChecksumAlgorithm(rawValue: name.uppercased()) else {
            throw S3RequestError(.invalidRequest, "Checksum algorithm provided is unsupported.")
        }
        guard kind != StoredObject.ChecksumKind.fullObject.rawValue, algorithm != .crc64nvme else {
            throw S3RequestError(
                .notImplemented,
                "Only composite checksums are supported in multipart uploads."
            )
        }
        return algorithm
    }

    /// Stores one part.
    func upload(_ exchange: inout HTTPExchange) async throws -> S3Response {
        let bucket = try context.bucket()
        guard context.request.headers["x-amz-copy-source"] == nil else {
            throw S3RequestError(.notImplemented, "Parts can't be copied.")
        }
        guard let number = context.request.target.value(of: "partNumber").flatMap({ Int($0) }),
            Self.partNumbers.contains(number)
        else {
            throw S3RequestError(
                .invalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            )
        }
        let (id, key, time) = (uploadID, context.request.key, context.time)
        let upload = try await context.store.read { database in
            try Self.requireOpen(id, bucket: bucket, key: key, database)
        }
        let expectation = try BodyExpectation(
            headers: context.request.headers,
            payload: context.verified.payload,
            maximumSize: context.configuration.maximumObjectSize
        )
        if let stated = expectation.checksum?.algorithm, let wanted = upload.checksum, stated != wanted {
            throw S3RequestError(
                .invalidRequest,
                "Checksum Type mismatch occurred, expected \(wanted.rawValue)."
            )
        }
        let body = try await BodyReception(expectation: expectation)
            .store(&exchange, in: context.store.bodies, computing: upload.checksum)
        let etag = HexEncoding.encode(body.md5)
        let checksum = body.checksum.map { StoredChecksum($0) }
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
        var response = S3Response(.ok)
        response.fields[.eTag] = "\"\(etag)\""
        if let checksum { response.set(checksum.algorithm.headerName, checksum.text) }
        return response
    }

    /// Makes an object of the parts the request lists; repeated, it answers the same.
    func complete(_ exchange: inout HTTPExchange) async throws -> S3Response {
        let bucket = try context.bucket()
        let conditions = Conditions(headers: context.request.headers)
        let document = try await context.document(&exchange, limit: CompletionList.maximumDocumentBytes)
        let list = try CompletionList(document)
        let (id, key, time) = (uploadID, context.request.key, context.time)
        let minimumPartSize = context.configuration.minimumPartSize
        let etag = try await context.store.writer.commit { database, effects in
            let upload = try UploadRows.require(id, bucket: bucket.id, key: key, in: database)
            if let etag = upload.completedETag { return etag }
            let parts = try UploadRows.parts(of: id, in: database)
            let chosen = try list.choose(from: parts, minimumPartSize: minimumPartSize)
            let object = StoredObject(
                size: chosen.reduce(0) { $0 + $1.size },
                etag: try CompletionList.etag(of: chosen),
                modified: time,
                headers: upload.headers,
                checksum: CompletionList.compositeChecksum(of: chosen, upload.checksum),
                segments: chosen.map { StoredSegment(body: $0.body, size: $0.size) }
            )
            try conditions.checkWrite(over: ObjectRows.object(bucket: bucket.id, key: key, in: database))
            for part in chosen { try BodyRows.retain(part.body, in: database) }
            try ObjectRows.put(object, bucket: bucket.id, key: key, in: database, effects: &effects)
            try UploadRows.complete(id, etag: object.etag, in: database, effects: &effects)
            return object.etag
        }
        var xml = XMLWriter()
        xml.root("CompleteMultipartUploadResult") { xml in
            xml.text("Location", context.request.pathText)
            xml.text("Bucket", bucket.name)
            xml.text("Key", context.request.keyText)
            xml.text("ETag", "\"\(etag)\"")
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

    /// Lists the parts of an upload.
    func listParts() async throws -> S3Response {
        let bucket = try context.bucket()
        let (id, key) = (uploadID, context.request.key)
        let parts = try await context.store.read { database in
            _ = try Self.requireOpen(id, bucket: bucket, key: key, database)
            return try UploadRows.parts(of: id, in: database)
        }
        let target = context.request.target
        let limit = min(target.value(of: "max-parts").flatMap { Int($0) } ?? 1000, 1000)
        let marker = target.value(of: "part-number-marker").flatMap { Int($0) } ?? 0
        let rest = parts.filter { $0.number > marker }
        let page = rest.prefix(max(0, limit))
        var xml = XMLWriter()
        xml.root("ListPartsResult") { xml in
            xml.text("Bucket", bucket.name)
            xml.text("Key", context.request.keyText)
            xml.text("UploadId", id)
            xml.text("PartNumberMarker", "\(marker)")
            if let last = page.last { xml.text("NextPartNumberMarker", "\(last.number)") }
            xml.text("MaxParts", "\(limit)")
            xml.text("IsTruncated", page.count < rest.count ? "true" : "false")
            for part in page {
                xml.element("Part") { xml in
                    xml.text("PartNumber", "\(part.number)")
                    xml.text("LastModified", part.modified.extended)
                    xml.text("ETag", "\"\(part.etag)\"")
                    xml.text("Size", "\(part.size)")
                    if let checksum = part.checksum {
                        xml.text("Checksum\(checksum.algorithm.rawValue)", checksum.text)
                    }
                }
            }
        }
        return S3Response(xml: xml.bytes)
    }
}
