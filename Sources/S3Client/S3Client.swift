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
    ) async throws(S3ClientError) -> S3StoredObject {
        try await perform(.put(bucket, key, body, options.details(contentType, metadata, condition)))
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
    ) async throws(S3ClientError) -> S3StoredObject {
        try await perform(.copy(source, to: bucket, key))
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
    ) async throws(S3ClientError) -> S3Object {
        try await perform(
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

    /// Lists the caller's buckets.
    ///
    /// - Returns: The buckets by name.
    /// - Throws: ``S3ClientError``.
    public func buckets() async throws(S3ClientError) -> [S3BucketFacts] {
        try await perform(.buckets())
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

    /// Stores an object in parts that are sent side by side; one that fits into a part is sent whole.
    ///
    /// Nothing is seen of it before all parts are there. If one fails for good, or the task is cancelled, the parts
    /// that were sent are given up.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    ///   - body: The bytes.
    ///   - contentType: The media type to store with it.
    ///   - metadata: Names and values to store with it; at most 2 KB.
    ///   - condition: What must hold for it to be stored; status 412 if it does not.
    ///   - partSize: How large the parts are; at least 5 MiB, and as large as a body of ten thousand parts needs.
    ///   - partsInFlight: The most parts under way at one time.
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
        partSize: Int = 8 << 20,
        partsInFlight: Int = 4
    ) async throws(S3ClientError) -> S3StoredObject {
        let details = options.details(contentType, metadata, condition)
        let large = S3LargePut(bucket, key, body, details, partSize: partSize)
        if let whole = large.whole { return try await perform(whole) }
        let upload = try await perform(large.begin)
        do throws(S3ClientError) {
            let parts = try await send(large, upload, inFlight: max(1, partsInFlight))
            return try await perform(large.complete(parts, of: upload))
        } catch {
            // In a task of its own, for this one may be cancelled. What can't be aborted expires in the store.
            let abort = Task { _ = try? await perform(large.abort(upload)) }
            await abort.value
            throw error
        }
    }

    /// Sends parts side by side.
    private func send(
        _ large: S3LargePut,
        _ upload: String,
        inFlight: Int
    ) async throws(S3ClientError) -> [S3UploadedPart] {
        let results = await withTaskGroup(of: Result<S3UploadedPart, S3ClientError>.self) { group in
            var rest = large.numbers.makeIterator()
            func sendNext() {
                guard let number = rest.next() else { return }
                group.addTask {
                    do throws(S3ClientError) {
                        return .success(try await self.perform(large.part(number, of: upload)))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            for _ in 0..<inFlight { sendNext() }
            var results: [Result<S3UploadedPart, S3ClientError>] = []
            while let result = await group.next() {
                if case .failure = result {
                    group.cancelAll()
                    return [result]
                }
                results.append(result)
                sendNext()
            }
            return results
        }
        var parts: [S3UploadedPart] = []
        for result in results { parts.append(try result.get()) }
        return parts
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
            let step: S3Tries<Answer>.Step
            do throws(S3ClientError) {
                step = try tries.judge(result)
            } catch {
                guard let own = tries.ownAnswer(to: error), let bucket = call.bucket, let key = call.key,
                    try await perform(.head(bucket, key)).etag == own.etag
                else { throw error }
                return own.answer
            }
            switch step {
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
