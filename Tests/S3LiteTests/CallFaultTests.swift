import Foundation
import Glibc
import S3Client
import S3Lite
import S3Wire
import Synchronization
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
        var faulty = 1
        var hasFailed = true
        while hasFailed {
            let calls = CountedCalls(call, faulty: faulty, errno: errno)
            hasFailed = try await TemporaryFolder.with { folder in
                try await withStore(folder, calls) { client in
                    try await client.createBucket("bucket")
                    try await client.put("bucket", "large", S3Body(Self.old))
                    try await client.put("bucket", "gone", S3Body(Self.old))
                }
                calls.start()
                let failures = try await withStore(folder, calls) { client in
                    var failures: [Bool] = []
                    for write in Write.allCases {
                        failures.append(await isRefused(write, client, call, errno))
                    }
                    try await expect(failures, client)
                    return failures
                }
                calls.stop()
                try await withStore(folder, calls) { client in try await expect(failures, client) }
                let kept = failures[2] ? 2 : 1
                #expect(try files(in: folder) == kept)
                return failures.contains(true)
            }
            faulty += 1
        }
        #expect(faulty > 2, "no call was ever made to fail")
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
            guard case .refused(let refusal) = error else {
                Issue.record(error)
                return true
            }
            let isLost = call == "fsync" || (call == "commit" && errno == EIO)
            let expected = isLost ? 503 : errno == ENOSPC ? 507 : 500
            #expect(refusal.status == expected)
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

    private func withStore<Value: Sendable>(
        _ folder: String,
        _ calls: CountedCalls,
        _ test: (S3Client) async throws -> Value
    ) async throws -> Value {
        var configuration = S3Configuration(storage: .directory(folder, durability: .fsync))
        configuration.failure = { calls.failure(of: $0) }
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
                                guard case .refused(let refusal) = error else { return ("\(number)", 0) }
                                return ("\(number)", refusal.status)
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

/// Calls of one kind of which one fails.
private final class CountedCalls: Sendable {
    private let call: String
    private let faulty: Int
    private let errno: Int32
    /// How many there were; nil while they don't count.
    private let count = Mutex<Int?>(nil)

    init(_ call: String, faulty: Int, errno: Int32) {
        (self.call, self.faulty, self.errno) = (call, faulty, errno)
    }

    func start() { count.withLock { $0 = 0 } }
    func stop() { count.withLock { $0 = nil } }

    func failure(of call: String) -> Int32? {
        guard call == self.call else { return nil }
        return count.withLock { count in
            count = count.map { $0 + 1 }
            return count == faulty ? errno : nil
        }
    }
}
