import Foundation
import Glibc
import HTTPServing
import HTTPServingTesting
import MuPDF
import Testing

@testable import IngestServer

/// What a PDF, or somebody else, can do to the processes that read PDFs.
@Suite(.timeLimit(.minutes(2)))
struct WorkerProcessTests {
    private struct Outcome: Equatable {
        let status: Int?
        let code: String?

        init(_ status: Int?, _ code: String?) {
            (self.status, self.code) = (status, code)
        }
    }

    /// The program beside the tests.
    private static let program = PDFWorkerProgram(
        path: Bundle.main.bundleURL.appending(path: "ingest-bench").path(),
        arguments: [PDFWorkerProcess.argument]
    )

    private static let file = TestPDF.document(pages: 2, imagesPerPage: 2)

    /// Says that it is ready, and then does something else.
    private static func script(_ rest: String) -> PDFWorkerProgram {
        let ready = #"printf '\002\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000' >&3"#
        return PDFWorkerProgram(path: "/bin/sh", arguments: ["-c", "\(ready); \(rest)"])
    }

    private func withWorkers<Value: Sendable>(
        _ program: PDFWorkerProgram = Self.program,
        store: TestStore = TestStore(),
        count: Int = 1,
        change: (inout IngestConfiguration) -> Void = { _ in },
        _ body: @Sendable (inout RawConnection, IngestService) async throws -> Value
    ) async throws -> Value {
        try await withIngest(
            store.imageStore,
            change: {
                $0.isolation = program
                $0.workers = count
                change(&$0)
            },
            body
        )
    }

    /// Waits until the workers are as they should be; the suite's limit ends a wait for nothing.
    private func wait(
        for service: IngestService,
        until isRight: (PDFWorkers.Counts) -> Bool
    ) async {
        while !isRight(service.workers.counts) { await Task.yield() }
    }

    private func upload(
        _ file: [UInt8] = Self.file,
        to route: IngestRoute = .async,
        on connection: inout RawConnection
    ) async throws -> Outcome {
        try await connection.send(UploadRequest(file, to: route).bytes)
        let response = try await connection.response()
        if response?.status == 200 { return Outcome(200, nil) }
        return Outcome(response?.status, try ErrorBody(response).error.code)
    }

    @Test(arguments: IngestRoute.allCases)
    func `a process reads the same as this one`(route: IngestRoute) async throws {
        let stores = [TestStore(), TestStore()]
        var receipts: [Receipt] = []
        for (store, program) in zip(stores, [nil, Self.program]) {
            let receipt = try await withIngest(
                store.imageStore,
                change: { $0.isolation = program }
            ) { connection, _ in
                try await connection.send(UploadRequest(Self.file, to: route).bytes)
                let response = try await connection.response()
                #expect(response?.headers["server-timing"]?.contains("images;start=") == true)
                return try Receipt(response)
            }
            receipts.append(receipt)
        }
        #expect(receipts[0].text == receipts[1].text)
        #expect(receipts[0].page_count == receipts[1].page_count)
        #expect(receipts[0].images.map(\.page) == receipts[1].images.map(\.page))
        let contents = stores.map { store in
            store.objects.sorted { $0.key.suffix(9) < $1.key.suffix(9) }.map(\.value)
        }
        #expect(contents[0] == contents[1])
        #expect(contents[0].count == 4)
    }

    @Test(arguments: [(SIGKILL, "pdf_crashed"), (SIGSEGV, "pdf_crashed"), (SIGXCPU, "pdf_too_slow")])
    func `a process that dies on a document costs that document alone`(
        signal: Int32,
        code: String
    ) async throws {
        let store = TestStore()
        try await withWorkers(store: store) { connection, service in
            try await connection.send(UploadRequest(TestPDF.endless, to: .async).bytes)
            await wait(for: service) { $0.busy == 1 }
            let process = try #require(service.workers.processes.first)
            kill(process, signal)
            let response = try await connection.response()
            #expect(response?.status == 422)
            #expect(try ErrorBody(response).error.code == code)
            #expect(store.objects.isEmpty)
            let outcome = try await upload(on: &connection)
            #expect(outcome.status == 200)
            #expect(service.workers.counts.restarts == [.died: 1])
            #expect(service.workers.processes.isDisjoint(with: [process]))
        }
    }

    @Test func `a process that dies without a document is replaced`() async throws {
        try await withWorkers { connection, service in
            await wait(for: service) { $0.idle == 1 }
            let process = try #require(service.workers.processes.first)
            kill(process, SIGKILL)
            await wait(for: service) { $0.restarts == [.died: 1] && $0.idle == 1 }
            let outcome = try await upload(on: &connection)
            #expect(outcome.status == 200)
        }
    }

    @Test func `a document past its time is ended by the process itself`() async throws {
        try await withWorkers(change: { $0.pdfLimits.timeLimit = .milliseconds(20) }) { connection, service in
            let outcome = try await upload(TestPDF.endless, on: &connection)
            #expect(outcome == Outcome(422, "pdf_too_slow"))
            #expect(service.workers.counts.restarts.isEmpty)
        }
    }

