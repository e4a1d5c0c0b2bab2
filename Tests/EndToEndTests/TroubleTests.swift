import BenchReport
import Foundation
import Measurements
import Testing

/// The program against servers that fail while uploads run: what it says, its status, and what it keeps.
@Suite(.serialized) struct TroubleTests {
    /// Runs the program on a file of so many bytes against a server that plays the script.
    ///
    /// By itself more bytes than the kernel takes for a connection: what is handed to it counts as sent.
    private func run(
        _ script: [String],
        bytes: Int = 12_000_000,
        _ arguments: [String]
    ) async throws -> (ending: Program.Ending, document: RunDocument?) {
        try await withTemporaryFolder { folder in
            try Data(count: bytes).write(to: folder.appending(path: "one.bin"))
            let target = try ScriptedTarget(script, in: folder)
            defer { target.kill() }
            let ending = try await Program.run(
                ["run", "one.bin"] + arguments + ["--target", "async=\(target.url)", "-o", "out"],
                in: folder
            )
            let out = folder.appending(path: "out")
            let isThere = FileManager.default.fileExists(atPath: out.appending(path: "run.json").path())
            return (ending, isThere ? try ResultsFolder.readRun(at: out.path(), files: .real).document : nil)
        }
    }

    private static let once = ["9", "-c", "3", "--rounds", "1", "--warmup", "0"]

    /// What a report says, without the line breaks of its layout.
    private func words(_ ending: Program.Ending) -> String {
        ending.output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    }

    @Test func `answers that are failures are counted, with the first one's body`() async throws {
        let (ending, document) = try await run(["fail=3"], bytes: 1000, Self.once)
        #expect(words(ending).contains("async: 3 of 9 uploads failed: 3 × 500; first answer: ok"))
        #expect(document?.rounds.last?.summary.succeeded == 6)
        #expect(document?.complete == true)
    }

    @Test func `uploads that are cut off are counted as such`() async throws {
        let (ending, document) = try await run(["cut=3"], Self.once + ["--connections", "fresh"])
        let sentence = "async: 3 of 9 uploads were cut off while sending (closedDuringUpload)"
        #expect(words(ending).contains(sentence))
        #expect(document?.rounds.last?.summary.succeeded == 6)
    }

    @Test func `answers before the body are failures, and nothing else succeeded`() async throws {
        let (ending, document) = try await run(["early=413"], Self.once)
        #expect(ending.status == 1)
        #expect(
            words(ending).contains(
                "async: 9 of 9 uploads were answered before the body was sent (413); the server may limit the "
                    + "body size; first answer: ok"
            )
        )
        #expect(document?.rounds.last?.summary.errors == 9)
    }

    @Test func `a warm-up without a success ends the run with what was answered`() async throws {
        let (ending, document) = try await run(["early=413"], ["9", "--rounds", "1"])
        #expect(ending.status == 1)
        #expect(
            ending.errors.contains(
                "async: every upload failed in the warm-up (413 before the body was sent); first answer: ok"
            )
        )
        #expect(ending.errors.contains("hint: the server may limit the body size"))
        #expect(document == nil)
    }

    @Test func `a server that answers nothing in time is said to be that slow`() async throws {
        let arguments = ["3", "--rounds", "1", "--timeout", "100ms"]
        let (ending, _) = try await run(["delay=3600000"], bytes: 1000, arguments)
        #expect(ending.status == 1)
        #expect(ending.errors.contains("async: no upload finished within"))
        #expect(ending.errors.contains("response times are at least that"))
    }
}
