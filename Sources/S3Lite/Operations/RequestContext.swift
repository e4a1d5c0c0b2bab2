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
        let tagging = Tagging(context: self)
        let source = request.headers["x-amz-copy-source"]
        switch operation {
        case .listBuckets: return try buckets.list()
        case .createBucket: return try await buckets.create(&exchange)
        case .headBucket: return try buckets.head()
        case .deleteBucket: return try await buckets.delete()
        case .bucketLocation: return try buckets.location()
        case .bucketVersioning: return try buckets.versioning()
        case .bucketPolicy: return try buckets.lacking(.noSuchBucketPolicy)
        case .bucketCORS: return try buckets.lacking(.noSuchCORSConfiguration)
        case .bucketTagging: return try await tagging.bucketTags()
        case .putBucketTagging: return try await tagging.putBucketTags(&exchange)
        case .deleteBucketTagging: return try await tagging.deleteBucketTags()
        case .getACL: return try await AccessControl(context: self).get()
        case .putACL: return try await AccessControl(context: self).put(&exchange)
        case .listVersions: return try await VersionListing(context: self).answer()
        case .listUploads: return try await UploadListing(context: self).answer()
        case .listObjects: return try await ObjectListing(context: self, version: .v1).answer()
        case .listObjectsV2: return try await ObjectListing(context: self, version: .v2).answer()
        case .deleteObjects: return try await MultiDelete(context: self).answer(&exchange)
        case .putObject:
            if let source { return try await ObjectCopy(context: self).copy(from: source) }
            return try await ObjectWrites(context: self).put(&exchange)
        case .getObject: return try await ObjectReads(context: self).get()
        case .headObject: return try await ObjectReads(context: self).head()
        case .deleteObject: return try await ObjectWrites(context: self).delete()
        case .createUpload: return try await uploads.create()
        case .uploadPart:
            if let source { return try await uploads.copyPart(from: source) }
            return try await uploads.upload(&exchange)
        case .completeUpload: return try await uploads.complete(&exchange)
        case .abortUpload: return try await uploads.abort()
        case .listParts: return try await PartListing(context: self).answer()
        case .objectTagging: return try await tagging.objectTags()
        case .putObjectTagging: return try await tagging.putObjectTags(&exchange)
        case .deleteObjectTagging: return try await tagging.deleteObjectTags()
        case .objectAttributes: return try await ObjectAttributes(context: self).answer()
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

    /// Finds the object the request names.
    ///
    /// - Returns: The object.
    /// - Throws: ``S3RequestError``: NoSuchBucket, NoSuchKey or NoSuchVersion.
    func object() async throws -> StoredObject {
        let bucket = try bucket()
        try checkVersion()
        let key = request.key
        let found = try await store.reader.read { try ObjectRows.object(bucket: bucket.id, key: key, in: $0) }
        guard let found else { throw noSuchKey }
        return found
    }

    /// A parameter that bounds a page.
    ///
    /// - Parameters:
    ///   - name: The parameter.
    ///   - maximum: The largest page; more is taken for this.
    /// - Returns: The size of the page.
    /// - Throws: ``S3RequestError`` (InvalidArgument) if it is no number from zero on.
    func limit(_ name: String, maximum: Int = 1000) throws(S3RequestError) -> Int {
        guard let text = request.target.value(of: name), !text.isEmpty else { return maximum }
        guard let number = Int32(text), number >= 0 else {
            throw S3RequestError(
                .invalidArgument,
                "Provided \(name) not an integer or within integer range",
                details: [.init("ArgumentName", name), .init("ArgumentValue", text)]
            )
        }
        return min(Int(number), maximum)
    }

    /// Whether keys are to be percent-encoded in the answer.
    ///
    /// - Returns: Whether `encoding-type` says so.
    /// - Throws: ``S3RequestError`` (InvalidArgument) for an encoding that does not exist.
    func encodesKeys() throws(S3RequestError) -> Bool {
        switch request.target.value(of: "encoding-type") {
        case nil, "": return false
        case "url": return true
        default: throw S3RequestError(.invalidArgument, "Invalid Encoding Method specified in Request")
        }
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
    ///   - hasOwnChecksum: Whether a checksum in the headers is the document's, and not that of an object.
    /// - Returns: The document; empty if there is none.
    /// - Throws: ``S3RequestError`` if it is too large or not what was announced.
    func document(
        _ exchange: inout HTTPExchange,
        limit: Int64,
        hasOwnChecksum: Bool = true
    ) async throws -> [UInt8] {
        guard exchange.contentLength != 0 else { return [] }
        do {
            let expectation = try BodyExpectation(
                headers: hasOwnChecksum
                    ? request.headers : request.headers.without(prefix: "x-amz-checksum-"),
                payload: verified.payload,
                maximumSize: limit
            )
            return try await BodyReception(expectation: expectation, chunks: verified.chunks)
                .collect(&exchange)
        } catch let error as S3RequestError where error.code == .entityTooLarge {
            throw S3RequestError(.maxMessageLengthExceeded)
        }
    }
}
