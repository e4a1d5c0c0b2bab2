import MuPDF
import S3Client
import S3Wire
import Synchronization

/// A bucket of an S3 service, reached by one client that awaits and by some that block.
final class S3Bucket: Sendable {
    private let name: String
    private let client: S3Client
    private let blockingClients: BlockingClientPool

    /// Makes the clients; nothing is sent yet.
    ///
    /// - Parameter bucket: The bucket.
    /// - Throws: ``S3ClientError`` if the HTTP library can't start.
    init(_ bucket: IngestConfiguration.Bucket) throws(S3ClientError) {
        var options = S3ClientOptions()
        options.timeout = bucket.timeout
        self.name = bucket.name
        self.client = try S3Client(
            endpoint: bucket.endpoint,
            credentials: bucket.credentials,
            options: options
        )
        self.blockingClients = BlockingClientPool(bucket, options: options)
    }

    /// Makes the bucket in the store.
    ///
    /// - Throws: ``S3ClientError``.
    func create() async throws(S3ClientError) {
        try await client.createBucket(name)
    }

    /// Ends the awaiting client's thread and all connections.
    func stop() {
        client.stop()
    }

    /// The calls a server needs of the bucket.
    var imageStore: ImageStore {
        var store = ImageStore(
            bucket: name,
            put: { [name, client] key, image in
                do throws(S3ClientError) {
                    try await client.put(
                        name,
                        key,
                        S3Body(image.bytes),
                        contentType: image.format.contentType
                    )
                } catch {
                    throw error.forUploads
                }
            },
            delete: { [name, client] keys in
                do throws(S3ClientError) {
                    return try await client.deleteMany(name, keys).map(\.key)
                } catch {
                    throw error.forUploads
                }
            },
            putBlocking: { [name, blockingClients] key, image in
                try blockingClients.withClient { client throws(S3ClientError) in
                    _ = try client.put(name, key, S3Body(image.bytes), contentType: image.format.contentType)
                }
            },
            deleteBlocking: { [name, blockingClients] keys in
                try blockingClients.withClient { client throws(S3ClientError) in
                    try client.deleteMany(name, keys).map(\.key)
                }
            }
        )
        store.ask = { [name, client] in
            do throws(S3ClientError) {
                try await client.headBucket(name)
                return nil
            } catch {
                if case .refused(let refusal) = error, refusal.status == 404 { return .bucketMissing }
                return .unreachable
            }
        }
        return store
    }
}

/// Blocking clients that are not in use, kept with their connections.
///
/// On one event loop there is ever only one, since it is given back before the loop does anything else.
private final class BlockingClientPool: Sendable {
    /// Used by one thread at a time: the one that took it out of the pool.
    private final class Slot: @unchecked Sendable {
        let client: BlockingS3Client

        init(_ client: consuming BlockingS3Client) {
            self.client = client
        }
    }

    private let bucket: IngestConfiguration.Bucket
    private let options: S3ClientOptions
    private let idle = Mutex<[Slot]>([])

    init(_ bucket: IngestConfiguration.Bucket, options: S3ClientOptions) {
        self.bucket = bucket
        self.options = options
    }

    func withClient<Value>(
        _ body: (borrowing BlockingS3Client) throws(S3ClientError) -> Value
    ) throws -> Value {
        do throws(S3ClientError) {
            let kept = idle.withLock { $0.popLast() }
            let slot = if let kept { kept } else { try makeSlot() }
            defer { idle.withLock { $0.append(slot) } }
            return try body(slot.client)
        } catch {
            throw error.forUploads
        }
    }

    private func makeSlot() throws(S3ClientError) -> Slot {
        Slot(
            try BlockingS3Client(
                endpoint: bucket.endpoint,
                credentials: bucket.credentials,
                options: options
            )
        )
    }
}

extension S3ClientError {
    /// The error as the upload that met it reports it.
    fileprivate var forUploads: any Error {
        if case .cancelled = self { return CancellationError() }
        return StoreFault(
            code: code,
            message: message,
            hint: hint ?? "check that the store is up and takes objects"
        )
    }

    private var code: IngestError.Code {
        switch self {
        case .timedOut: .storeTimeout
        case .refused(let refusal) where refusal.status == 503: .storeBusy
        case .refused(let refusal) where refusal.status == 507: .storeFull
        default: .storeFailed
        }
    }
}
