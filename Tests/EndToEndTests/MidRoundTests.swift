import BenchReport
import Foundation
import Glibc
import Measurements
import Testing

/// What is left when the target, or the program itself, dies while uploads of a measured round are in flight.
@Suite(.serialized, .timeLimit(.minutes(3))) struct MidRoundTests {
    /// The folder of the run, with a file to upload and a server that takes its time for each upload.
    private func withTarget(
        delay: Int,
        _ body: (URL, ScriptedTarget) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try Data(count: 1000).write(to: folder.appending(path: "one.bin"))
            let target = try ScriptedTarget(["delay=\(delay)"], in: folder)
            defer { target.kill() }
            try await body(folder, target)
        }
    }

    private func start(_ target: ScriptedTarget, requests: Int, in folder: URL) throws -> Program {
        try Program(
            ["run", "one.bin", "\(requests)", "-c", "5", "--rounds", "3", "--warmup", "0", "-o", "out"]
                + ["--target", "async=\(target.url)"],
            in: folder
        )
    }

    @Test func `a target that is killed within a round leaves a whole, partial results folder`() async throws
    {
        try await withTarget(delay: 200) { folder, target in
            let program = try start(target, requests: 1000, in: folder)
            let out = folder.appending(path: "out")
            // The first hand-over of a round that would go on for 40 s.
            let spool = out.appending(path: "samples.part")
            #expect(await GrowingFile.reaches(spool, bytes: 5 * SampleLayout.size))
            target.kill()
            let ending = await program.ending()
            #expect(ending.status == 1, "\(ending.errors)")
            #expect(ending.errors.contains("async: refused connections from upload "), "\(ending.errors)")
            #expect(ending.errors.contains(" on; partial results are written"), "\(ending.errors)")
            #expect(ending.output.hasPrefix("PARTIAL: "))
            let names = try FileManager.default.contentsOfDirectory(atPath: out.path())
            #expect(Set(names).isSuperset(of: ["run.json", "rounds.csv", "requests.csv.gz", "report.md"]))
            #expect(!names.contains { $0.hasSuffix(".part") })
            let document = try ResultsFolder.readRun(at: out.path(), files: .real).document
            #expect(!document.complete && document.rounds.count == 1)
            let round = try #require(document.rounds.last)
            #expect(round.summary.uploads == 1000 && round.hasSamples, "each upload of the round is told of")
            #expect(round.summary.succeeded >= 5)
            let outcomes = Set(round.summary.failures.map(\.outcome))
            #expect(outcomes.contains(.refused), "\(outcomes)")
            let cut = round.summary.failures.filter { $0.outcome.outcomeClass == .reset }
            #expect(cut.reduce(0) { $0 + $1.count } >= 1, "those in flight: \(outcomes)")
            let again = try await Program.run(["report", "out"], in: folder)
            #expect(again.status == 0, "\(again.errors)")
        }
    }

    @Test func `a program that is killed within a round loses a second of samples and that block`()
        async throws
    {
        try await withTarget(delay: 100) { folder, target in
            let requests = 100
            let program = try start(target, requests: requests, in: folder)
            let out = folder.appending(path: "out")
            let spool = out.appending(path: "samples.part")
            // Each round takes 2 s: this is the first hand-over of the second one.
            let whole = requests * SampleLayout.size
            #expect(await GrowingFile.reaches(spool, bytes: whole + 5 * SampleLayout.size))
            let killed = DispatchTime.now().uptimeNanoseconds
            program.send(SIGKILL)
            _ = await program.ending()
            let answered = try await target.log()
            let kept = try Data(contentsOf: spool).count / SampleLayout.size
            #expect(kept > requests && kept < 2 * requests, "\(kept)")
            let before = answered.count { $0 + 1_000_000_000 <= killed }
            #expect(kept >= before, "\(before) were answered more than a second before")
            let report = try await Program.run(["report", "out"], in: folder)
            #expect(report.status == 0, "\(report.errors)")
            #expect(report.output.contains("PARTIAL: 1 of 3 blocks: crash"), "\(report.output)")
            let document = try ResultsFolder.readRun(at: out.path(), files: .real).document
            #expect(document.rounds.count == 1 && document.rounds.allSatisfy(\.hasSamples))
            #expect(document.rounds.first?.summary.succeeded == requests)
        }
    }
}
