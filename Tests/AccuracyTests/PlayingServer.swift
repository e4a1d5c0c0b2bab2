import Foundation
import Glibc
import Measurements

/// The accuracy server as a process, and the log it leaves.
struct PlayingServer {
    /// One upload as the server saw it; times on the monotonic clock.
    struct Upload {
        /// Rounds are told apart by 200 ms without an upload.
        let round: Int
        /// When its first byte arrived.
        let arrival: Nanoseconds
        /// When its last body byte had arrived.
        let whole: Nanoseconds
        /// When its answer left; 0 if it never did.
        let reply: Nanoseconds
        /// Its body bytes.
        let bytes: Int64
        /// The status it was answered with; 0 if the client had gone.
        let status: Int32

        /// How long the server took.
        var serviceTime: Nanoseconds { reply - whole }
    }

    private let process: ChildProcess
    private let log: URL
    private let port: Int

    /// Starts the server.
    ///
    /// - Parameters:
    ///   - script: What it plays.
    ///   - folder: Where its log goes.
    /// - Throws: What Foundation throws when it can't be started.
    init(_ script: [String], in folder: URL) async throws {
        log = folder.appending(path: "server.log")
        let output = folder.appending(path: "server.port")
        process = try ChildProcess("accuracy-server", [log.path()] + script, output: output)
        var port: Int?
        while port == nil, process.isRunning {
            let text = try String(contentsOf: output, encoding: .utf8)
            if text.hasSuffix("\n") { port = Int(text.dropLast()) }
            await Task.yield()
        }
        guard let port else { throw AccuracyError.noServer(status: await process.ending()) }
        self.port = port
    }

    /// The URL of a path.
    func url(_ path: String = "upload") -> String { "http://127.0.0.1:\(port)/\(path)" }

    /// Ends the server and reads what it saw.
    ///
    /// - Returns: The uploads, by when they arrived.
    /// - Throws: ``AccuracyError`` if it left no log.
    func stop() async throws -> [Upload] {
        process.terminate()
        let status = await process.ending()
        guard status == 0 else { throw AccuracyError.noServer(status: status) }
        return try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map { line in
            let fields = line.split(separator: " ").compactMap { Int64($0) }
            guard fields.count == 7 else { throw AccuracyError.damagedLog(line: String(line)) }
            return Upload(
                round: Int(fields[1]),
                arrival: fields[2],
                whole: fields[3],
                reply: fields[4],
                bytes: fields[5],
                status: Int32(fields[6])
            )
        }
    }
}

/// A program of this package as a child of the tests.
final class ChildProcess: Sendable {
    private let process: Process
    private let statuses: AsyncStream<Int32>

    /// Starts a program that lies beside the tests.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - arguments: Its arguments.
    ///   - output: The file that takes what it prints.
    /// - Throws: What Foundation throws when it can't be started.
    init(_ name: String, _ arguments: [String], output: URL) throws {
        process = Process()
        process.executableURL = try Self.folder().appending(path: name)
        process.arguments = arguments
        try Data().write(to: output)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardInput = FileHandle.nullDevice
        let (statuses, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.statuses = statuses
        process.terminationHandler = { process in
            let status = process.terminationStatus
            continuation.yield(process.terminationReason == .exit ? status : -status)
            continuation.finish()
        }
        try process.run()
    }

    /// Where the programs are: `INGEST_BENCH_ACCURACY` names it, a release build's folder.
    private static func folder() throws -> URL {
        guard let path = ProcessInfo.processInfo.environment["INGEST_BENCH_ACCURACY"] else {
            throw AccuracyError.noPrograms
        }
        return URL(filePath: path)
    }

    /// Whether it has not ended.
    var isRunning: Bool { process.isRunning }

    /// Asks it to end.
    func terminate() { process.terminate() }

    /// Waits for the end.
    ///
    /// - Returns: Its status; the negated number of the signal that killed it.
    func ending() async -> Int32 {
        await statuses.first { _ in true } ?? .min
    }
}

/// Why an accuracy test could not be made.
enum AccuracyError: Error {
    case noPrograms
    case noServer(status: Int32)
    case damagedLog(line: String)
    case programFailed(status: Int32, output: String)
    case disturbed(reasons: [String])
}
