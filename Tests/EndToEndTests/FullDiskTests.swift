import BenchReport
import Foundation
import Glibc
import Measurements
import Testing

/// A disk that is full while uploads run: the load goes on, and nothing that was counted is lost.
@Suite(.serialized, .timeLimit(.minutes(3))) struct FullDiskTests {
    /// Whether this process may mount a file system of its own.
    static let mayMount: Bool = {
        let trial = Process()
        trial.executableURL = URL(filePath: "/usr/bin/env")
        trial.arguments = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"]
        (trial.standardOutput, trial.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        guard (try? trial.run()) != nil else { return false }
        trial.waitUntilExit()
        return trial.terminationStatus == 0
    }()

    private func measure(
        _ arguments: [String],
        fileBlocks: Int? = nil,
        prelude: String? = nil,
        _ check: (Program.Ending, URL) throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try Data(count: 1000).write(to: folder.appending(path: "one.bin"))
            let target = try ScriptedTarget([], in: folder)
            defer { target.kill() }
            let program = try Program(
                ["run", "one.bin"] + arguments + [
                    "-c", "5", "--rounds", "1", "--warmup", "0", "--format", "csv",
                ]
                    + ["--target", "async=\(target.url)"],
                environment: ["TMPDIR": folder.path()],
                in: folder,
                fileBlocks: fileBlocks,
                prelude: prelude
            )
            try check(await program.ending(), folder)
        }
    }

    @Test func `a file that may not grow costs samples, and no other figure`() async throws {
        // 100 KB hold about 1000 samples; what is counted is far smaller.
        try await measure(["3000", "-o", "out"], fileBlocks: 200) { ending, folder in
            #expect(ending.status == 1)
            let sentence = /out: file too large; samples after \d\d:\d\d:\d\d are not on disk/
            #expect(ending.errors.contains(sentence), "\(ending.errors)")
            #expect(ending.output.contains("Throughput req/s") && ending.output.contains("0 of 3000"))
            let out = folder.appending(path: "out").path()
            let document = try ResultsFolder.readRun(at: out, files: .real).document
            let round = try #require(document.rounds.last)
            #expect(round.summary.succeeded == 3000 && round.record.samples.isEmpty)
            #expect(round.summary.response?.value(.p99) != nil && round.summary.histogram != nil)
            #expect(document.complete)
            let names = try FileManager.default.contentsOfDirectory(atPath: out)
            #expect(!names.contains { $0.hasSuffix(".part") })
        }
    }

    @Test(.enabled(if: mayMount, "needs the right to mount a file system"))
    func `a full file system costs samples, and the document is kept elsewhere`() async throws {
        // There is room when the run begins; by the time it keeps its first samples there is none.
        let filling = "until [ -e full/out/run.part ]; do :; done; cat /dev/zero > full/filling 2> /dev/null"
        let prelude = "mkdir full && mount -t tmpfs -o size=8m none full && { (\(filling)) & }"
        try await measure(["--duration", "2s", "-o", "full/out"], prelude: prelude) { ending, folder in
            #expect(ending.status == 1)
            let sentence = /full\/out: no space left; samples after \d\d:\d\d:\d\d are not on disk/
            #expect(ending.errors.contains(sentence), "\(ending.errors)")
            #expect(ending.output.contains("Throughput req/s"))
            let saved = /run\.json: no space left on device; saved as (?<path>\S+)/
            let path = try #require(ending.errors.firstMatch(of: saved)?.path, "\(ending.errors)")
            let bytes = try Data(contentsOf: URL(filePath: String(path)))
            let document = try RunDocument(json: Array(bytes))
            #expect(document.rounds.last?.summary.errors == 0)
            let round = try #require(document.rounds.last)
            #expect(round.summary.succeeded > 5 && !round.hasSamples)
        }
    }

    /// Such a document used to be lost.
    @Test(.enabled(if: mayMount, "needs the right to mount a file system"))
    func `without room anywhere the document goes to standard error`() async throws {
        let filling = "until [ -e full/out/run.part ]; do :; done; cat /dev/zero > full/filling 2> /dev/null"
        let prelude =
            "mkdir full && mount -t tmpfs -o size=8m none full && export TMPDIR=full/tmp && { (\(filling)) & }"
        try await measure(["--duration", "2s", "-o", "full/out"], prelude: prelude) { ending, _ in
            #expect(ending.status == 1)
            #expect(ending.output.contains("Throughput req/s"))
            #expect(ending.errors.contains("full/out/run.json: no space left on device\n"))
            #expect(
                ending.errors.contains("hint: nor could it be written to the folder for temporary files\n")
            )
            let start = try #require(ending.errors.firstRange(of: "{\n \"schema\""))
            let end = try #require(ending.errors.firstRange(of: "\n}\n"))
            let json = ending.errors[start.lowerBound..<end.upperBound]
            let document = try RunDocument(json: Array(json.utf8))
            #expect((document.rounds.last?.summary.succeeded ?? 0) > 5)
        }
    }
}
