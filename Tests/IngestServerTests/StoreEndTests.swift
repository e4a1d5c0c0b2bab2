import Foundation
import HTTPServing
import HTTPServingTesting
import S3Client
import S3Lite
import S3Wire
import Synchronization
import Testing

@testable import IngestServer

/// A store that goes away while a document's images are put into it.
@Suite(.timeLimit(.minutes(2)))
struct StoreEndTests {
    private static let images = 3

    /// A store whose images outlive it.
    private func store(in folder: String) async throws -> S3Service {
        var configuration = S3Configuration(storage: .directory(folder, durability: .os))
        configuration.credentials = [S3Credentials(accessKey: "KEY", secretKey: "secret")]
        return try await S3Service.start(configuration)
    }

    private func bucket(of store: S3Service) throws -> S3Bucket {
        var bucket = IngestConfiguration.Bucket(
            endpoint: store.endpoint,
            credentials: store.credentials,
            name: "documents",
            isCreated: false
        )
        bucket.timeout = .milliseconds(500)
        return try S3Bucket(bucket)
    }

    /// What is in a store of the folder that was started again.
    private func keys(in folder: String) async throws -> Set<String> {
        let store = try await store(in: folder)
        let client = try S3Client(endpoint: store.endpoint, credentials: store.credentials)
        let page = try await client.listPage(S3Listing(bucket: "documents"))
        client.stop()
        await store.stop(grace: .seconds(5))
        return Set(page.objects.map(\.key))
    }

    /// It goes right behind the n-th put, before that one is answered.
    @Test(arguments: IngestRoute.allCases, 1...Self.images)
    func `a store that dies in mid-upload is told, with every image that may be left in it`(
        route: IngestRoute,
        lastPut: Int
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
        defer {
            // Whatever could not be removed is in the system's own temporary folder.
            try? FileManager.default.removeItem(atPath: folder)
        }
        let store = try await store(in: folder)
        let bucket = try bucket(of: store)
        try await bucket.create()
        let puts = Mutex(0)
        let isLast: @Sendable () -> Bool = {
            puts.withLock {
                $0 += 1; return $0 == lastPut
            }
        }
        var images = bucket.imageStore
        let (put, putBlocking) = (images.put, images.putBlocking)
        images.put = { key, image in
            try await put(key, image)
            if isLast() { await store.stop(grace: .zero) }
        }
        images.putBlocking = { key, image in
            try putBlocking(key, image)
            guard isLast() else { return }
            // The loop that waits here is the ingest server's; the store ends on its own.
            let ended = DispatchSemaphore(value: 0)
            Task.detached {
                await store.stop(grace: .zero)
                ended.signal()
            }
            ended.wait()
        }
        let file = TestPDF.document(pages: 1, imagesPerPage: Self.images)
        let orphans = try await withIngest(images) { connection, service -> Set<String> in
            try await connection.send(UploadRequest(file, to: route).bytes)
            let response = try await connection.response()
            #expect(service.uploadsInFlight == 0)
            // The last image of all was stored, and then nothing failed.
            if response?.status == 200 { return Set(try Receipt(response).images.map(\.key)) }
            #expect(response?.status == 502 || response?.status == 504)
            return Set(try ErrorBody(response).error.orphans ?? [])
        }
        await store.stop(grace: .zero)
        bucket.stop()
        let left = try await keys(in: folder)
        #expect(left.isSubset(of: orphans))
        #expect(!left.isEmpty)
    }
}

extension Receipt.Image {
    fileprivate var key: String { String(s3_url.dropFirst("s3://documents/".count)) }
}
