import GRDB
import HTTPServing
import HTTPTypes
import S3Wire

/// Putting and deleting objects.
struct ObjectWrites {
    let context: RequestContext

    /// Stores the request's body under its key.
    func put(_ exchange: inout HTTPExchange) async throws -> S3Response {
        let bucket = try context.bucket()
        let headers = try ObjectHeaders(request: context.request.headers)
        let tags = try ObjectTags(header: context.request.headers["x-amz-tagging"])
        let conditions = Conditions(headers: context.request.headers)
        let expectation = try BodyExpectation(
            headers: context.request.headers,
            payload: context.verified.payload,
            maximumSize: context.configuration.maximumObjectSize
        )
        let (key, time) = (context.request.key, context.time)
        if conditions.concernWrites {
            // Decided again in the commit; here it spares the client a body in vain.
            try await context.store.reader.read { database in
                try conditions.checkWrite(over: ObjectRows.object(bucket: bucket.id, key: key, in: database))
            }
        }
        let body = try await BodyReception(expectation: expectation, chunks: context.verified.chunks).store(
            &exchange,
            in: context.store.bodies
        )
        let etag = HexEncoding.encode(body.md5)
        let checksum = body.checksum.map { StoredChecksum($0) }
        try await context.store.adopting(body) { database, effects in
            try BucketRows.require(bucket, in: database)
            if conditions.concernWrites {
                try conditions.checkWrite(over: ObjectRows.object(bucket: bucket.id, key: key, in: database))
            }
            let id = try BodyRows.insert(body, in: database, effects: &effects)
            let object = StoredObject(
                size: body.size,
                etag: etag,
                modified: time,
                headers: headers,
                tags: tags,
                checksum: checksum,
                segments: [StoredSegment(body: id, size: body.size)]
            )
            try ObjectRows.put(object, bucket: bucket.id, key: key, in: database, effects: &effects)
        }
        var response = S3Response(.ok)
        response.fields[.eTag] = "\"\(etag)\""
        if let checksum {
            response.set(checksum.algorithm.headerName, checksum.text)
            response.set("x-amz-checksum-type", checksum.kind.rawValue)
        }
        return response
    }

    /// Removes the object; that there is none is no error.
    func delete() async throws -> S3Response {
        try context.checkVersion()
        let bucket = try context.bucket()
        let conditions = Conditions(headers: context.request.headers)
        let key = context.request.key
        try await context.store.writer.commit { database, effects in
            if conditions.concernWrites,
                let object = try ObjectRows.object(bucket: bucket.id, key: key, in: database)
            {
                try conditions.checkWrite(over: object)
            }
            try ObjectRows.delete(bucket: bucket.id, key: key, in: database, effects: &effects)
        }
        return S3Response(.noContent)
    }
}

extension ObjectStore {
    /// Commits a change that refers to a received body, or removes the body if that fails.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - change: Makes rows refer to it.
    /// - Throws: What the change or the commit throws.
    func adopting(
        _ body: ReceivedBody,
        _ change: @escaping @Sendable (Database, inout GroupCommitWriter.Effects) throws -> Void
    ) async throws {
        do {
            try await writer.commit(bytes: Int(clamping: body.name == nil ? body.size : 0), change)
        } catch {
            // The writer's thread removes it: removing a file blocks.
            let name = body.name
            try? await writer.commit { _, effects in effects.orphaned += name.map { [$0] } ?? [] }
            throw error
        }
    }
}
