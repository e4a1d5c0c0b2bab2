import Foundation
import Glibc
import HTTPServingTesting
import Testing

/// What becomes of uploads, and of the processes that read them, when `serve` or one of them is ended.
@Suite(.timeLimit(.minutes(3)))
struct ServeProcessTests {
    private static let boundary = "end-to-end"

    private func withServer(
        _ arguments: [String] = [],
        _ body: (_ server: Program, _ port: Int, _ upload: [UInt8]) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            _ = try await Program.run(["sample", "one.pdf", "--pages", "1"], in: folder)
            let file = try Data(contentsOf: folder.appending(path: "one.pdf"))
            let server = try Program(["serve", "--port", "0", "--workers", "2"] + arguments, in: folder)
            let line = try #require(await server.line(containing: "http://"))
            let url = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") })
            let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
            try await body(server, port, upload(file))
        }
    }

    private func upload(_ file: Data) -> [UInt8] {
        let part = "Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n"
        let form = Array("--\(Self.boundary)\r\n\(part)".utf8) + file + Array("\r\n--\(Self.boundary)--".utf8)
        let head =
            "POST /ingest/async HTTP/1.1\r\nHost: test\r\nContent-Length: \(form.count)\r\n"
            + "Content-Type: multipart/form-data; boundary=\(Self.boundary)\r\n\r\n"
        return Array(head.utf8) + form
    }

    private static func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n" }

    /// Asks until the metrics have a line.
    private static func wait(for line: String, on connection: inout RawConnection) async throws {
        while true {
            let metrics = try await connection.exchange(get("/metrics"))
            if try #require(metrics).text.contains("\(line)\n") { return }
        }
    }

    /// The processes that a process has spawned and that run.
    private static func children(of process: Int32) throws -> Set<Int32> {
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")
        let lists = try threads.map {
            try String(contentsOfFile: "/proc/\(process)/task/\($0)/children", encoding: .utf8)
        }
        return Set(lists.joined(separator: " ").split(separator: " ").compactMap { Int32($0) })
    }

    /// Whether a process is there and not only waits to be buried.
    private static func runs(_ process: Int32) -> Bool {
        // It can't be read when the process is gone.
        let facts = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        guard let facts, let end = facts.lastIndex(of: ")") else { return false }
        return !["Z", "X"].contains(facts[end...].dropFirst(2).prefix(1))
    }

    @Test func `every upload under way when the server is told to end is answered, and no other is begun`()
        async throws
    {
        let count = 40
        try await withServer { server, port, upload in
            try await RawConnection.with(port: port) { control in
                try await withThrowingTaskGroup(of: Int?.self) { group in
                    let ends = (0..<count).map { _ in AsyncStream.makeStream(of: Never.self) }
                    for end in ends {
                        group.addTask {
                            try await RawConnection.with(port: port) { client in
                                try await client.send(Array(upload.dropLast()))
                                for await _ in end.stream {}
                                try await client.send(Array(upload.suffix(1)))
                                return try await client.response()?.status
                            }
                        }
                    }
                    try await Self.wait(for: "ingest_in_flight{route=\"async\"} \(count)", on: &control)
                    server.send(SIGTERM)
                    let late = try await Self.refusal(of: upload, on: &control)
                    #expect(late == nil || late == 503)
                    for end in ends { end.continuation.finish() }
                    for try await status in group { #expect(status == 200) }
                }
            }
            let ending = await server.ending()
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    /// Uploads on a connection that stands until the server refuses, or has closed it.
    private static func refusal(of upload: [UInt8], on connection: inout RawConnection) async throws -> Int? {
        while true {
            do {
                try await connection.send(upload)
                let status = try await connection.response()?.status
                if status != 200 { return status }
            } catch {
                // Closed while the upload was sent.
                return nil
            }
        }
    }

    @Test func `a second signal ends the server at once`() async throws {
        try await withServer(["--grace", "1h"]) { server, port, upload in
            try await RawConnection.with(port: port) { client in
                try await client.send(Array(upload.dropLast()))
                try await RawConnection.with(port: port) { control in
                    try await Self.wait(for: "ingest_in_flight{route=\"async\"} 1", on: &control)
                    server.send(SIGTERM)
                    await Self.waitUntilNotReady(&control)
                    server.send(SIGTERM)
                    #expect(await server.ending().status == 143)
                }
            }
        }
    }

    /// Asks until the server is no more ready, or gone.
    private static func waitUntilNotReady(_ connection: inout RawConnection) async {
        do {
            while try await connection.exchange(get("/ready"))?.status == 200 {}
        } catch {
            // It has closed the connection.
        }
    }

    private static func descriptors(of process: Int32) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
    }

    @Test func `200 documents leave no descriptor and no process behind`() async throws {
        try await withServer { server, port, upload in
            let process = server.identifier
            try await RawConnection.with(port: port) { control in
                try await Self.wait(for: "ingest_workers{state=\"idle\"} 2", on: &control)
                var before: (descriptors: Int, processes: Int)?
                for number in 0...200 {
                    try await control.send(upload)
                    #expect(try await control.response()?.status == 200)
                    // The first one opens the connections to the store.
                    if number == 0 {
                        before = (try Self.descriptors(of: process), try Self.children(of: process).count)
                    }
                }
                #expect(try Self.descriptors(of: process) == before?.descriptors)
                #expect(try Self.children(of: process).count == before?.processes)
            }
            server.send(SIGTERM)
            #expect(await server.ending().status == 0)
        }
    }

    @Test func `no process that reads PDFs outlives a server that is killed`() async throws {
        try await withServer { server, port, upload in
            let process = server.identifier
            let workers = try await RawConnection.with(port: port) { control in
                try await Self.wait(for: "ingest_workers{state=\"idle\"} 2", on: &control)
                return try Self.children(of: process)
            }
            #expect(workers.count == 2)
            server.send(SIGKILL)
            _ = await server.ending()
            while workers.contains(where: Self.runs) { await Task.yield() }
        }
    }

    @Test func `a killed process that reads PDFs costs its upload, and the next one is served`() async throws
    {
        try await withServer(["--max-queue", "100"]) { server, port, upload in
            let process = server.identifier
            try await RawConnection.with(port: port) { control in
                try await Self.wait(for: "ingest_workers{state=\"idle\"} 2", on: &control)
                let workers = try Self.children(of: process)
                // Stopped, it has a document and never gets to its end.
                for worker in workers { kill(worker, SIGSTOP) }
                async let answers = RawConnection.with(port: port) { client in
                    var answers: [RawResponse?] = []
                    for _ in 0..<2 {
                        try await client.send(upload)
                        answers.append(try await client.response())
                    }
                    return answers
                }
                try await Self.wait(for: "ingest_workers{state=\"busy\"} 1", on: &control)
                for worker in workers { kill(worker, SIGKILL) }
                let (first, next) = (try await answers[0], try await answers[1])
                #expect(first?.status == 422)
                #expect(first?.text.contains("\"code\":\"pdf_crashed\"") == true)
                #expect(next?.status == 200)
            }
            server.send(SIGTERM)
            #expect(await server.ending().status == 0)
        }
    }
}
