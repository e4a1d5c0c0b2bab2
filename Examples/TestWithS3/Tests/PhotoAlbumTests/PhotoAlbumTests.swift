import PhotoAlbum
import S3Client
import S3Lite
import Testing

struct PhotoAlbumTests {
    /// Runs a test with an album in a store of its own, which is gone afterwards.
    private func withAlbum(
        _ configuration: S3Configuration = S3Configuration(),
        _ test: (PhotoAlbum) async throws -> Void
    ) async throws {
        try await S3Service.with(configuration) { store in
            let client = try S3Client(endpoint: store.endpoint, credentials: store.credentials)
            defer { client.stop() }
            try await client.createBucket("album")
            try await test(PhotoAlbum(client: client, bucket: "album"))
        }
    }

    @Test func `a photo is added once`() async throws {
        try await withAlbum { album in
            let isNew = try await album.add("sea.jpg", [1, 2, 3])
            let isNewAgain = try await album.add("sea.jpg", [4, 5, 6])
            #expect(isNew && !isNewAgain)
            #expect(try await album.names() == ["sea.jpg"])
        }
    }

    @Test func `photos are listed by name`() async throws {
        try await withAlbum { album in
            for name in ["sea.jpg", "alps.jpg", "köln.jpg"] { _ = try await album.add(name, [1]) }
            #expect(try await album.names() == ["alps.jpg", "köln.jpg", "sea.jpg"])
        }
    }

    @Test func `a store that is busy now and then loses no photo`() async throws {
        var configuration = S3Configuration()
        var faults = S3Faults()
        faults.errorRate = 0.1
        faults.seed = 1
        configuration.faults = faults
        try await withAlbum(configuration) { album in
            for number in 0..<20 { _ = try await album.add("\(number).jpg", [1]) }
            #expect(try await album.names().count == 20)
        }
    }
}
