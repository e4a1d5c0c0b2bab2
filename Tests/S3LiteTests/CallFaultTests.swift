import Foundation
import Glibc
import S3Client
import S3Lite
import Testing

/// Each call of the file system and each commit fails in turn, until a run meets no fault.
struct CallFaultTests {
    private static let old = [UInt8](repeating: 1, count: 300_000)
    private static let new = [UInt8](repeating: 2, count: 400_000)
    private static let small = [UInt8](repeating: 3, count: 3000)

    private enum Write: CaseIterable {
        case large, small, deletion
    }

    @Test(arguments: ["open", "fallocate", "pwrite", "fsync", "commit"], [ENOSPC, EIO])
    func `a call that fails leaves the old object whole and nothing behind`(call: String, errno: Int32)
        async throws
    {
        let faults = try await CountedCalls.failEach(call, errno) { calls in
            try await TemporaryFolder.with { folder in
                try await calls.withStore(in: folder) { client in
                    try await client.createBucket("bucket")
                    try await client.put("bucket", "large", S3Body(Self.old))
                    try await client.put("bucket", "gone", S3Body(Self.old))
                }
                calls.start()
                let failures = try await calls.withStore(in: folder) { client in
                    var failures: [Bool] = []
                    for write in Write.allCases {
                        failures.append(await isRefused(write, client, call, errno))
                    }
                    try await expect(failures, client)
                    return failures
                }
                calls.stop()
                try await calls.withStore(in: folder) { client in try await expect(failures, client) }
                let kept = failures[2] ? 2 : 1
                #expect(try files(in: folder) == kept)
                return failures.contains(true)
            }
        }
        #expect(faults > 0, "no call was ever made to fail")
    }

    /// Makes a write; a refusal must carry the status that the fault deserves.
    private func isRefused(
        _ write: Write,
        _ client: S3Client,
        _ call: String,
        _ errno: Int32
    ) async -> Bool {
        do throws(S3ClientError) {
            switch write {
            case .large: try await client.put("bucket", "large", S3Body(Self.new))
            case .small: try await client.put("bucket", "small", S3Body(Self.small))
            case .deletion: try await client.delete("bucket", "gone")
            }
            return false
        } catch {
            let isLost = call == "fsync" || (call == "commit" && errno == EIO)
            #expect(error.status == (isLost ? 503 : errno == ENOSPC ? 507 : 500))
            return true
        }
    }

    private func expect(_ failures: [Bool], _ client: S3Client) async throws {
        let large = try await client.get("bucket", "large")
        #expect(large.bytes == (failures[0] ? Self.old : Self.new))
        let keys = try await client.listPage(S3Listing(bucket: "bucket")).objects.map(\.key)
        #expect(keys == (failures[2] ? ["gone"] : []) + ["large"] + (failures[1] ? [] : ["small"]))
    }

    private func files(in folder: String) throws -> Int {
        try FileManager.default.subpathsOfDirectory(atPath: folder + "/data").count { $0.contains("/") }
    }

    /// A full database undid the whole transaction, and its neighbours were answered 500.
    @Test func `a full database refuses what needs room, keeps what it has, and takes deletions`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            var configuration = S3Configuration(storage: .directory(folder, durability: .fsync))
            configuration.maximumPages = 64
            try await S3Service.with(configuration) { store in
                let client = try S3Client(endpoint: store.endpoint, credentials: store.credentials)
                defer { client.stop() }
                try await client.createBucket("bucket")
                let results = await withTaskGroup(of: (String, Int?).self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            do throws(S3ClientError) {
                                let body = [UInt8](repeating: UInt8(number), count: 30_000)
                                try await client.put("bucket", "\(number)", S3Body(body))
                                return ("\(number)", nil)
                            } catch {
                                return ("\(number)", error.status)
                            }
                        }
                    }
                    return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
                let listed = try await client.listPage(S3Listing(bucket: "bucket")).objects.map(\.key)
                #expect(!listed.isEmpty && listed.count < 100)
                #expect(results.count == 100 - listed.count && results.values.allSatisfy { $0 == 507 })
                for key in listed {
                    let object = try await client.get("bucket", key)
                    #expect(object.bytes == [UInt8](repeating: UInt8(key) ?? 0, count: 30_000))
                }
                for key in listed { try await client.delete("bucket", key) }
                try await client.put("bucket", "again", S3Body([1]))
            }
        }
    }
}
