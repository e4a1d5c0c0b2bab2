import Foundation
import Glibc
import Testing

/// Where a report goes: pipes that close, full disks, descriptors that are missing, terminals and locales.
@Suite(.serialized) struct StreamTests {
    /// What a shell that runs the program left.
    private struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    /// The report on the committed run, which touches no file of it; more flags may follow.
    private static let report = #""$0" report results/example --format json --output "$1/out""#

    /// Runs a shell script in the checkout: $0 is the program, $1 a folder that is removed afterwards.
    private func shell(_ script: String, _ environment: [String: String] = [:]) async throws -> Result {
        try await withTemporaryFolder { folder in
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", script, Program.executable.path(), folder.path()]
            process.currentDirectoryURL = Program.checkout
            process.environment = ["PATH": "/usr/bin:/bin", "HOME": "/nowhere"].merging(environment) { $1 }
            process.standardInput = FileHandle.nullDevice
            let (output, errors) = (folder.appending(path: "output"), folder.appending(path: "errors"))
            for file in [output, errors] { try Data().write(to: file) }
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = try FileHandle(forWritingTo: errors)
            let status = try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
            func text(_ file: URL) throws -> String {
                String(decoding: try Data(contentsOf: file), as: UTF8.self)
            }
            return Result(status: status, output: try text(output), errors: try text(errors))
        }
    }

    @Test(arguments: [
        #"{ report; echo $? >"$1/status"; } | true; test "$(cat "$1/status")" = 0"#, "report >&-",
        "report 2>&-", "report <&-",
    ])
    func `a stream that is closed is no error`(_ how: String) async throws {
        let result = try await shell(how.replacing("report", with: Self.report))
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    }

    @Test func `a report never gets into a file that took the number of a closed stream`() async throws {
        let result = try await shell(Self.report + #" >&- && cmp "$1/out/run.json" results/example/run.json"#)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    @Test(arguments: ["report", #""$0" --help"#, #""$0" --version"#])
    func `a standard output that is full is an error`(_ command: String) async throws {
        let result = try await shell(command.replacing("report", with: Self.report) + " >/dev/full")
        #expect(result.status == 1)
        #expect(result.errors == "ingest-bench: standard output: no space left on device\n")
    }

    @Test(arguments: ["C", "POSIX", "en_US.ISO-8859-1"])
    func `a locale without UTF-8 gets ASCII, also in errors and help`(_ locale: String) async throws {
        let commands = [
            Self.report, #""$0" report '/nowhere/Müll…'"#, #""$0" --help"#, #""$0" run --help"#,
            #""$0" run sample.pdf 3 --threshold 'p99<4µ' 2>&1"#,
        ]
        for command in commands {
            let result = try await shell(command, ["LC_ALL": locale])
            #expect(result.output.allSatisfy(\.isASCII) && result.errors.allSatisfy(\.isASCII), "\(command)")
            #expect(!(result.output + result.errors).isEmpty)
        }
    }

    @Test(arguments: [[:], ["LC_ALL": "C.UTF-8"], ["LC_ALL": "", "LANG": "de_DE.utf8"]])
    func `any other gets the signs`(_ environment: [String: String]) async throws {
        let result = try await shell(Self.report, environment)
        #expect(result.output.contains(" · ") && result.output.contains("▲ better"))
    }

    @Test(arguments: [(200, 100), (100, 80), (60, 50), (59, 30), (40, 10)])
    func `a report is as wide as the terminal, whatever COLUMNS says`(_ width: Int, _ least: Int)
        async throws
    {
        let script = "script -qec 'stty cols \(width); exec \(Self.report)' /dev/null"
            .replacing("$0", with: Program.executable.path()).replacing("$1", with: "'\"$1\"'")
        let result = try await shell(script, ["COLUMNS": "70", "TERM": "xterm"])
        // Carriage returns are the terminal's; to Swift one before a line break is part of that character.
        let scalars = result.output.unicodeScalars.filter { $0 != "\r" }
        let text = String(String.UnicodeScalarView(scalars)).replacing(/\u{1B}\[[0-9;]*m/, with: "")
        let widths = text.split(separator: "\n").map(\.count)
        #expect((widths.max() ?? 0) <= width && (widths.max() ?? 0) >= least, "\(text)")
        #expect(result.output.contains("\u{1B}[34m▲ better\u{1B}[0m"))
    }

    @Test(arguments: [("dumb", ""), ("xterm", "1")])
    func `a dumb terminal, and one with NO_COLOR, get no escape sequence`(_ term: String, _ noColor: String)
        async throws
    {
        let script = "script -qec 'exec \(Self.report)' /dev/null"
            .replacing("$0", with: Program.executable.path()).replacing("$1", with: "'\"$1\"'")
        let result = try await shell(script, ["TERM": term, "NO_COLOR": noColor])
        #expect(result.output.contains("VERDICT") && !result.output.contains("\u{1B}"))
    }

    @Test func `a terminal gets one line that is drawn over and removed`() async throws {
        let run = "run sample.pdf 3 --rounds 1 --format json"
        let script = #"script -qec "stty cols 60; '$0' RUN -o '$1/out'" /dev/null"#.replacing(
            "RUN",
            with: run
        )
        let result = try await shell(script, ["TERM": "xterm"])
        let clear = "\r\u{1B}[2K"
        let drawn = result.output.components(separatedBy: clear)
        #expect(drawn.count > 2, "\(result.output)")
        // What stands between two clearings is one line, and short enough not to be broken.
        for line in drawn.dropFirst().dropLast() {
            #expect(!line.contains("\n") || line.contains("measured again"), "\(line)")
            #expect(line.contains("measured again") || line.count < 60)
        }
        #expect(drawn.last?.contains(" · ingest-bench ") == true || drawn.last?.contains("INVALID: ") == true)
    }

    @Test func `a second signal ends a run that can't get rid of its report`() async throws {
        try await withTemporaryFolder { folder in
            let process = Process()
            process.executableURL = Program.executable
            let results = "\(folder.path())/out"
            process.arguments = ["run", "sample.pdf", "50", "--rounds", "1000", "--json", "-o", results]
            process.currentDirectoryURL = Program.checkout
            // Nobody reads: the document of a few blocks is longer than a pipe holds.
            process.standardOutput = Pipe()
            process.standardError = FileHandle.nullDevice
            let (statuses, continuation) = AsyncStream.makeStream(of: Int32.self)
            process.terminationHandler = { continuation.yield($0.terminationStatus) }
            try process.run()
            let out = folder.appending(path: "out")
            #expect(await GrowingFile.reaches(out.appending(path: "samples.part"), bytes: 96 * 400))
            kill(process.processIdentifier, SIGINT)
            #expect(await GrowingFile.reaches(out.appending(path: "report.md"), bytes: 1))
            kill(process.processIdentifier, SIGTERM)
            #expect(await statuses.first { _ in true } == 143)
            #expect(FileManager.default.fileExists(atPath: out.appending(path: "run.json").path()))
        }
    }
}
