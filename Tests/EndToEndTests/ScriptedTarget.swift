import Foundation
import Glibc

/// A server that plays a script, as a process of its own.
final class ScriptedTarget {
    /// Where uploads go.
    let url: String
    private let process = Process()
    private let logFile: URL
    private let ended: AsyncStream<Void>

    /// Starts it.
    ///
    /// - Parameters:
    ///   - script: What it plays, as its source says.
    ///   - folder: Where it writes its log.
    /// - Throws: What Foundation throws when it can't be started.
    init(_ script: [String], in folder: URL) throws {
        logFile = folder.appending(path: "server.log")
        let output = Pipe()
        process.executableURL = Program.executable.deletingLastPathComponent()
            .appending(path: "accuracy-server")
        process.arguments = [logFile.path()] + script
        process.standardOutput = output
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        self.ended = ended
        // Not waitUntilExit: it turns a run loop, which no thread of the concurrency pool has.
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
        // It prints its port and nothing else until it ends.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        url = "http://127.0.0.1:\(line.trimmingCharacters(in: .whitespacesAndNewlines))/upload"
    }

    /// Ends it, and reads what it saw.
    ///
    /// - Returns: When each answer left, in nanoseconds of the monotonic clock.
    /// - Throws: What Foundation throws when there is no log.
    func log() async throws -> [UInt64] {
        process.terminate()
        for await _ in ended {}
        return try String(contentsOf: logFile, encoding: .utf8).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 ? UInt64(fields[4]) : nil
        }
    }

    /// Ends it without a word to its clients.
    func kill() {
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
    }

    deinit { kill() }
}
