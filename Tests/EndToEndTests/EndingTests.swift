import BenchReport
import Foundation
import Measurements
import Testing

/// How runs end: with a status for scripts, and with whole files whatever happens.
@Suite(.serialized) struct EndingTests {
    private func withSample(_ body: (URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let sample = try await Program.run(["sample", "one.pdf", "--pages", "1"], in: folder)
            try #require(sample.status == 0, "\(sample.errors)")
            try await body(folder)
        }
    }

    private func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
    }

    @Test func `a service that is killed after some rounds leaves a partial results folder`() async throws {
        try await withSample { folder in
            let server = try Program(["serve", "--port", "0"], in: folder)
            let line = try #require(await server.line(containing: "http://"))
            let base = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") })
            let run = try Program(
                [
                    "run", "one.pdf", "8", "--rounds", "1000", "--target", "async=\(base)/ingest/async", "-o",
                    "out",
                ],
                in: folder
            )
            _ = await run.errorLine(containing: "block 2/1000")
            server.send(SIGKILL)
            let ending = await run.ending()
            _ = await server.ending()
            #expect(ending.status == 1, "\(ending.errors)")
            #expect(ending.errors.contains("async: refused connections from upload "), "\(ending.errors)")
            #expect(ending.errors.contains(" on; partial results are written"), "\(ending.errors)")
            #expect(ending.output.contains("PARTIAL: "))
            let out = folder.appending(path: "out")
            let names = try names(in: out)
            #expect(Set(names).isSuperset(of: ["run.json", "rounds.csv", "requests.csv.gz", "report.md"]))
            #expect(!names.contains { $0.hasSuffix(".part") })
            let document = try ResultsFolder.readRun(at: out.path(), files: .real).document
            #expect(!document.complete)
            #expect(document.rounds.contains { !$0.record.isWarmup && $0.summary.succeeded == 8 })
        }
    }

    @Test func `a run that is killed itself is reported afterwards`() async throws {
        try await withSample { folder in
            let run = try Program(["run", "one.pdf", "4", "--rounds", "1000", "-o", "out"], in: folder)
            _ = await run.errorLine(containing: "block 3/1000")
            let early = try await Program.run(["report", "out"], in: folder)
            #expect(early.status == 1)
            #expect(early.errors.contains("out: the run is still being measured"), "\(early.errors)")
            run.send(SIGKILL)
            _ = await run.ending()
            let out = folder.appending(path: "out")
            #expect(try names(in: out) == ["run.part", "samples.part", "stages.part"])
            let report = try await Program.run(["report", "out"], in: folder)
            #expect(report.status == 0, "\(report.errors)")
            #expect(report.output.contains("PARTIAL: "))
            #expect(report.output.contains(" of 1000 blocks: crash"))
            let names = try names(in: out)
            #expect(names.contains("run.json") && names.contains("requests.csv.gz"))
            #expect(!names.contains { $0.hasSuffix(".part") })
            let document = try ResultsFolder.readRun(at: out.path(), files: .real).document
            // Also those that a disturbed machine made INVALID.
            #expect(document.rounds.count { !$0.record.isWarmup } >= 4)
            #expect(document.rounds.allSatisfy { $0.hasSamples && $0.summary.succeeded == 4 })
        }
    }

    @Test func `SIGTERM writes the partial report`() async throws {
        try await withSample { folder in
            let run = try Program(["run", "one.pdf", "4", "--rounds", "1000", "-o", "out"], in: folder)
            _ = await run.errorLine(containing: "block 1/1000")
            run.send(SIGTERM)
            let ending = await run.ending()
            #expect(ending.status == 143, "\(ending.errors)")
            #expect(ending.output.hasPrefix("PARTIAL: "))
            #expect(ending.output.contains("interrupted by SIGTERM"))
        }
    }

    @Test(arguments: [
        (["--threshold", "errors<=0%"], 0, ""),
        (
            ["--threshold", "errors<0%"], 2,
            "thresholds failed: errors<0% (blocking errors is 0 %, limit 0 %)"
        ),
        (
            ["--threshold", "async.errors<0%", "--require-conclusive"], 2,
            "a threshold failed: async.errors<0%"
        ),
        (["--require-conclusive"], 3, "the run can't tell: throughput of async: no interval"),
    ])
    func `thresholds make the exit status`(arguments: [String], status: Int, sentence: String) async throws {
        try await withSample { folder in
            let ending = try await Program.run(
                ["run", "one.pdf", "3", "--rounds", "1", "--warmup", "0", "-o", "out"] + arguments,
                in: folder
            )
            let out = folder.appending(path: "out")
            let document = try ResultsFolder.readRun(at: out.path(), files: .real).document
            // A machine that other programs disturb makes the run INVALID, and nothing is judged.
            let isInvalid = document.validity.verdict == .invalid
            #expect(ending.status == (isInvalid ? 1 : Int32(status)), "\(ending.errors)")
            // Foundation finds no empty text in any.
            let isSaid = sentence.isEmpty || ending.errors.contains(sentence)
            #expect(isInvalid || isSaid, "\(ending.errors)")
            guard arguments.contains("--threshold") else { return }
            #expect(ending.output.contains("\nThresholds\n"))
            #expect(document.thresholds.allSatisfy { ($0.verdict == .notJudged) == isInvalid })
        }
    }

    @Test(arguments: [
        (["--threshold", "p99<4"], "p99<4 has no unit: write 4s or 4ms\n  p99<4\n       ^\n"),
        (
            ["--threshold", "p99<4s", "--rounds", "5"],
            "--threshold p99<4s is judged on an interval, and 5 rounds give none"
        ),
    ])
    func `a threshold that can't be judged is refused before measuring`(arguments: [String], sentence: String)
        async throws
    {
        try await withSample { folder in
            let ending = try await Program.run(["run", "one.pdf", "3"] + arguments, in: folder)
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(ending.errors.contains(sentence), "\(ending.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "results").path()))
        }
    }
}
