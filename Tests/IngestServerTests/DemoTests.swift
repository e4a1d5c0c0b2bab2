import IngestServer
import LoopWatch
import Testing

/// The two tests that the README shows: at 10 ms, one route blocks its event loop and the other doesn't.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct DemoTests {
    @Test func `the blocking route blocks its loop, and the report says where`() async throws {
        try await withIngestServer { server in
            let error = await #expect(throws: EventLoopBlockError.self) {
                try await withNoEventLoopBlocking(.loops(of: server.eventLoops)) {
                    try await server.upload(to: .blocking)
                }
            }
            let report = try #require(error).description
            #expect(report.contains(/ingestBlocking\(.+ Sources\/IngestServer\/IngestHandler\.swift:\d+/))
            #expect(report.contains("PDFExtractor.extract(") || report.contains("putAllBlocking("))
        }
    }

    @Test func `the async route leaves its loop free on a busy machine, too`() async throws {
        try await withIngestServer { server in
            try await withSpinningProcesses(6) {
                try await withNoEventLoopBlocking(.loops(of: server.eventLoops)) {
                    try await server.upload(to: .async)
                }
            }
        }
    }
}
