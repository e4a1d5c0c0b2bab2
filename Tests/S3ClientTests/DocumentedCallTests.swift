import Foundation
import S3Client
import S3Lite
import S3Wire
import Testing

/// The code that the documentation shows.
struct DocumentedCallTests {
    @Test func `a store and a client in a test`() async throws {
        try await S3Service.with { store in
            let client = try S3Client(endpoint: store.endpoint, credentials: store.credentials)
            defer { client.stop() }
            try await client.createBucket("documents")
            try await client.put("documents", "a/1.png", S3Body([1, 2, 3]), contentType: "image/png")
        }
    }

    /// Needs keys in the environment and a store at the usual port, so it is compiled and not run.
    @Test(.disabled("shows a client of a store that is not there"))
    func `a client of any store`() async throws {
        let client = try S3Client(
            endpoint: S3Endpoint(url: "http://127.0.0.1:9000"),
            credentials: .fromEnvironment(ProcessInfo.processInfo.environment)
        )
        defer { client.stop() }
        for try await page in client.list(S3Listing(bucket: "documents", prefix: "2026/")) {
            print(page.objects.map(\.key))
        }
    }
}
