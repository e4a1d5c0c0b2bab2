import Foundation
import HTTPServing
import HTTPServingTesting
import IngestServer
import Testing

@testable import LoopWatch

/// What the server tells of its own loops.
///
/// One detector runs in a process, so the tests take turns.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct LoopRouteTests {
    /// What the route answers with, as clients read it.
    private struct Blocks: Decodable {
        struct Block: Decodable {
            let sequence: Int
            let kind: String
        }

        let schema: String
        let threshold_ns: Int
        let next: Int
        let blocks: [Block]
    }

    /// Blocks a server's loop with uploads, once each.
    private func block(
        _ service: IngestService,
        uploads: Int,
        on connection: inout RawConnection,
        _ wait: StackWait
    ) async throws {
        let file = TestPDF.document(pages: 1, imagesPerPage: 1)
        let scope = try await BlockScope.open(
            .loops(of: service.eventLoops),
            threshold: .milliseconds(10),
            sampled: { _ in wait.stackWasTaken() }
        )
        for _ in 0..<uploads {
            try await connection.send(UploadRequest(file, to: .blocking).bytes)
            #expect(try await connection.response()?.status == 200)
        }
        _ = await scope.close()
    }

    /// Runs a watched server after uploads that blocked its loop.
    private func withBlocked(
        uploads: Int,
        _ body: @Sendable (inout RawConnection, BlockDetector) async throws -> Void
    ) async throws {
        let wait = StackWait()
        var store = TestStore().imageStore
        store.putBlocking = { _, _ in wait.block() }
        try await withIngest(store, change: { $0.watch = .milliseconds(10) }) { connection, service in
            let detector = try #require(service.loopBlocks)
            try await block(service, uploads: uploads, on: &connection, wait)
            await detector.settle()
            try await body(&connection, detector)
        }
    }

    private func blocks(_ query: String, on connection: inout RawConnection) async throws -> Blocks {
        let answer = try await connection.exchange(
            "GET /debug/loop-blocks\(query) HTTP/1.1\r\nHost: test\r\n\r\n"
        )
        #expect(answer?.status == 200)
        #expect(answer?.headers["content-type"] == "application/json")
        return try JSONDecoder().decode(Blocks.self, from: Data(answer?.body ?? []))
    }

    @Test func `blocks can be asked for in pieces, each from where the last one ended`() async throws {
        try await withBlocked(uploads: 3) { connection, detector in
            let all = try await blocks("", on: &connection)
            #expect(all.schema == "loop-blocks/1")
            #expect(all.threshold_ns == 10_000_000)
            #expect(all.blocks.count >= 3)
            #expect(all.blocks.map(\.sequence) == Array(1...all.blocks.count))
            #expect(all.blocks.allSatisfy { $0.kind == "event_loop" })
            #expect(all.next == all.blocks.count)
            let first = try await blocks("?limit=2", on: &connection)
            #expect(first.blocks.map(\.sequence) == [1, 2])
            #expect(first.next == 2)
            let second = try await blocks("?since=\(first.next)&limit=1", on: &connection)
            #expect(second.blocks.map(\.sequence) == [3])
            #expect(second.next == 3)
            let nothing = try await blocks("?since=\(all.next)", on: &connection)
            #expect(nothing.blocks.isEmpty)
            #expect(nothing.next == all.next)
        }
    }

    @Test func `metrics count the blocks that are kept`() async throws {
        try await withBlocked(uploads: 2) { connection, detector in
            let answer = try await connection.exchange("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(answer?.status == 200)
            let lines = (answer?.text ?? "").split(separator: "\n")
            let kept = detector.snapshot().blocks
            #expect(kept.count >= 2)
            #expect(lines.contains("ingest_loop_blocks_total \(kept.count)"))
            let blocked = kept.reduce(Duration.zero) { $0 + $1.blocked } / .seconds(1)
            #expect(lines.contains("ingest_loop_block_seconds_total \(blocked)"))
            #expect(lines.contains("# TYPE ingest_loop_block_seconds_total counter"))
        }
    }

    @Test(arguments: ["since=-1", "limit=x", "since", "after=1", "since=1&limit="])
    func `a query that makes no sense is refused`(query: String) async throws {
        try await withIngest(change: { $0.watch = .milliseconds(100) }) { connection, service in
            try #require(service.loopBlocks != nil)
            let answer = try await connection.exchange(
                "GET /debug/loop-blocks?\(query) HTTP/1.1\r\nHost: test\r\n\r\n"
            )
            #expect(answer?.status == 400)
            #expect(try ErrorBody(answer).error.code == "bad_request")
        }
    }

    @Test func `a server that watches nothing says how to make it`() async throws {
        try await withIngest { connection, _ in
            let answer = try await connection.exchange(
                "GET /debug/loop-blocks HTTP/1.1\r\nHost: test\r\n\r\n"
            )
            #expect(answer?.status == 404)
            #expect(try ErrorBody(answer).error.hint.contains("--watch"))
            let metrics = try await connection.exchange("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(metrics?.text.contains("ingest_loop_blocks_total 0") == true)
        }
    }
}
