import Curl
import Foundation
public import S3Wire

/// Talks to an S3 store and blocks the calling thread until it answers.
///
/// One libcurl handle, whose connection is kept. Belongs to one thread at a time. It exists to show what
/// blocking costs: a service should use ``S3Client``.
public struct BlockingS3Client: ~Copyable {
    private let builder: S3RequestBuilder
    private let options: S3ClientOptions
    private let client: BlockingClient

    /// Makes a client without a connection.
    ///
    /// - Parameters:
    ///   - endpoint: Where the store is.
    ///   - credentials: The key pair to sign with.
    ///   - options: How patient the client is.
    /// - Throws: ``S3ClientError`` if the HTTP library can't start.
    public init(
        endpoint: S3Endpoint,
        credentials: S3Credentials,
        options: S3ClientOptions = S3ClientOptions()
    ) throws(S3ClientError) {
        let client: BlockingClient
        do {
            client = try BlockingClient()
        } catch {
            throw S3ClientError(error)
        }
        self.builder = S3RequestBuilder(endpoint: endpoint, credentials: credentials, options: options)
        self.options = options
        self.client = client
    }

    /// Stores an object; what had its key is replaced.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    ///   - body: The bytes.
    ///   - contentType: The media type to store with it.
    ///   - metadata: Names and values to store with it; at most 2 KB.
    ///   - condition: What must hold for it to be stored; status 412 if it does not.
    /// - Returns: What the store calls the object's content.
    /// - Throws: ``S3ClientError``.
    @discardableResult
    public func put(
        _ bucket: String,
        _ key: String,
        _ body: S3Body,
        contentType: String = "application/octet-stream",
        metadata: [String: String] = [:],
        condition: S3WriteCondition? = nil
    ) throws(S3ClientError) -> S3StoredObject {
        try perform(.put(bucket, key, body, options.details(contentType, metadata, condition)))
    }

    /// Copies an object within the store, with all that was stored with it.
    ///
    /// - Parameters:
    ///   - source: The bucket and key to copy from.
    ///   - bucket: The bucket to copy to.
    ///   - key: The new object's key.
    /// - Returns: What the store calls the object's content.
    /// - Throws: ``S3ClientError``.
    @discardableResult
    public func copy(
        from source: (bucket: String, key: String),
        to bucket: String,
        _ key: String
    ) throws(S3ClientError) -> S3StoredObject {
        try perform(.copy(source, to: bucket, key))
    }

    /// Reads an object.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    ///   - range: The bytes to read, or nil for all.
    ///   - condition: What must hold for it to be read.
    /// - Returns: The bytes and what the store knows of the object.
    /// - Throws: ``S3ClientError``.
    public func get(
        _ bucket: String,
        _ key: String,
        range: Range<Int>? = nil,
        condition: S3ReadCondition? = nil
    ) throws(S3ClientError) -> S3Object {
        try perform(
            .get(bucket, key, range: range, condition: condition, checksum: options.checksum)
        )
    }

    /// Asks what the store knows of an object.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    /// - Returns: The object's size, tag and type.
    /// - Throws: ``S3ClientError``.
    public func head(_ bucket: String, _ key: String) throws(S3ClientError) -> S3ObjectFacts {
        try perform(.head(bucket, key))
    }

    /// Removes an object; that there is none is no error.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    /// - Throws: ``S3ClientError``.
    public func delete(_ bucket: String, _ key: String) throws(S3ClientError) {
        try perform(.delete(bucket, key))
    }

    /// Removes any number of objects, a thousand with each request.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - keys: The objects' keys.
    /// - Returns: The keys the store could not delete.
    /// - Throws: ``S3ClientError``.
    @discardableResult
    public func deleteMany(_ bucket: String, _ keys: [String]) throws(S3ClientError) -> [S3DeletionFailure] {
        var failures: [S3DeletionFailure] = []
        for start in stride(from: 0, to: keys.count, by: 1000) {
            failures += try perform(.deleteMany(bucket, keys[start..<min(start + 1000, keys.count)]))
        }
        return failures
    }

