import S3Client
import S3Lite
import S3Testing
import S3Wire

/// A store with a bucket for one test: one of its own, or the one that the environment names.
struct TestedStore: Sendable {
    let endpoint: S3Endpoint
    let credentials: S3Credentials
    let bucket: String

    /// Runs a test, and removes what it left in a store that stays.
    static func with(
        _ options: S3ClientOptions = S3ClientOptions(),
        _ test: (TestedStore, S3Client) async throws -> Void
    ) async throws {
        guard let foreign = ForeignStore.current else {
            return try await S3Service.with { own in
                let store = TestedStore(
                    endpoint: own.endpoint,
                    credentials: own.credentials,
                    bucket: "documents"
                )
                try await store.run(options, test)
            }
        }
        let store = TestedStore(
            endpoint: foreign.endpoint,
            credentials: foreign.credentials,
            bucket: ForeignStore.uniqueBucket()
        )
        try await store.run(options) { store, client in
            try await test(store, client)
            try await store.empty(client)
        }
    }

    private func run(
        _ options: S3ClientOptions,
        _ test: (TestedStore, S3Client) async throws -> Void
    ) async throws {
        let client = try S3Client(endpoint: endpoint, credentials: credentials, options: options)
        defer { client.stop() }
        try await client.createBucket(bucket)
        try await test(self, client)
    }

    private func empty(_ client: S3Client) async throws {
        for try await page in client.list(S3Listing(bucket: bucket)) where !page.objects.isEmpty {
            try await client.deleteMany(bucket, page.objects.map(\.key))
        }
        try await client.deleteBucket(bucket)
    }
}
