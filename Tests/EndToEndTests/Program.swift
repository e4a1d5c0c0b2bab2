import Foundation
import Glibc
import Synchronization

/// The built program, run as a user runs it.
final class Program: Sendable {
    /// What a finished program left.
    struct Ending: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// The program beside the tests, and the checkout they were built from.
    static let executable = Bundle.main.bundleURL.appending(path: "ingest-bench")
    static let checkout = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let starting = NSLock()

    private let process: Mutex<Process>
    /// The status once it has ended; the negated number of the signal that killed it.
    private let statuses: AsyncStream<Int32>
    private let output: LineCollector
    private let errors: LineCollector

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - environment: Variables besides PATH and HOME.
    ///   - folder: The working directory.
    ///   - openFiles: The soft limit of open files to start it with; nil for this process's own.
    ///   - fileBlocks: The soft limit of a file's size, in blocks of 512 bytes; nil for this process's own.
    ///   - prelude: What a shell of its own file systems does in the folder before it becomes the program.
    /// - Throws: What Foundation throws when it can't be started.
    init(
        _ arguments: [String],
        environment: [String: String] = [:],
        in folder: URL = Program.checkout,
        openFiles: Int? = nil,
        fileBlocks: Int? = nil,
        prelude: String? = nil
    ) throws {
        // A child inherits every open end of a pipe. Were two started at once, each would keep the other's output
        // open, and waiting for its end would never end.
        Self.starting.lock()
        defer { Self.starting.unlock() }
        let process = Process()
        if let limit = openFiles.map({ "-Sn \($0)" }) ?? fileBlocks.map({ "-Sf \($0)" }) {
            process.executableURL = URL(filePath: "/bin/sh")
            let script = #"ulimit $0; exec "$@""#
            process.arguments = ["-c", script, limit, Self.executable.path()] + arguments
        } else if let prelude {
            process.executableURL = URL(filePath: "/usr/bin/env")
            let shell = ["unshare", "--mount", "sh", "-c", prelude + #" && exec "$@""#, "sh"]
            process.arguments = shell + [Self.executable.path()] + arguments
        } else {
            process.executableURL = Self.executable
            process.arguments = arguments
        }
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment
            .filter { ["PATH", "HOME", "LD_LIBRARY_PATH"].contains($0.key) }
            .merging(environment) { $1 }
        output = LineCollector()
        errors = LineCollector()
        process.standardOutput = output.pipe
        process.standardError = errors.pipe
        process.standardInput = FileHandle.nullDevice
        let (statuses, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.statuses = statuses
        // Not waitUntilExit: it turns a run loop, which no thread of the concurrency pool has.
        process.terminationHandler = { process in
            let status = process.terminationStatus
            continuation.yield(process.terminationReason == .exit ? status : -status)
            continuation.finish()
        }
        try process.run()
        output.start()
        errors.start()
        self.process = Mutex(process)
    }

    /// Leaves no process behind when a test ends early.
    deinit {
        process.withLock { process in
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
    }

    /// The program's number for the kernel.
    var identifier: Int32 { process.withLock { $0.processIdentifier } }

    /// What the kernel says of the running program.
    ///
    /// - Parameter file: A file of its folder in `/proc`.
    /// - Returns: The file's text.
    /// - Throws: What Foundation throws when it can't be read.
    func kernelFile(_ file: String) throws -> String {
        try String(contentsOfFile: "/proc/\(identifier)/\(file)", encoding: .utf8)
    }

    /// Waits for a line of standard output that holds the text.
    ///
    /// - Parameter text: What to wait for.
    /// - Returns: The line; nil if the program ended without it.
    func line(containing text: String) async -> String? {
        await output.line(containing: text)
    }

    /// Waits for a line of standard error that holds the text.
    ///
    /// - Parameter text: What to wait for.
    /// - Returns: The line; nil if the program ended without it.
    func errorLine(containing text: String) async -> String? {
        await errors.line(containing: text)
    }

    /// Sends a signal.
    ///
    /// - Parameter signal: Its number.
    func send(_ signal: Int32) {
        _ = process.withLock { kill($0.processIdentifier, signal) }
    }

    /// Waits for the end.
    ///
    /// - Returns: The status and everything that was printed.
    func ending() async -> Ending {
        let output = await output.everything()
        let errors = await errors.everything()
        let status = await statuses.first { _ in true } ?? .min
        return Ending(status: status, output: output, errors: errors)
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - environment: Variables besides PATH and HOME.
    ///   - folder: The working directory.
    /// - Returns: The status and everything that was printed.
    /// - Throws: What Foundation throws when it can't be started.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        in folder: URL = Program.checkout
    ) async throws -> Ending {
        try await Program(arguments, environment: environment, in: folder).ending()
    }
}

/// Collects what a pipe brings and hands out its lines.
private final class LineCollector: Sendable {
    private struct State {
        var text = ""
        var isOver = false
        var waiters: [(text: String, continuation: CheckedContinuation<String?, Never>)] = []
        var enders: [CheckedContinuation<String, Never>] = []
    }

    let pipe = Pipe()
    private let state = Mutex(State())

    /// Reads on a thread of its own until the program has closed its end.
    func start() {
        let handle = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in
            var data: Data
            repeat {
                data = handle.availableData
                take(data)
            } while !data.isEmpty
        }
    }

    private func take(_ data: Data) {
        state.withLock { state in
            state.text += String(decoding: data, as: UTF8.self)
            state.isOver = state.isOver || data.isEmpty
            state.waiters.removeAll { waiter in
                let line = Self.line(containing: waiter.text, in: state.text)
                guard line != nil || state.isOver else { return false }
                waiter.continuation.resume(returning: line)
                return true
            }
            guard state.isOver else { return }
            state.enders.forEach { $0.resume(returning: state.text) }
            state.enders = []
        }
    }

    func line(containing text: String) async -> String? {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                let line = Self.line(containing: text, in: state.text)
                if line != nil || state.isOver {
                    continuation.resume(returning: line)
                } else {
                    state.waiters.append((text, continuation))
                }
            }
        }
    }

    func everything() async -> String {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.isOver {
                    continuation.resume(returning: state.text)
                } else {
                    state.enders.append(continuation)
                }
            }
        }
    }

    /// The last, perhaps unfinished line counts only if the text is in it.
    private static func line(containing text: String, in whole: String) -> String? {
        whole.split(separator: "\n").first { $0.contains(text) }.map(String.init)
    }
}