    @Test func `a document past its memory is ended by the process itself`() async throws {
        try await withWorkers(change: { $0.pdfLimits.maximumMemoryBytes = 100_000 }) { connection, service in
            let outcome = try await upload(on: &connection)
            #expect(outcome == Outcome(422, "pdf_too_complex"))
        }
    }

    @Test func `a process that never answers is ended`() async throws {
        let silent = Self.script("exec cat <&3 >/dev/null")
        try await withWorkers(silent, change: { $0.pdfLimits.timeLimit = .zero }) { connection, service in
            let outcome = try await upload(on: &connection)
            #expect(outcome == Outcome(422, "pdf_too_slow"))
            // The upload has its answer before the thread has another process.
            await wait(for: service) { $0.restarts[.late] == 1 }
        }
    }

    @Test(arguments: [
        ("echo this is not an answer >&3; exec cat <&3 >/dev/null", PDFWorkers.Restart.malformed),
        (#"head -c 16 <&3 >/dev/null; printf '\004\000\000\000\001' >&3"#, .died),
    ])
    func `a process that speaks nonsense, or half a sentence, is ended`(
        script: String,
        restart: PDFWorkers.Restart
    ) async throws {
        // It has the limits before it begins: 57 bytes and a head.
        let program = Self.script("head -c 73 <&3 >/dev/null; head -c 1 <&3 >/dev/null; \(script)")
        try await withWorkers(program) { connection, service in
            let outcome = try await upload(on: &connection)
            #expect(outcome == Outcome(422, "pdf_crashed"))
            await wait(for: service) { $0.restarts[restart] == 1 }
        }
    }

    @Test(arguments: ["/bin/false", "/nowhere/at/all"])
    func `where no process can be started uploads are refused, not kept`(path: String) async throws {
        try await withWorkers(PDFWorkerProgram(path: path, arguments: [])) { connection, service in
            try await connection.send(UploadRequest(Self.file, to: .async).bytes)
            let response = try await connection.response()
            #expect(response?.status == 503)
            #expect(response?.headers["retry-after"] != nil)
            #expect(try ErrorBody(response).error.code == "overloaded")
            #expect(service.workers.counts.restarts[.failed, default: 0] >= 3)
        }
    }

    @Test func `a client that goes away frees the process, which lives on`() async throws {
        try await withWorkers { connection, service in
            await wait(for: service) { $0.idle == 1 }
            let processes = service.workers.processes
            try await connection.send(UploadRequest(TestPDF.endless, to: .async).bytes)
            await wait(for: service) { $0.busy == 1 }
            await connection.abort()
            await wait(for: service) { $0.idle == 1 }
            #expect(service.workers.processes == processes)
            #expect(service.workers.counts.restarts.isEmpty)
            try await RawConnection.with(port: service.port) { second in
                let outcome = try await upload(on: &second)
                #expect(outcome.status == 200)
            }
        }
    }

    /// What the kernel holds a process to: each limit's soft and hard value.
    private func limits(of process: Int32) throws -> [String: [Substring]] {
        let text = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
        return Dictionary(
            uniqueKeysWithValues: text.split(separator: "\n").dropFirst().map { line in
                let name = line.prefix(25).trimmingCharacters(in: .whitespaces)
                return (name, Array(line.dropFirst(25).split(separator: " ").prefix(2)))
            }
        )
    }

    @Test func `a process is held to its limits by the kernel`() async throws {
        try await withWorkers { connection, service in
            let outcome = try await upload(on: &connection)
            #expect(outcome.status == 200)
            let process = try #require(service.workers.processes.first)
            let limits = try limits(of: process)
            #expect(limits["Max core file size"] == ["0", "0"])
            #expect(limits["Max file size"] == ["0", "0"])
            #expect(limits["Max open files"] == ["16", "16"])
            #expect(limits["Max address space"]?.contains("unlimited") == false)
            #expect(limits["Max cpu time"]?.first.flatMap { Int($0) } != nil)
        }
    }

    @Test func `a process that keeps more than half of a document's memory is replaced`() async throws {
        try await withWorkers(change: { $0.pdfLimits.maximumMemoryBytes = 8 << 20 }) { connection, service in
            let outcome = try await upload(on: &connection)
            #expect(outcome.status == 200)
            await wait(for: service) { $0.restarts == [.recycled: 1] && $0.idle == 1 }
        }
    }

    @Test func `a process is replaced after its share of documents, and none is left at the end`()
        async throws
    {
        let processes = try await withWorkers(change: { $0.documentsPerProcess = 2 }) { connection, service in
            var seen: Set<Int32> = []
            for route in [.async, .blocking, .async, .blocking, .async] as [IngestRoute] {
                let outcome = try await upload(to: route, on: &connection)
                #expect(outcome.status == 200)
                seen.formUnion(service.workers.processes)
            }
            await wait(for: service) { $0.idle == 1 }
            #expect(service.workers.counts.restarts == [.recycled: 2])
            return seen.union(service.workers.processes)
        }
        for process in processes { #expect(kill(process, 0) == -1 && errno == ESRCH) }
    }
}
