import HTTPServing
import HTTPTypes
import S3Wire

/// The tags of objects and buckets.
struct Tagging {
    private static let maximumDocumentBytes: Int64 = 64 * 1024

    let context: RequestContext

    /// Answers the tags of an object.
    func objectTags() async throws -> S3Response {
        S3Response(xml: try await context.object().tags.document)
    }

    /// Replaces the tags of an object by the request's document.
    func putObjectTags(_ exchange: inout HTTPExchange) async throws -> S3Response {
        _ = try await context.object()
        let document = try await context.document(&exchange, limit: Self.maximumDocumentBytes)
        try await setObjectTags(ObjectTags(document: document))
        return S3Response(.ok)
    }

    /// Removes the tags of an object.
    func deleteObjectTags() async throws -> S3Response {
        _ = try await context.object()
        try await setObjectTags(ObjectTags())
        return S3Response(.noContent)
    }

    private func setObjectTags(_ tags: ObjectTags) async throws {
        let bucket = try context.bucket()
        let key = context.request.key
        let isThere = try await context.store.writer.commit { database, _ in
            try ObjectRows.setTags(tags, bucket: bucket.id, key: key, in: database)
        }
        guard isThere else { throw context.noSuchKey }
    }

    /// Answers the tags of a bucket.
    func bucketTags() async throws -> S3Response {
        let bucket = try context.bucket()
        let tags = try await context.store.reader.read { try BucketRows.tags(of: bucket, in: $0) }
        guard let tags else {
            throw S3RequestError(.noSuchTagSet, details: [.init("BucketName", bucket.name)])
        }
        return S3Response(xml: tags.document)
    }

    /// Replaces the tags of a bucket by the request's document.
    func putBucketTags(_ exchange: inout HTTPExchange) async throws -> S3Response {
        let bucket = try context.bucket()
        let document = try await context.document(&exchange, limit: Self.maximumDocumentBytes)
        let tags = try ObjectTags(document: document, isBucket: true)
        try await context.store.writer.commit { database, _ in
            try BucketRows.setTags(tags, of: bucket, in: database)
        }
        return S3Response(.noContent)
    }

    /// Removes the tags of a bucket.
    func deleteBucketTags() async throws -> S3Response {
        let bucket = try context.bucket()
        try await context.store.writer.commit { database, _ in
            try BucketRows.setTags(ObjectTags(), of: bucket, in: database)
        }
        return S3Response(.noContent)
    }
}
