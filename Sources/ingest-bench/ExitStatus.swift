import BenchReport

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

    /// The statuses of a run from the one that goes before all others on; what was asked for in vain comes first.
    static let order: [ExitStatus] = [
        .interrupted, .terminated, .usage, .unreachable, .failed, .thresholdFailed, .inconclusive, .done,
    ]
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
        let safe = String(
            String.UnicodeScalarView(text.unicodeScalars.map { TerminalStyle.isUnsafe($0) ? " " : $0 })
        )
        return safe.count > 500 ? safe.prefix(500) + "…" : safe
    }
}

/// Finds what a run ends with.
///
/// - Parameter errors: All that went wrong, in the order it was found.
/// - Returns: The one whose status goes before the others', the first among equals; nil if nothing did.
func gravest(of errors: [any UserFacingError]) -> (any UserFacingError)? {
    ExitStatus.order.lazy.compactMap { status in errors.first { $0.exitStatus == status } }.first
}
