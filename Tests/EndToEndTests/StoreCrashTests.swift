import Foundation
import Glibc
import S3Client
import S3Wire
import Synchronization
import Testing

/// The store is killed under load, restarted, and asked for all that it had acknowledged.
@Suite(.serialized) struct StoreCrashTests {
    private static let writers = 16
    private static let keysPerWriter = 12
    private static let environment = [
        "AWS_ACCESS_KEY_ID": "CRASHTESTKEY", "AWS_SECRET_ACCESS_KEY": "crash-test-secret",
    ]

    /// How often it is killed: 3 times, or as `CRASH_ROUNDS` says.
    private static let rounds =
        ProcessInfo.processInfo.environment["CRASH_ROUNDS"].flatMap { Int($0) } ?? 3

    @Test func `a killed store loses nothing acknowledged and shows nothing torn`() async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appending(path: "store").path()
            let ledger = Ledger()
            for round in 1...Self.rounds {
                let store = try Program(
                    ["store", "--data", data, "--port", "0"],
                    environment: Self.environment
                )
                do {
                    let client = try await client(of: store)
                    defer { client.stop() }
                    if round == 1 { try await client.createBucket("crash") }
                    try await check(ledger, client)
                    // How many writes are acknowledged before the kill varies, so that it meets all kinds of moments.
                    let enough = 40 + round * 37 % 120
                    try await withThrowingTaskGroup { group in
                        for writer in 0..<Self.writers {
                            group.addTask { try await write(writer, round, ledger, client) }
                        }
                        group.addTask {
                            await ledger.acknowledgements(reach: enough)
                            store.send(SIGKILL)
                        }
                        try await group.waitForAll()
                    }
                } catch {
                    store.send(SIGKILL)
                    _ = await store.ending()
                    throw error
                }
                #expect(await store.ending().status == -SIGKILL)
                ledger.startRound()
            }
            let store = try Program(["store", "--data", data, "--port", "0"], environment: Self.environment)
            let client = try await client(of: store)
            try await check(ledger, client)
            client.stop()
            store.send(SIGTERM)
            #expect(await store.ending().status == 0)
        }
    }

    @Test func `a file that may not grow is refused, and the old object stays`() async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appending(path: "store").path()
            let arguments = ["store", "--data", data, "--port", "0"]
            let store = try Program(arguments, environment: Self.environment, fileBlocks: 4000)
            let client = try await client(of: store)
            defer { client.stop() }
            try await client.createBucket("full")
            let old = Content(seed: 1, size: 400_000).bytes
            try await client.put("full", "a", S3Body(old))
            let error = await #expect(throws: S3ClientError.self) {
                try await client.put("full", "a", S3Body(Content(seed: 2, size: 4_000_000).bytes))
            }
            guard case .refused(let refusal) = error else { return }
            #expect(refusal.status == 507 && refusal.code == .insufficientStorage)
            let kept = try await client.get("full", "a")
            #expect(kept.bytes == old)
            store.send(SIGTERM)
            #expect(await store.ending().status == 0)
        }
    }

    private func client(of store: Program) async throws -> S3Client {
        let line = try #require(await store.line(containing: "listens on"))
        let url = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") })
        var options = S3ClientOptions()
        options.attempts = 1
        return try S3Client(
            endpoint: S3Endpoint(url: String(url)),
            credentials: .fromEnvironment(Self.environment),
            options: options
        )
    }

    /// Writes until the store is gone: new and overwritten keys of 3 to 400 KB, and deletions now and then.
    private func write(_ writer: Int, _ round: Int, _ ledger: Ledger, _ client: S3Client) async throws {
        var generator = SystemRandomNumberGenerator()
        for number in 0... {
            let key = "w\(writer)/\(Int.random(in: 0..<Self.keysPerWriter, using: &generator))"
            let isDeletion = number % 9 == 8
            let content =
                isDeletion
                ? nil
                : Content(
                    seed: UInt64(round) << 40 | UInt64(writer) << 32 | UInt64(number),
                    size: Int.random(in: 3000...400_000, using: &generator)
                )
            ledger.attempt(key, content)
            do throws(S3ClientError) {
                if let content {
                    try await client.put("crash", key, S3Body(content.bytes))
                } else {
                    try await client.delete("crash", key)
                }
            } catch {
                guard case .unanswered = error else {
                    ledger.giveUp()
                    throw error
                }
                return
            }
            ledger.acknowledge(key)
        }
    }

    /// Every key must hold what was acknowledged last, or what was under way since; the listing must agree.
    private func check(_ ledger: Ledger, _ client: S3Client) async throws {
        var listed: [String: S3ListedObject] = [:]
        for try await page in client.list(S3Listing(bucket: "crash")) {
            for object in page.objects { listed[object.key] = object }
        }
        let known = ledger.entries
        #expect(Set(listed.keys).subtracting(known.keys).isEmpty, "a ghost is listed")
        for (key, entry) in known {
            let object = try await object(key, client)
            let found = object?.bytes
            #expect(listed[key]?.size == found?.count)
            #expect(listed[key]?.etag == object?.facts.etag)
            let match = entry.possible.first { $0?.bytes == found }
            #expect(match != nil, "\(key) is lost or torn")
            ledger.settle(key, match ?? nil)
        }
    }

    /// Reads an object; nil if there is none.
    private func object(_ key: String, _ client: S3Client) async throws(S3ClientError) -> S3Object? {
        do throws(S3ClientError) {
            return try await client.get("crash", key)
        } catch {
            guard case .refused(let refusal) = error, refusal.code == .noSuchKey else { throw error }
            return nil
        }
    }
}

/// Bytes that a seed and a size tell.
private struct Content: Sendable, Equatable {
    let seed: UInt64
    let size: Int

    var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var word = seed &* 0x9E37_79B9_7F4A_7C15 | 1
            let raw = UnsafeMutableRawBufferPointer(buffer)
            for offset in stride(from: 0, to: size, by: 8) {
                word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                withUnsafeBytes(of: word) { bytes in
                    raw[offset..<min(offset + 8, size)].copyBytes(from: bytes.prefix(size - offset))
                }
            }
            count = size
        }
    }
}

/// What was written, as the writers know it.
private final class Ledger: Sendable {
    /// What one key may hold: the last acknowledged content first, then what was tried since.
    struct Entry: Sendable {
        var possible: [Content?]
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var acknowledged = 0
        var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    var entries: [String: Entry] { state.withLock { $0.entries } }

    func attempt(_ key: String, _ content: Content?) {
        state.withLock { $0.entries[key, default: Entry(possible: [nil])].possible.append(content) }
    }

    func acknowledge(_ key: String) {
        state.withLock { state in
            state.entries[key]?.possible.removeFirst()
            state.acknowledged += 1
            guard let waiter = state.waiter, state.acknowledged >= waiter.count else { return }
            state.waiter = nil
            waiter.continuation.resume()
        }
    }

    /// Notes what a key holds after a restart.
    func settle(_ key: String, _ content: Content?) {
        state.withLock { $0.entries[key] = Entry(possible: [content]) }
    }

    func startRound() { state.withLock { $0.acknowledged = 0 } }

    /// Lets nobody wait any more.
    func giveUp() {
        state.withLock { state in
            state.acknowledged = .max / 2
            state.waiter?.continuation.resume()
            state.waiter = nil
        }
    }

    func acknowledgements(reach count: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.acknowledged >= count {
                    continuation.resume()
                } else {
                    state.waiter = (count, continuation)
                }
            }
        }
    }
}
