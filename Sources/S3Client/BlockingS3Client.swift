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
    /// - Returns: What the store calls the object's content.
    /// - Throws: ``S3ClientError``.
    @discardableResult
    public func put(
        _ bucket: String,
        _ key: String,
        _ body: S3Body,
        contentType: String = "application/octet-stream"
    ) throws(S3ClientError) -> S3StoredObject {
        try perform(.put(bucket, key, body, contentType: contentType))
    }

    /// Reads an object.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    ///   - range: The bytes to read, or nil for all.
    /// - Returns: The bytes and what the store knows of the object.
    /// - Throws: ``S3ClientError``.
    public func get(
        _ bucket: String,
        _ key: String,
        range: Range<Int>? = nil
    ) throws(S3ClientError) -> S3Object {
        try perform(.get(bucket, key, range: range))
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

    private func perform<Answer>(_ call: S3Call<Answer>) throws(S3ClientError) -> Answer {
        var tries = S3Tries(of: call, builder: builder, options: options)
        while true {
            let request = tries.request()
            let result = Result { () throws(CurlError) in try client.perform(request) }
            switch try tries.judge(result) {
            case .done(let answer): return answer
            case .wait(let delay): Thread.sleep(forTimeInterval: delay / .seconds(1))
            }
        }
    }
}
