import Glibc
import S3Client
import S3Lite
import S3Wire
import Synchronization
import Testing

/// What a store does once the disk has not taken what it was given.
struct FailedSyncTests {
    private static let small = [UInt8](repeating: 1, count: 3000)
    private static let large = [UInt8](repeating: 2, count: 300_000)

    /// A failed sync of a folder was answered as an error of its request alone, and writing went on.
    @Test func `after any failed sync of a large body nothing is written until a restart`() async throws {
        var faultySync = 1
        while true {
            let syncs = CountedSyncs(faulty: faultySync)
            let hasFailed = try await TemporaryFolder.with { folder in
                try await withStore(folder, syncs) { client in
                    try await client.createBucket("bucket")
                    try await client.put("bucket", "before", S3Body(Self.large))
                }
                syncs.start()
                let hasFailed = try await withStore(folder, syncs) { client in
                    guard let failure = await failure(of: client) else { return false }
                    #expect(status(failure) == 503)
                    for (key, bytes) in [("small", Self.small), ("large", Self.large)] {
                        let error = await #expect(throws: S3ClientError.self) {
                            try await client.put("bucket", key, S3Body(bytes))
                        }
                        #expect(status(error) == 503)
                    }
                    let error = await #expect(throws: S3ClientError.self) {
                        try await client.delete("bucket", "before")
                    }
                    #expect(status(error) == 503)
                    let before = try await client.get("bucket", "before")
                    #expect(before.bytes == Self.large)
                    return true
                }
                try await withStore(folder, syncs) { client in
                    try await client.put("bucket", "small", S3Body(Self.small))
                    let keys = try await client.listPage(S3Listing(bucket: "bucket")).objects.map(\.key)
                    #expect(keys == (hasFailed ? ["before", "small"] : ["before", "large", "small"]))
                }
                return hasFailed
            }
            guard hasFailed else { break }
            faultySync += 1
        }
        // The body's own, and its folder's.
        #expect(faultySync == 3)
    }

    private func failure(of client: S3Client) async -> S3ClientError? {
        do throws(S3ClientError) {
            try await client.put("bucket", "large", S3Body(Self.large))
            return nil
        } catch {
            return error
        }
    }

    private func withStore<Value: Sendable>(
        _ folder: String,
        _ syncs: CountedSyncs,
        _ test: (S3Client) async throws -> Value
    ) async throws -> Value {
        var configuration = S3Configuration(storage: .directory(folder, durability: .fsync))
        configuration.failure = { $0 == "fsync" ? syncs.failure() : nil }
        return try await S3Service.with(configuration) { store in
            var options = S3ClientOptions()
            options.attempts = 1
            let client = try S3Client(
                endpoint: store.endpoint,
                credentials: store.credentials,
                options: options
            )
            defer { client.stop() }
            return try await test(client)
        }
    }

    private func status(_ error: S3ClientError?) -> Int? {
        guard case .refused(let refusal) = error else { return nil }
        return refusal.status
    }
}

/// Syncs of which one fails.
private final class CountedSyncs: Sendable {
    private let faulty: Int
    /// How many there were; nil while they don't count.
    private let count = Mutex<Int?>(nil)

    init(faulty: Int) {
        self.faulty = faulty
    }

    /// Counts from now on.
    func start() { count.withLock { $0 = 0 } }

    func failure() -> Int32? {
        let isFaulty = count.withLock { count in
            count = count.map { $0 + 1 }
            return count == faulty
        }
        return isFaulty ? EIO : nil
    }
}
