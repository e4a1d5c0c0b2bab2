import Glibc
import S3Client
import S3Lite
import Testing

/// What a store does once the disk has not taken what it was given, and when it asks the disk at all.
struct FailedSyncTests {
    private static let small = [UInt8](repeating: 1, count: 3000)
    private static let large = [UInt8](repeating: 2, count: 300_000)

    /// A failed sync of a folder was answered as an error of its request alone, and writing went on.
    @Test func `after any failed sync of a large body nothing is written until a restart`() async throws {
        let faults = try await CountedCalls.failEach("fsync", EIO) { syncs in
            try await TemporaryFolder.with { folder in
                try await syncs.withStore(in: folder) { client in
                    try await client.createBucket("bucket")
                    try await client.put("bucket", "before", S3Body(Self.large))
                }
                syncs.start()
                let hasFailed = try await syncs.withStore(in: folder) { client in
                    guard let failure = await failure(of: client) else { return false }
                    #expect(failure.status == 503)
                    for (key, bytes) in [("small", Self.small), ("large", Self.large)] {
                        let error = await #expect(throws: S3ClientError.self) {
                            try await client.put("bucket", key, S3Body(bytes))
                        }
                        #expect(error?.status == 503)
                    }
                    let error = await #expect(throws: S3ClientError.self) {
                        try await client.delete("bucket", "before")
                    }
                    #expect(error?.status == 503)
                    let before = try await client.get("bucket", "before")
                    #expect(before.bytes == Self.large)
                    return true
                }
                try await syncs.withStore(in: folder) { client in
                    try await client.put("bucket", "small", S3Body(Self.small))
                    let keys = try await client.listPage(S3Listing(bucket: "bucket")).objects.map(\.key)
                    #expect(keys == (hasFailed ? ["before", "small"] : ["before", "large", "small"]))
                }
                return hasFailed
            }
        }
        // The body's own, and its folder's.
        #expect(faults == 2)
    }

    @Test func `without a promise about power cuts no body waits for the disk`() async throws {
        try await TemporaryFolder.with { folder in
            let syncs = CountedCalls("fsync", faulty: 0, errno: EIO)
            try await syncs.withStore(in: folder, durability: .os) { client in
                syncs.start()
                try await client.createBucket("bucket")
                try await client.put("bucket", "large", S3Body(Self.large))
                #expect(syncs.made == 0)
            }
        }
    }

    private func failure(of client: S3Client) async -> S3ClientError? {
        do throws(S3ClientError) {
            try await client.put("bucket", "large", S3Body(Self.large))
            return nil
        } catch {
            return error
        }
    }
}
