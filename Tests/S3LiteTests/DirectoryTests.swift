import Foundation
import GRDB
import S3Client
import S3Lite
import S3Testing
import S3Wire
import Testing

/// What a store in a folder promises beyond one in memory.
struct DirectoryTests {
    private static let small = [UInt8](repeating: 1, count: 3000)
    private static let large = [UInt8](repeating: 2, count: 300_000)

    private func withStore(
        _ folder: String,
        _ test: (S3Service, S3Client) async throws -> Void
    ) async throws {
        try ForeignStore.skip("needs a store in a folder of this machine")
        try await S3Service.with(S3Configuration(storage: .directory(folder, durability: .fsync))) { store in
            let client = try S3Client(endpoint: store.endpoint, credentials: store.credentials)
            defer { client.stop() }
            try await test(store, client)
        }
    }

    private func files(in folder: String) -> [String] {
        let names =
            FileManager.default.enumerator(atPath: folder + "/data")?.compactMap { $0 as? String } ?? []
        return names.filter { $0.contains("/") }
    }

    @Test func `objects are there again after a restart`() async throws {
        try await TemporaryFolder.with { folder in
            try await withStore(folder) { _, client in
                try await client.createBucket("bucket")
                try await client.put("bucket", "small", S3Body(Self.small))
                try await client.put("bucket", "large", S3Body(Self.large))
            }
            try await withStore(folder) { _, client in
                let (small, large) = try await (client.get("bucket", "small"), client.get("bucket", "large"))
                #expect(small.bytes == Self.small && large.bytes == Self.large)
            }
        }
    }

    @Test func `a second store is kept out of the folder`() async throws {
        try await TemporaryFolder.with { folder in
            try await withStore(folder) { _, _ in
                await #expect(throws: S3LiteError.folderInUse(path: folder)) {
                    try await S3Service.start(
                        S3Configuration(storage: .directory(folder, durability: .fsync))
                    )
                }
            }
        }
    }

    @Test func `only the owner may read what is stored`() async throws {
        try await TemporaryFolder.with { folder in
            try await withStore(folder) { _, client in
                try await client.createBucket("bucket")
                try await client.put("bucket", "large", S3Body(Self.large))
            }
            func mode(_ path: String) throws -> Int {
                try #require(
                    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                )
            }
            let file = try #require(files(in: folder).first)
            #expect(try mode(folder) == 0o700)
            #expect(try mode("\(folder)/data/\(file)") == 0o600)
            #expect(try mode("\(folder)/index.sqlite") & 0o077 == 0)
        }
    }

    @Test func `a replaced or deleted body leaves no file`() async throws {
        try await TemporaryFolder.with { folder in
            try await withStore(folder) { _, client in
                try await client.createBucket("bucket")
                for _ in 0..<3 { try await client.put("bucket", "large", S3Body(Self.large)) }
                try await client.put("bucket", "other", S3Body(Self.large))
                try await client.delete("bucket", "other")
            }
            #expect(files(in: folder).count == 1)
        }
    }

    @Test func `a file that a crash left behind is swept at the next start`() async throws {
        try await TemporaryFolder.with { folder in
            try await withStore(folder) { _, client in
                try await client.createBucket("bucket")
                try await client.put("bucket", "large", S3Body(Self.large))
            }
            let orphan = "\(folder)/data/ab/abandoned"
            #expect(FileManager.default.createFile(atPath: orphan, contents: Data([1])))
            try await withStore(folder) { _, client in
                let object = try await client.get("bucket", "large")
                #expect(object.bytes == Self.large)
            }
            #expect(files(in: folder).count == 1)
        }
    }

    @Test func `a folder of another version is refused and left as it is`() async throws {
        try await TemporaryFolder.with { folder in
            try await withStore(folder) { _, client in try await client.createBucket("bucket") }
            do {
                let database = try DatabaseQueue(path: "\(folder)/index.sqlite")
                try database.inDatabase { try $0.execute(sql: "PRAGMA user_version = 99") }
                try database.close()
            }
            await #expect(throws: S3LiteError.schemaUnknown(version: 99)) {
                try await S3Service.start(S3Configuration(storage: .directory(folder, durability: .fsync)))
            }
        }
    }

    @Test func `an upload that is stale at the start is gone with its files`() async throws {
        try await TemporaryFolder.with { folder in
            let old = S3Timestamp.now()
            try await withStore(folder) { store, _ in
                let requests = try SignedRequests(store)
                defer { requests.stop() }
                _ = try await requests.send(.init(method: "PUT", target: "/bucket"))
                let begun = try await requests.send(.init(method: "POST", target: "/bucket/a?uploads"))
                let id = try XMLElement(parsing: begun.body).childText("UploadId") ?? ""
                let target = "/bucket/a?partNumber=1&uploadId=\(id)"
                let part = SignedRequests.Request(method: "PUT", target: target, body: Self.large)
                #expect(try await requests.send(part).status == 200)
            }
            #expect(files(in: folder).count == 1)
            var configuration = S3Configuration(storage: .directory(folder, durability: .fsync))
            configuration.clock = { S3Timestamp(milliseconds: old.milliseconds + 8 * 86_400_000) }
            await (try S3Service.start(configuration)).stop(grace: .zero)
            #expect(files(in: folder).isEmpty)
        }
    }

    @Test func `a folder that can't be made is refused with its reason`() async throws {
        let path = "/dev/null/store"
        let error = await #expect(throws: S3LiteError.self) {
            try await S3Service.start(S3Configuration(storage: .directory(path, durability: .fsync)))
        }
        #expect(error?.message.contains(path) == true && error?.hint != nil)
    }
}
