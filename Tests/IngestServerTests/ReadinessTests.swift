import HTTPServing
import HTTPServingTesting
import NIOCore
import Synchronization
import Testing

@testable import IngestServer

/// When a server says that it can serve uploads.
@Suite(.timeLimit(.minutes(1)))
struct ReadinessTests {
    private func readiness(_ connection: inout RawConnection) async throws -> (status: Int?, body: String) {
        let response = try await connection.exchange("GET /ready HTTP/1.1\r\nHost: test\r\n\r\n")
        return (response?.status, response?.text ?? "")
    }

    private func wait(
        on connection: inout RawConnection,
        until isRight: (String) -> Bool
    ) async throws -> Int? {
        while true {
            let (status, body) = try await readiness(&connection)
            if isRight(body) { return status }
        }
    }

    @Test func `a server with all it needs is ready`() async throws {
        let status = try await withIngest { connection, _ in
            try await wait(on: &connection) { $0 == #"{"status":"ready"}"# }
        }
        #expect(status == 200)
    }

    @Test(arguments: [StoreTrouble.bucketMissing, .unreachable])
    func `a store that can't be used is named`(trouble: StoreTrouble) async throws {
        var store = TestStore().imageStore
        store.ask = { trouble }
        let status = try await withIngest(store) { connection, _ in
            try await wait(on: &connection) {
                $0.hasPrefix(#"{"status":"not_ready","reasons":["#) && $0.contains("\"\(trouble.rawValue)\"")
            }
        }
        #expect(status == 503)
    }

    @Test func `a server without a process that reads PDFs is not ready`() async throws {
        let body = try await withIngest(
            change: { $0.isolation = PDFWorkerProgram(path: "/bin/false", arguments: []) }
        ) { connection, _ in
            try await readiness(&connection).body
        }
        #expect(body == #"{"status":"not_ready","reasons":["no_pdf_workers"]}"#)
    }

    @Test func `a store is asked once in five seconds, and nobody waits for it`() async {
        let asked = Mutex(0)
        let (questions, question) = AsyncStream.makeStream(of: Void.self)
        let watch = StoreWatch {
            asked.withLock { $0 += 1 }
            question.yield()
            return .unreachable
        }
        var iterator = questions.makeAsyncIterator()
        await iterator.next()
        let start = NIODeadline.now()
        _ = watch.trouble(at: start + .seconds(1))
        _ = watch.trouble(at: start + .seconds(4))
        _ = watch.trouble(at: start + .seconds(6))
        await iterator.next()
        _ = watch.trouble(at: start + .seconds(10))
        await watch.stop()
        #expect(watch.trouble(at: start + .seconds(60)) == .unreachable)
        #expect(asked.withLock { $0 } == 2)
    }

    @Test func `nothing is admitted once the server stops`() {
        let admission = Admission(limit: 1)
        admission.close()
        #expect {
            _ = try admission.admit()
        } throws: { error in
            (error as? IngestError)?.code == .draining
        }
        #expect(admission.count == 0)
    }
}
