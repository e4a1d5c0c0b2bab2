import HTTPTypes
import S3Wire

/// Reading objects.
struct ObjectReads {
    /// How often a body that was replaced between look-up and opening is looked up again.
    private static let attempts = 5

    let context: RequestContext

    /// Answers the object or the range of it that is asked for.
    func get() async throws -> S3Response {
        let bucket = try context.bucket()
        try context.checkVersion()
        for _ in 0..<Self.attempts {
            let object = try await checkedObject(in: bucket)
            let range = try requestedRange(of: object)
            let offsets = range ?? 0..<object.size
            guard let pieces = try await pieces(of: object, range: offsets) else { continue }
            var answer = response(for: object, range: range)
            answer.body = .stored(pieces, length: Int64(offsets.count))
            return answer
        }
        throw S3RequestError(.slowDown, "The object is being replaced too often to be read.")
    }

    /// Answers what GET would, without the body.
    func head() async throws -> S3Response {
        let bucket = try context.bucket()
        try context.checkVersion()
        let object = try await checkedObject(in: bucket)
        let range = try requestedRange(of: object)
        var answer = response(for: object, range: range)
        answer.body = .lengthOnly(Int64((range ?? 0..<object.size).count))
        return answer
    }

    private func checkedObject(in bucket: Bucket) async throws -> StoredObject {
        let key = context.request.key
        let found = try await context.store.read {
            try ObjectRows.object(bucket: bucket.id, key: key, in: $0)
        }
        guard let object = found else { throw context.noSuchKey }
        try Conditions(headers: context.request.headers).checkRead(of: object)
        return object
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

    /// Opens the bodies a range lies in; nil if one was removed since the object was read.
    private func pieces(of object: StoredObject, range: Range<Int64>) async throws -> [S3Response
        .StoredPiece]?
    {
        var pieces: [S3Response.StoredPiece] = []
        var end: Int64 = 0
        for segment in object.segments {
            let start = end
            end += segment.size
            let overlap = range.clamped(to: start..<end)
            guard !overlap.isEmpty else { continue }
            let location = try await context.store.read { try BodyRows.location(of: segment.body, in: $0) }
            guard let location, let source = try await context.store.bodies.open(location) else { return nil }
            pieces.append(
                .init(source: source, offset: overlap.lowerBound - start, length: Int64(overlap.count))
            )
        }
        return pieces
    }

    private func response(for object: StoredObject, range: Range<Int64>?) -> S3Response {
        var response = S3Response(range == nil ? .ok : .partialContent)
        for field in object.headers.fields { response.set(field.name, field.value) }
        for item in context.request.target.query where item.name.hasPrefix("response-") {
            response.set(String(item.name.dropFirst("response-".count)), item.value)
        }
        response.fields[.eTag] = "\"\(object.etag)\""
        response.fields[.lastModified] = object.modified.http
        response.fields[.acceptRanges] = "bytes"
        if let range {
            response.fields[.contentRange] =
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.size)"
        } else if let checksum = object.checksum,
            context.request.headers["x-amz-checksum-mode"]?.uppercased() == "ENABLED"
        {
            // Never with a range: clients would check the part against the whole object's checksum.
            response.set(checksum.algorithm.headerName, checksum.text)
            response.set("x-amz-checksum-type", checksum.kind.rawValue)
        }
        return response
    }
}
