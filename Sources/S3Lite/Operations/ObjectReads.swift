import GRDB
import HTTPTypes
import S3Wire

/// Reading objects.
struct ObjectReads {
    let context: RequestContext

    /// What is to be answered of an object.
    private struct Selection: Sendable {
        let object: StoredObject
        /// Nil for the whole object.
        let range: Range<Int64>?
        let part: Part?

        var offsets: Range<Int64> { range ?? 0..<object.size }
    }

    /// Answers the object or the range of it that is asked for.
    func get() async throws -> S3Response {
        let bucket = try readableBucket()
        let (selection, pieces) = try await context.store.open { database in
            let selection = try select(in: bucket, database)
            return (
                selection,
                try BodyPiece.pieces(of: selection.object, range: selection.offsets, in: database)
            )
        }
        var answer = response(for: selection)
        answer.body = .stored(pieces, length: Int64(selection.offsets.count))
        return answer
    }

    /// Answers what GET would, without the body.
    func head() async throws -> S3Response {
        let bucket = try readableBucket()
        let selection = try await context.store.reader.read { try select(in: bucket, $0) }
        var answer = response(for: selection)
        answer.body = .lengthOnly(Int64(selection.offsets.count))
        return answer
    }

    private func readableBucket() throws(S3RequestError) -> Bucket {
        let bucket = try context.bucket()
        try context.checkVersion()
        return bucket
    }

    private func select(in bucket: Bucket, _ database: Database) throws -> Selection {
        guard let object = try ObjectRows.object(bucket: bucket.id, key: context.request.key, in: database)
        else { throw context.noSuchKey }
        try Conditions(headers: context.request.headers).checkRead(of: object)
        let part = try requestedPart(of: object)
        return Selection(object: object, range: try part?.range ?? requestedRange(of: object), part: part)
    }

    /// One part of an object, as it was uploaded.
    private struct Part: Sendable {
        let range: Range<Int64>
        let checksum: StoredChecksum?
    }

    private func requestedPart(of object: StoredObject) throws(S3RequestError) -> Part? {
        guard let text = context.request.target.value(of: "partNumber") else { return nil }
        guard context.request.headers["range"] == nil else {
            throw S3RequestError(
                .invalidRequest,
                "Cannot specify both Range header and partNumber query parameter"
            )
        }
        guard let number = Int(text), (1...10_000).contains(number) else {
            throw S3RequestError(
                .invalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            )
        }
        guard number <= object.partCount ?? 1 else {
            throw S3RequestError(
                .invalidPartNumber,
                details: [
                    .init("PartNumberRequested", text), .init("ActualPartCount", "\(object.partCount ?? 1)"),
                ]
            )
        }
        guard object.partCount != nil else { return Part(range: 0..<object.size, checksum: object.checksum) }
        let start = object.segments[..<(number - 1)].reduce(0) { $0 + $1.size }
        let segment = object.segments[number - 1]
        return Part(range: start..<start + segment.size, checksum: segment.checksum)
    }

    private func requestedRange(of object: StoredObject) throws(S3RequestError) -> Range<Int64>? {
        let headers = context.request.headers
        guard let range = headers["range"].flatMap({ ByteRange($0) }) else { return nil }
        if let validator = headers["if-range"] {
            let isSame = ETagList(validator).contains(object.etag) || validator == object.modified.http
            guard isSame else { return nil }
        }
        guard let offsets = range.offsets(in: object.size) else {
            throw S3RequestError(
                .invalidRange,
                details: [
                    .init("RangeRequested", headers["range"] ?? ""),
                    .init("ActualObjectSize", "\(object.size)"),
                ]
            )
        }
        return offsets
    }

    private func response(for selection: Selection) -> S3Response {
        let (object, range, part) = (selection.object, selection.range, selection.part)
        var response = S3Response(range == nil ? .ok : .partialContent)
        for field in object.headers.fields { response.set(field.name, field.value) }
        for item in context.request.target.query where item.name.hasPrefix("response-") {
            response.set(String(item.name.dropFirst("response-".count)), item.value)
        }
        response.fields[.eTag] = "\"\(object.etag)\""
        response.fields[.lastModified] = object.modified.http
        response.fields[.acceptRanges] = "bytes"
        if object.tags.count > 0 { response.set("x-amz-tagging-count", "\(object.tags.count)") }
        if part != nil, let count = object.partCount { response.set("x-amz-mp-parts-count", "\(count)") }
        if let range, !range.isEmpty {
            response.fields[.contentRange] =
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.size)"
        }
        if range == nil || part != nil, let checksum = part.map({ $0.checksum }) ?? object.checksum,
            context.request.headers["x-amz-checksum-mode"]?.uppercased() == "ENABLED"
        {
            // Never with a range: clients would check the part against the whole object's checksum.
            response.set(checksum.algorithm.headerName, checksum.text)
            response.set("x-amz-checksum-type", checksum.kind.rawValue)
        }
        return response
    }
}
