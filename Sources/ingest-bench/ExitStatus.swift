import Foundation

/// What the program's exit status says; part of its interface.
enum ExitStatus: Int32 {
    /// Everything was done.
    case done = 0
    /// The run failed, gave no usable data, or judged itself INVALID.
    case failed = 1
    /// A threshold failed.
    case thresholdFailed = 2
    /// The comparison can't tell, and `--require-conclusive` was given.
    case inconclusive = 3
    /// A target could not be reached.
    case unreachable = 4
    /// The command line, or a file that it names, can't be used.
    case usage = 64
    /// Ended by SIGINT, after the partial report was written.
    case interrupted = 130
    /// Ended by SIGTERM, after the partial report was written.
    case terminated = 143
}

/// An error whose sentence is meant for the person at the keyboard.
///
/// Every module's error enum has these two properties already; the executable adds the exit status.
protocol UserFacingError: Error {
    /// One sentence: lower case, no full stop, with the value at fault.
    var message: String { get }
    /// What to try, where that is known.
    var hint: String? { get }
    /// What the program's exit status becomes.
    var exitStatus: ExitStatus { get }
    /// Lines to show as they are: what was typed, and where it is wrong.
    var excerpt: [String] { get }
}

extension UserFacingError {
    var excerpt: [String] { [] }
}

/// A command line that parses but makes no sense.
struct UsageError: UserFacingError {
    let message: String
    var hint: String?
    var exitStatus: ExitStatus { .usage }
}

extension UserFacingError {
    /// Prints the sentence, and the hint on a line of its own, to standard error.
    func print() {
        var text = "ingest-bench: \(Self.printable(message))\n"
        for line in excerpt { text += "  \(Self.printable(line))\n" }
        if let hint {
            text += "  hint: \(Self.printable(hint))\n"
        }
        writeToStandardError(text)
    }

    /// A sentence may quote a server's answer: it stays one line and sends the terminal no commands.
    private static func printable(_ text: String) -> String {
        let safe = String(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : Character($0) })
        return safe.count > 500 ? safe.prefix(500) + "…" : safe
    }
}

/// Writes text to standard error, all of it; a closed descriptor is no error.
func writeToStandardError(_ text: String) {
    write(text, to: STDERR_FILENO)
}

/// Writes text to standard output, all of it; a reader that went away is no error.
func writeToStandardOutput(_ text: String) {
    write(text, to: STDOUT_FILENO)
}

/// Writes a file to standard output piece by piece; a reader that went away is no error.
///
/// - Parameter path: The file.
/// - Throws: What Foundation throws when it can't be read.
func writeToStandardOutput(fileAt path: String) throws {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    while let piece = try file.read(upToCount: 1 << 16), !piece.isEmpty {
        piece.withUnsafeBytes { write($0, to: STDOUT_FILENO) }
    }
}

private func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
}

private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, base, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
}
