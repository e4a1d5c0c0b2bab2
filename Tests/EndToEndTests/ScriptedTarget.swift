import Foundation
import Glibc

/// A server that plays a script, as a process of its own.
final class ScriptedTarget {
    /// Where uploads go.
    let url: String
    private let process = Process()

    /// Starts it.
    ///
    /// - Parameters:
    ///   - script: What it plays, as its source says.
    ///   - folder: Where it writes its log.
    /// - Throws: What Foundation throws when it can't be started.
    init(_ script: [String], in folder: URL) throws {
        let output = Pipe()
        process.executableURL = Program.executable.deletingLastPathComponent()
            .appending(path: "accuracy-server")
        process.arguments = [folder.appending(path: "server.log").path()] + script
        process.standardOutput = output
        try process.run()
        // It prints its port and nothing else until it ends.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        url = "http://127.0.0.1:\(line.trimmingCharacters(in: .whitespacesAndNewlines))/upload"
    }

    /// Ends it without a word to its clients.
    func kill() {
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
    }

    deinit { kill() }
}
