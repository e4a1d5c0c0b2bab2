import Curl
public import S3Wire

/// Talks to an S3 store from async code, over a bounded number of kept connections.
///
/// All transfers share one libcurl multi handle on a thread of its own. A failed try is repeated where the
/// protocol allows it, within one deadline; cancelling a task ends its transfer.
public final class S3Client: Sendable {
    private let builder: S3RequestBuilder
    private let options: S3ClientOptions
    private let transfers: TransferService

    /// Makes a client without connections.
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
        builder = S3RequestBuilder(endpoint: endpoint, credentials: credentials, options: options)
        self.options = options
        do {
            transfers = try TransferService(
                maximumInFlight: options.maximumConnections,
                threadName: "s3-client"
            )
        } catch {
            throw S3ClientError(error)
        }
    }

    /// Ends the transfers under way and the client's thread; calls made later fail as cancelled.
    public func stop() {
        transfers.stop()
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
    ) async throws(S3ClientError) -> S3StoredObject {
        try await perform(.put(bucket, key, body, contentType: contentType))
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
    ) async throws(S3ClientError) -> S3Object {
        try await perform(.get(bucket, key, range: range))
    }

    /// Asks what the store knows of an object.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    /// - Returns: The object's size, tag and type.
    /// - Throws: ``S3ClientError``.
    public func head(_ bucket: String, _ key: String) async throws(S3ClientError) -> S3ObjectFacts {
        try await perform(.head(bucket, key))
    }

    /// Removes an object; that there is none is no error.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    /// - Throws: ``S3ClientError``.
    public func delete(_ bucket: String, _ key: String) async throws(S3ClientError) {
        try await perform(.delete(bucket, key))
    }

    /// Removes any number of objects, a thousand with each request.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - keys: The objects' keys.
    /// - Returns: The keys the store could not delete.
    /// - Throws: ``S3ClientError``.
    @discardableResult
    public func deleteMany(
        _ bucket: String,
        _ keys: [String]
    ) async throws(S3ClientError) -> [S3DeletionFailure] {
        var failures: [S3DeletionFailure] = []
        for start in stride(from: 0, to: keys.count, by: 1000) {
            failures += try await perform(.deleteMany(bucket, keys[start..<min(start + 1000, keys.count)]))
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
    ) async throws(S3ClientError) -> S3ListPage {
        try await perform(.list(listing, continuation: continuation))
    }

    /// Lists a bucket page by page.
    ///
    /// - Parameter listing: What to list.
    /// - Returns: The pages; each is asked for when it is needed.
    public func list(_ listing: S3Listing) -> S3ListPages {
        S3ListPages(client: self, listing: listing)
    }

    /// Makes a bucket; that the caller has it already is no error on most stores.
    ///
    /// - Parameter bucket: The bucket.
    /// - Throws: ``S3ClientError``.
    public func createBucket(_ bucket: String) async throws(S3ClientError) {
        try await perform(.createBucket(bucket, region: builder.endpoint.region))
    }

    /// Makes sure a bucket is there and may be used.
    ///
    /// - Parameter bucket: The bucket.
    /// - Throws: ``S3ClientError``; status 404 if there is none.
    public func headBucket(_ bucket: String) async throws(S3ClientError) {
        try await perform(.headBucket(bucket))
    }

    /// Removes an empty bucket.
    ///
    /// - Parameter bucket: The bucket.
    /// - Throws: ``S3ClientError``.
    public func deleteBucket(_ bucket: String) async throws(S3ClientError) {
        try await perform(.deleteBucket(bucket))
    }

    /// Presigns a URL that reads an object without credentials.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    ///   - expiry: How long the URL is good, at most seven days.
    /// - Returns: The URL, which is as secret as what it opens.
    public func presignedURL(_ bucket: String, _ key: String, expiry: Duration) -> String {
        builder.presignedURL(bucket: bucket, key: key, expiry: expiry)
    }

    private func perform<Answer>(_ call: S3Call<Answer>) async throws(S3ClientError) -> Answer {
        var tries = S3Tries(of: call, builder: builder, options: options)
        while true {
            let result: Result<TransferResponse, CurlError>
            do throws(CurlError) {
                result = .success(try await transfers.perform(tries.request()))
            } catch {
                result = .failure(error)
            }
            switch try tries.judge(result) {
            case .done(let answer): return answer
            case .wait(let delay):
                do {
                    try await Task.sleep(for: delay)
                } catch {
                    throw .cancelled
                }
            }
        }
    }
}

/// The pages of a listing, each asked for when it is needed.
public struct S3ListPages: AsyncSequence, Sendable {
    /// What the sequence gives.
    public typealias Element = S3ListPage
    /// Why it may end early.
    public typealias Failure = S3ClientError

    fileprivate let client: S3Client
    fileprivate let listing: S3Listing

    /// Walks the pages.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let pages: S3ListPages
        fileprivate var continuation: String?
        fileprivate var isFirst = true

        /// Asks for the next page.
        ///
        /// - Parameter actor: Where the caller runs.
        /// - Returns: The page, or nil after the last.
        /// - Throws: ``S3ClientError``.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(S3ClientError) -> S3ListPage? {
            guard isFirst || continuation != nil else { return nil }
            let page = try await pages.client.listPage(pages.listing, continuation: continuation)
            isFirst = false
            continuation = page.continuation
            return page
        }
    }

    /// Starts at the first page.
    ///
    /// - Returns: An iterator.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pages: self) }
}