    /// Lists one page of a bucket.
    ///
    /// - Parameters:
    ///   - listing: What to list.
    ///   - continuation: The continuation of the page before; nil for the first.
    /// - Returns: The page.
    /// - Throws: ``S3ClientError``.
    public func listPage(
        _ listing: S3Listing,
        continuation: String? = nil
    ) throws(S3ClientError) -> S3ListPage {
        try perform(.list(listing, continuation: continuation))
    }

    /// Lists the caller's buckets.
    ///
    /// - Returns: The buckets by name.
    /// - Throws: ``S3ClientError``.
    public func buckets() throws(S3ClientError) -> [S3BucketFacts] {
        try perform(.buckets())
    }

    /// Makes a bucket; that the caller has it already is no error on most stores.
    ///
    /// - Parameter bucket: The bucket.
    /// - Throws: ``S3ClientError``.
    public func createBucket(_ bucket: String) throws(S3ClientError) {
        try perform(.createBucket(bucket, region: builder.endpoint.region))
    }

    /// Makes sure a bucket is there and may be used.
    ///
    /// - Parameter bucket: The bucket.
    /// - Throws: ``S3ClientError``; status 404 if there is none.
    public func headBucket(_ bucket: String) throws(S3ClientError) {
        try perform(.headBucket(bucket))
    }

    /// Removes an empty bucket.
    ///
    /// - Parameter bucket: The bucket.
    /// - Throws: ``S3ClientError``.
    public func deleteBucket(_ bucket: String) throws(S3ClientError) {
        try perform(.deleteBucket(bucket))
    }

    /// Presigns a URL: whoever has it can do this one thing without credentials.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    ///   - method: What the URL may be used for.
    ///   - expiry: How long the URL is good, from a second to seven days.
    /// - Returns: The URL, which is as secret as what it opens.
    public func presignedURL(
        _ bucket: String,
        _ key: String,
        method: S3PresignedMethod = .get,
        expiry: Duration
    ) -> String {
        builder.presignedURL(method, bucket: bucket, key: key, expiry: expiry)
    }

    /// Stores an object in parts, one after the other; one that fits into a part is sent whole.
    ///
    /// Nothing is seen of it before all parts are there. If one fails for good, those that were sent are given up.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    ///   - body: The bytes.
    ///   - contentType: The media type to store with it.
    ///   - metadata: Names and values to store with it; at most 2 KB.
    ///   - condition: What must hold for it to be stored; status 412 if it does not.
    ///   - partSize: How large the parts are; at least 5 MiB, and as large as a body of ten thousand parts needs.
    /// - Returns: What the store calls the object's content.
    /// - Throws: ``S3ClientError``.
    @discardableResult
    public func putLarge(
        _ bucket: String,
        _ key: String,
        _ body: S3Body,
        contentType: String = "application/octet-stream",
        metadata: [String: String] = [:],
        condition: S3WriteCondition? = nil,
        partSize: Int = 8 << 20
    ) throws(S3ClientError) -> S3StoredObject {
        let details = options.details(contentType, metadata, condition)
        let large = S3LargePut(bucket, key, body, details, partSize: partSize)
        if let whole = large.whole { return try perform(whole) }
        let upload = try perform(large.begin)
        do throws(S3ClientError) {
            var parts: [S3UploadedPart] = []
            for number in large.numbers { parts.append(try perform(large.part(number, of: upload))) }
            return try perform(large.complete(parts, of: upload))
        } catch {
            // What can't be aborted expires in the store.
            try? perform(large.abort(upload))
            throw error
        }
    }

    private func perform<Answer>(_ call: S3Call<Answer>) throws(S3ClientError) -> Answer {
        var tries = S3Tries(of: call, builder: builder, options: options)
        while true {
            let request = tries.request()
            let result = Result { () throws(CurlError) in try client.perform(request) }
            let step: S3Tries<Answer>.Step
            do throws(S3ClientError) {
                step = try tries.judge(result)
            } catch {
                guard let own = tries.ownAnswer(to: error), let bucket = call.bucket, let key = call.key,
                    try perform(.head(bucket, key)).etag == own.etag
                else { throw error }
                return own.answer
            }
            switch step {
            case .done(let answer): return answer
            case .wait(let delay): Thread.sleep(forTimeInterval: delay / .seconds(1))
            }
        }
    }
}
