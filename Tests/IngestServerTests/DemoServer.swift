import Foundation
import HTTPServingTesting
import IngestServer
import Logging
import S3Lite
import Testing

/// Runs the ingest server as the program does, with a store of its own, while a closure runs.
///
/// It has served an upload then: what a debug build sets up with its first request can take 10 ms by itself.
///
/// - Parameter body: Uses the server.
/// - Throws: What starting it or the closure throws.
func withIngestServer(_ body: @Sendable (IngestService) async throws -> Void) async throws {
    try await S3Service.with { store in
        let configuration = IngestConfiguration(
            bucket: .init(
                endpoint: store.endpoint,
                credentials: store.credentials,
                name: "documents",
                isCreated: true
            ),
            workers: 2,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try await IngestService.with(configuration) { server in
            try await server.upload(to: .async)
            try await body(server)
        }
    }
}

/// Ends with its input, so that it can't outlive the test, however that ends.
private let spinning = "while :; do :; done & read line; kill -9 $!"

/// Runs a closure while other processes want every processor there is.
///
/// What the machine's host takes away can't be told from work, so the closure runs again, at most three times in all,
/// where it failed while the host took something.
///
/// - Parameters:
///   - count: How many processes.
///   - body: What runs beside them.
/// - Throws: What the closure throws, or the system if it starts no process.
func withSpinningProcesses(_ count: Int, _ body: () async throws -> Void) async throws {
    var spinners: [(process: Process, input: Pipe)] = []
    defer {
        for spinner in spinners {
            // It is open: nobody else closes it.
            try? spinner.input.fileHandleForWriting.close()
            spinner.process.waitUntilExit()
        }
    }
    for _ in 0..<count {
        let spinner = Process()
        let input = Pipe()
        spinner.executableURL = URL(filePath: "/bin/sh")
        spinner.arguments = ["-c", spinning]
        spinner.standardInput = input
        spinner.standardOutput = FileHandle.nullDevice
        spinner.standardError = FileHandle.nullDevice
        try spinner.run()
        spinners.append((spinner, input))
    }
    for _ in 1..<3 {
        let stolen = try stolenTicks()
        do { return try await body() } catch {
            guard try stolenTicks() > stolen else { throw error }
        }
    }
    try await body()
}

/// The processor time that the machine's host has taken away since it started, in ticks.
private func stolenTicks() throws -> Int {
    let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/stat"))
    let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    // The first line: "cpu", user, nice, system, idle, iowait, irq, softirq, steal.
    let fields = text.prefix { $0 != "\n" }.split(separator: " ")
    return try #require(fields.count > 8 ? Int(fields[8]) : nil)
}

extension IngestService {
    /// Ten pages with an image each: 0.9 MB, as of the sample that the README uploads.
    private static let document = Result { try SamplePDF(pages: 10, imagesPerPage: 1).data() }

    /// Uploads a document and waits for the receipt.
    ///
    /// - Parameter route: Where to.
    /// - Throws: What the connection says.
    func upload(to route: IngestRoute) async throws {
        let request = UploadRequest(try Self.document.get(), to: route)
        try await RawConnection.with(port: port) { connection in
            try await connection.send(request.bytes)
            let receipt = try Receipt(try await connection.response())
            #expect(receipt.page_count == 10)
            #expect(receipt.images.count == 10)
        }
    }
}
