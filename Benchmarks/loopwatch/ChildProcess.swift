import Foundation

/// This program once more, in a process that ends when its input does: it can't outlive who started it.
final class ChildProcess {
    /// The child said something else than expected; the value is that.
    struct Failure: Error { let line: String }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Starts a child.
    ///
    /// - Parameter arguments: Its arguments.
    /// - Throws: What the system says.
    init(_ arguments: [String]) throws {
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The numbers of the child's next line.
    ///
    /// - Parameter count: How many there must be.
    /// - Returns: The numbers.
    /// - Throws: ``Failure``.
    func numbers(_ count: Int) throws -> [Int] {
        var line = ""
        while !line.hasSuffix("\n") {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { break }
            line += String(decoding: bytes, as: UTF8.self)
        }
        let numbers = line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard numbers.count == count else { throw Failure(line: line) }
        return numbers
    }

    /// Asks the child for its next line.
    func ask() throws { try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8)) }

    /// Ends the child and waits until it has ended.
    func end() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Keeps a processor busy until the input ends.
    static func spin() -> Never {
        Thread.detachNewThread {
            while readLine() != nil {}
            exit(0)
        }
        while true {}
    }
}

/// A server in a process of its own.
struct ServerChild {
    /// What a server has come to.
    struct State {
        /// The processor time of its process, in nanoseconds.
        let cpu: Int
        /// How many blocks it found.
        let blocks: Int
        /// How long its loop was busy, in milliseconds; 0 if it isn't watched.
        let busy: Int
        /// How much of it the loop had no processor for.
        let notScheduled: Int
    }

    /// Where it listens.
    let port: Int
    private let child: ChildProcess

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - kind: What it serves.
    ///   - isWatched: Whether it is watched.
    /// - Throws: What the system says, or ``ChildProcess/Failure``.
    init(_ kind: Connection.Exchange = .echo, isWatched: Bool) throws {
        var arguments = ["serve"]
        if isWatched { arguments.append("--watched") }
        if kind == .http { arguments.append("--http") }
        child = try ChildProcess(arguments)
        port = try child.numbers(1)[0]
    }

    /// Asks what it has come to.
    ///
    /// - Returns: The answer.
    func state() throws -> State {
        try child.ask()
        let numbers = try child.numbers(4)
        return State(cpu: numbers[0], blocks: numbers[1], busy: numbers[2], notScheduled: numbers[3])
    }

    /// Ends it; it says what it found on standard error.
    func end() throws { try child.end() }
}
