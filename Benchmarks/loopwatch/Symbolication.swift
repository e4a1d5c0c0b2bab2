import Curl
import Foundation
import HTTPServing
import IngestServer
import LoopWatch
import Logging
import S3Lite
import Synchronization

/// What it costs to name blocks where there is one after the other: the ingest server's blocking route, as
/// `ingest-bench serve` runs it.
@MainActor
struct Symbolication {
    private let seconds: Int

    /// Takes the options.
    ///
    /// - Parameter options: `--seconds` is how long, 90 by itself; the last third is measured.
    init(_ options: Options) { seconds = options.seconds ?? 90 }

    /// Measures.
    ///
    /// - Parameter report: Where the figures go.
    /// - Throws: What went wrong before there was a figure.
    func run(_ report: inout Report) async throws {
        try IngestProcess.prepare()
        let store = try await S3Service.start(S3Configuration(storage: .memory))
        var configuration = IngestConfiguration(
            bucket: .init(
                endpoint: store.endpoint,
                credentials: store.credentials,
                name: "documents",
                isCreated: true
            ),
            workers: 1,
            logger: Logger(label: "ingest", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        configuration.watch = .milliseconds(10)
        let server = try await IngestService.start(configuration)
        let load = try UploadLoad(to: "\(server.baseURL)/ingest/blocking")
        try await Task.sleep(for: .seconds(seconds - seconds / 3))
        let before = (names: ThreadTimes.ofNaming, machine: Machine.nanoseconds(of: CLOCK_MONOTONIC))
        let first = server.loopBlocks?.snapshot().next ?? 0
        try await Task.sleep(for: .seconds(seconds / 3))
        let after = (names: ThreadTimes.ofNaming, machine: Machine.nanoseconds(of: CLOCK_MONOTONIC))
        let last = server.loopBlocks?.snapshot().next ?? 0
        let uploads = load.end()
        await server.stop(grace: .seconds(10))
        await store.stop(grace: .seconds(10))
        Report.say(" \(uploads) uploads to the blocking route in \(seconds) s")
        report.figure("blocks named meanwhile", "\(last - first)", goal: "> 0", isMet: last > first)
        let share =
            Double(after.names - min(before.names, after.names)) / Double(after.machine - before.machine)
        report.figure(
            "naming takes, of a core, after \(seconds - seconds / 3) s",
            "\((share * 100).text(2)) %",
            goal: "<= 2",
            isMet: share <= 0.02
        )
        report.figure("naming took in all", "\((Double(after.names) / 1e6).text(0)) ms")
    }
}

/// Uploads a sample again and again, on two threads.
private final class UploadLoad: Sendable {
    private struct State {
        var isOver = false
        var count = 0
    }

    private let state = Mutex(State())
    private let threads = DispatchGroup()

    init(to url: String) throws {
        let boundary = "0123456789abcdef"
        let head = """
            --\(boundary)\r
            Content-Disposition: form-data; name="file"; filename="sample.pdf"\r
            Content-Type: application/pdf\r
            \r

            """
        let file = try SamplePDF(pages: 10, imagesPerPage: 1).data()
        let request = TransferRequest(
            "POST",
            url: url,
            headers: [HeaderField(name: "Content-Type", value: "multipart/form-data; boundary=\(boundary)")],
            body: SharedBytes(copying: Array(head.utf8) + file + Array("\r\n--\(boundary)--\r\n".utf8))
        )
        for _ in 0..<2 {
            threads.enter()
            Thread.detachNewThread { [self, request] in
                upload(request)
                threads.leave()
            }
        }
    }

    private func upload(_ request: TransferRequest) {
        do {
            let client = try BlockingClient()
            while !state.withLock({ $0.isOver }) {
                let status = try client.perform(request).status
                guard status == 200 else { return Report.say("  an upload was answered with \(status)") }
                state.withLock { $0.count += 1 }
            }
        } catch { Report.say("  an upload failed: \(error)") }
    }

    /// Ends it.
    ///
    /// - Returns: How many uploads were answered.
    func end() -> Int {
        state.withLock { $0.isOver = true }
        threads.wait()
        return state.withLock { $0.count }
    }
}

/// The processor time of single threads, by their names.
enum ThreadTimes {
    /// That of the threads which name blocks, in nanoseconds.
    static var ofNaming: UInt64 {
        let folder = URL(filePath: "/proc/self/task")
        // A thread that ended meanwhile has nothing to tell.
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return threads.reduce(0) { sum, thread in
            let own = folder.appending(path: thread)
            guard text(own.appending(path: "comm")).lowercased().hasPrefix("loopwatch-names") else {
                return sum
            }
            let time = text(own.appending(path: "schedstat")).split(separator: " ").first.flatMap {
                UInt64($0)
            }
            return sum + (time ?? 0)
        }
    }

    private static func text(_ file: URL) -> String {
        // As above.
        (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }
}
