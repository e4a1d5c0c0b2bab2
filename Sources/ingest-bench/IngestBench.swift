import ArgumentParser
import Glibc
import IngestServer

/// The program: parses, runs one command, prints what went wrong and exits.
@main
struct IngestBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest-bench",
        abstract: "Load-test services that take file uploads, and say honestly what a change buys.",
        discussion: """
            ingest-bench run sample.pdf 100 needs nothing else: it uploads sample.pdf 100 times at once to a blocking \
            and to an async route of its own ingest server, in interleaved rounds, and compares them.
            """,
        version: Version.text,
        subcommands: [
            RunCommand.self, ReportCommand.self, CompareCommand.self, MergeCommand.self, ServeCommand.self,
            StoreCommand.self, SampleCommand.self,
        ]
    )

    static func main() async {
        occupyStandardDescriptors()
        // A reader that went away (a pipe into head) is no error of ours.
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        // Not one of the commands: the server runs it, and what it reads is no command line.
        if arguments == [PDFWorkerProcess.argument] { Glibc.exit(PDFWorkerProcess.run()) }
        do {
            try refuseNegativeRequests(arguments)
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// `run sample.pdf -1` would be taken for an unknown flag; what's wrong with it is the number.
    private static func refuseNegativeRequests(_ arguments: [String]) throws {
        guard arguments.first == "run" else { return }
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst(), argument != "--" {
            guard argument.hasPrefix("-") else { continue }
            guard Int(argument) == nil else {
                throw UsageError(
                    message: "requests \(argument): expected a whole number from 1 to 10000000"
                )
            }
            // A negative value of a flag is that flag's to refuse.
            if !argument.contains("="), !RunCommand.flagsWithoutValue.contains(argument) {
                rest = rest.dropFirst()
            }
        }
    }

    private static func end(with error: any Error) -> Never {
        if let status = error as? CommandEnding {
            Glibc.exit(status.status.rawValue)
        }
        if let error = error as? any UserFacingError {
            error.print()
            Glibc.exit(error.exitStatus.rawValue)
        }
        let code = exitCode(for: error)
        let text = fullMessage(for: error)
        if code == .success {
            do {
                try writeToStandardOutput(text + "\n")
            } catch {
                end(with: error)
            }
        } else if !text.isEmpty {
            writeToStandardError(inOurForm(text) + "\n")
        }
        Glibc.exit(code.rawValue)
    }

    /// The parser's "Error: Unknown option" in the form of every other sentence: "ingest-bench: unknown option".
    private static func inOurForm(_ text: String) -> String {
        let prefix = "Error: "
        guard text.hasPrefix(prefix) else { return text }
        let sentence = text.dropFirst(prefix.count)
        return "ingest-bench: " + sentence.prefix(1).lowercased() + sentence.dropFirst()
    }
}

/// A command that has said all it had to say, and ends with a status other than 0.
struct CommandEnding: Error {
    let status: ExitStatus
}
