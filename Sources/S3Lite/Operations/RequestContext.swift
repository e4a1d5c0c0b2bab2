import HTTPServing
import HTTPTypes
import S3Wire

/// A request that is signed and understood, and what it needs to be carried out.
struct RequestContext: Sendable {
    let store: ObjectStore
    let configuration: S3Configuration
    let request: S3Request
    let verified: VerifiedRequest
    let time: S3Timestamp

    /// Carries out an operation.
    ///
    /// - Parameters:
    ///   - operation: What the request asks for.
    ///   - exchange: Where the body comes from.
    /// - Returns: The answer.
    /// - Throws: ``S3RequestError``, or what the store says.
    func perform(_ operation: S3Operation, _ exchange: inout HTTPExchange) async throws -> S3Response {
        if request.method == "PUT" || request.method == "POST" {
            try UnsupportedHeaders.check(request.headers)
        }
        let buckets = BucketOperations(context: self)
        let uploads = MultipartUploads(context: self)
        switch operation {
        case .listBuckets: return buckets.list()
        case .createBucket: return try await buckets.create(&exchange)
        case .headBucket: return try buckets.head()
        case .deleteBucket: return try await buckets.delete()
        case .bucketLocation: return try buckets.location()
        case .bucketVersioning: return try buckets.versioning()
        case .listObjects: return try await ObjectListing(context: self, version: .v1).answer()
        case .listObjectsV2: return try await ObjectListing(context: self, version: .v2).answer()
        case .deleteObjects: return try await MultiDelete(context: self).answer(&exchange)
        case .putObject:
            let source = request.headers["x-amz-copy-source"]
            if let source { return try await ObjectCopy(context: self).copy(from: source) }
            return try await ObjectWrites(context: self).put(&exchange)
        case .getObject: return try await ObjectReads(context: self).get()
        case .headObject: return try await ObjectReads(context: self).head()
        case .deleteObject: return try await ObjectWrites(context: self).delete()
        case .createUpload: return try await uploads.create()
        case .uploadPart: return try await uploads.upload(&exchange)
        case .completeUpload: return try await uploads.complete(&exchange)
        case .abortUpload: return try await uploads.abort()
        case .listParts: return try await uploads.listParts()
        }
    }

    /// The bucket the request names.
    ///
    /// - Returns: The bucket.
    /// - Throws: ``S3RequestError`` (NoSuchBucket).
    func bucket() throws(S3RequestError) -> Bucket {
        try store.bucket(request.bucketName ?? "")
    }

    /// Makes sure the request means the one version there is.
    ///
    /// - Throws: ``S3RequestError`` (NoSuchVersion).
    func checkVersion() throws(S3RequestError) {
        guard let version = request.target.value(of: "versionId"), version != "null" else { return }
        throw S3RequestError(
            .noSuchVersion,
            details: [.init("Key", request.keyText), .init("VersionId", version)]
        )
    }

    /// The error of a key nothing is stored under.
    var noSuchKey: S3RequestError {
        S3RequestError(.noSuchKey, details: [.init("Key", request.keyText)])
    }

    /// Reads a request's document.
    ///
    /// - Parameters:
    ///   - exchange: Where it comes from.
    ///   - limit: The largest one accepted.
    /// - Returns: The document; empty if there is none.
    /// - Throws: ``S3RequestError`` if it is too large or not what was announced.
    func document(_ exchange: inout HTTPExchange, limit: Int64) async throws -> [UInt8] {
        guard exchange.contentLength != 0 else { return [] }
        do {
            let expectation = try BodyExpectation(
                headers: request.headers,
                payload: verified.payload,
                maximumSize: limit
            )
            return try await BodyReception(expectation: expectation).collect(&exchange)
        } catch let error as S3RequestError where error.code == .entityTooLarge {
            throw S3RequestError(.maxMessageLengthExceeded)
        }
    }
}
