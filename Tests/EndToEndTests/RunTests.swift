import BenchReport
import Foundation
import Measurements
import Testing

/// `run`, as a user runs it: the built program, real uploads on loopback, a results folder.
@Suite(.serialized) struct RunTests {
    /// Few and small uploads: what is tested is the way from flags to files, not speed.
    private static let few = ["6", "--rounds", "2", "--warmup", "1"]

    /// What every run leaves beside run.json.
    private static let tables = ["summary.csv", "rounds.csv", "requests.csv.gz", "report.md"]

    /// Makes a one-page PDF and runs the program on it.
    private func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        in folder: URL
    ) async throws -> Program.Ending {
        if !FileManager.default.fileExists(atPath: folder.appending(path: "one.pdf").path()) {
            let sample = try await Program.run(["sample", "one.pdf", "--pages", "1"], in: folder)
            try #require(sample.status == 0, "\(sample.errors)")
        }
        return try await Program.run(["run", "one.pdf"] + arguments, environment: environment, in: folder)
    }

    /// What a run of good uploads must end with: a machine that other programs disturb makes it INVALID, which
    /// the document says too.
    private func expectedStatus(_ document: RunDocument) -> Int32 {
        document.validity.verdict == .invalid ? 1 : 0
    }

    @Test func `a run uploads everything in every round and leaves all its files`() async throws {
        try await withTemporaryFolder { folder in
            let ending = try await run(Self.few + ["-o", "out"], in: folder)
            let out = folder.appending(path: "out")
            let document = try ResultsFolder.readRun(at: out.path(), files: .real).document
            #expect(ending.status == expectedStatus(document), "\(ending.errors)")
            #expect(document.targets.map(\.name) == ["blocking", "async"])
            #expect(document.rounds.count == 6)
            #expect(document.rounds.allSatisfy { $0.summary.succeeded == 6 && $0.summary.errors == 0 })
            #expect(document.rounds.allSatisfy { !$0.record.probes.isEmpty })
            for name in Self.tables + ["probes.csv.gz"] {
                #expect(FileManager.default.fileExists(atPath: out.appending(path: name).path()), "\(name)")
            }
            for chart in ["summary", "waterfall"] {
                for ending in ["-light.png", "-dark.png", ".svg"] {
                    let path = out.appending(path: "charts/\(chart)\(ending)").path()
                    #expect(FileManager.default.fileExists(atPath: path), "\(path)")
                }
            }
            #expect(ending.output.contains("VERDICT"))
            #expect(ending.output.contains("0 of \(document.countedRounds(at: document.loads[0]).count * 3)"))
            #expect(ending.errors.contains("block 2/2"))
        }
    }

    @Test func `by default results go into a dated folder that latest points to`() async throws {
        try await withTemporaryFolder { folder in
            for _ in 1...2 {
                _ = try await run(["2", "--rounds", "1", "--warmup", "0", "--format", "csv"], in: folder)
            }
            let results = folder.appending(path: "results")
            let names = try FileManager.default.contentsOfDirectory(atPath: results.path())
            #expect(names.filter { $0.contains("-one-2") }.count == 2)
            let latest = try FileManager.default.destinationOfSymbolicLink(
                atPath: results.appending(path: "latest").path()
            )
            #expect(names.contains(latest))
        }
    }

    @Test func `report makes every derived file again, byte for byte`() async throws {
        try await withTemporaryFolder { folder in
            _ = try await run(Self.few + ["-o", "out"], in: folder)
            let out = folder.appending(path: "out")
            let names = try FileManager.default.subpathsOfDirectory(atPath: out.path())
                .filter { $0.contains(".") && $0 != "run.json" }
            let before = try names.map { try Data(contentsOf: out.appending(path: $0)) }
            for name in names {
                try FileManager.default.removeItem(at: out.appending(path: name))
            }
            let again = try await Program.run(["report", "out"], in: folder)
            #expect(again.status == 0, "\(again.errors)")
            let after = try names.map { try Data(contentsOf: out.appending(path: $0)) }
            for (index, name) in names.enumerated() {
                #expect(before[index] == after[index], "\(name)")
            }
        }
    }

    /// A document that another version wrote holds what this one doesn't; it was written anew, without that.
    @Test func `report to another folder copies the document, byte for byte`() async throws {
        try await withTemporaryFolder { folder in
            _ = try await run(["2", "--rounds", "1", "--warmup", "0", "-o", "out"], in: folder)
            let source = folder.appending(path: "out/run.json")
            var json = try String(contentsOf: source, encoding: .utf8)
            json.replace("{", with: "{ \"later\": [1, 2],", maxReplacements: 1)
            try Data(json.utf8).write(to: source)
            let ending = try await Program.run(["report", "out", "-o", "copy"], in: folder)
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try Data(contentsOf: folder.appending(path: "copy/run.json")) == Data(json.utf8))
        }
    }

    @Test func `json prints the document and nothing else`() async throws {
        try await withTemporaryFolder { folder in
            let ending = try await run(
                ["2", "--rounds", "1", "--warmup", "0", "--json", "-o", "out"],
                in: folder
            )
            let saved = try String(contentsOf: folder.appending(path: "out/run.json"), encoding: .utf8)
            #expect(ending.output == saved)
        }
    }

    @Test func `an interrupted run writes a partial report and says so`() async throws {
        try await withTemporaryFolder { folder in
            _ = try await Program.run(["sample", "one.pdf", "--pages", "1"], in: folder)
            let program = try Program(["run", "one.pdf", "4", "--rounds", "1000", "-o", "out"], in: folder)
            _ = await program.errorLine(containing: "block 1/1000")
            program.send(SIGINT)
            let ending = await program.ending()
            #expect(ending.status == 130, "\(ending.errors)")
            #expect(ending.output.contains("PARTIAL"))
            let document = try ResultsFolder.readRun(at: folder.appending(path: "out").path(), files: .real)
                .document
            #expect(document.interrupted == "SIGINT")
            #expect(document.rounds.contains { !$0.record.isWarmup })
        }
    }

    /// It used to end with 1, to leave run.json alone, and not to say where.
    @Test func `a run interrupted before its first block is over writes a report, too`() async throws {
        try await withTemporaryFolder { folder in
            _ = try await Program.run(["sample", "one.pdf", "--pages", "1"], in: folder)
            // So many uploads that the first block can't be over when the signal comes.
            let program = try Program(["run", "one.pdf", "100", "--rounds", "1000"], in: folder)
            _ = await program.errorLine(containing: "warm-up")
            program.send(SIGINT)
            let ending = await program.ending()
            #expect(ending.status == 130, "\(ending.errors)")
            #expect(ending.output.hasPrefix("PARTIAL: 0 of 1000 blocks, interrupted by SIGINT\n"))
            #expect(ending.output.contains("no complete block"))
            #expect(ending.output.contains("\nWrote  results/"))
            let latest = folder.appending(path: "results/latest")
            let names = try FileManager.default.contentsOfDirectory(atPath: latest.path()).sorted()
            #expect(Set(names).isSuperset(of: Self.tables))
            let before = try names.map { try Data(contentsOf: latest.appending(path: $0)) }
            for name in names where name != "run.json" {
                try FileManager.default.removeItem(at: latest.appending(path: name))
            }
            let again = try await Program.run(["report", "results/latest"], in: folder)
            #expect(again.status == 0, "\(again.errors)")
            #expect(try names.map { try Data(contentsOf: latest.appending(path: $0)) } == before)
        }
    }

    @Test(arguments: [
        (["run", "nowhere.pdf"], 64, "nowhere.pdf: no such file"),
        (["run", "empty.pdf", "3"], 64, "empty.pdf is empty"),
        (["run", "one.pdf", "0"], 64, "requests 0: expected a whole number"),
        (["run", "one.pdf", "-1"], 64, "requests -1: expected a whole number"),
        (["run", "one.pdf", "-1", "--rounds", "2"], 64, "requests -1: expected a whole number"),
        (["run", "one.pdf", "--json", "-1", "--rounds=2"], 64, "requests -1: expected a whole number"),
        (["run", "one.pdf", "--rounds", "-1"], 64, "--rounds"),
        (["run", "one.pdf", "5", "-c", "0"], 64, "-c 0: expected a whole number"),
        (["run", "one.pdf", "5", "--timeout", "-3s"], 64, "--timeout"),
        (["run", "one.pdf", "5", "--target", "async=htp://x"], 64, "must begin with http:// or https://"),
        (["run", "one.pdf", "5", "--target", "a=http://127.0.0.1:1/"], 4, "refused the connection"),
        (["run", "one.pdf", "5", "-o", "taken"], 64, "already holds files"),
        (["run", "text.pdf", "3"], 1, "not_a_pdf"),
        (["run", "text.pdf", "3", "--rounds", "1", "--warmup", "0"], 1, "no upload succeeded (6 × 422)"),
        (["run", "text.pdf", "3", "--rounds", "1", "--warmup", "0", "--json"], 1, "(6 × 422); first"),
        (["run", "text.pdf", "3", "--rounds", "1", "--warmup", "0", "--quiet"], 1, "not_a_pdf"),
        (["run", "one.pdf", "5", "--s3", "http://127.0.0.1:1", "--bucket", "b"], 64, "AWS_ACCESS_KEY_ID"),
        (["report", "nothing"], 64, "no run.json in nothing"),
        (["serve", "--port", "70000"], 64, "--port 70000"),
        (["store", "--data", "d", "--memory"], 64, "exclude each other"),
        (["store"], 64, "AWS_ACCESS_KEY_ID"),
        (["sample", "x.pdf", "--pages", "0"], 64, "0"),
    ])
    func `bad input gets a sentence and its status`(arguments: [String], status: Int, sentence: String)
        async throws
    {
        try await withTemporaryFolder { folder in
            _ = try await Program.run(["sample", "one.pdf", "--pages", "1"], in: folder)
            try Data().write(to: folder.appending(path: "empty.pdf"))
            try Data("just text".utf8).write(to: folder.appending(path: "text.pdf"))
            try FileManager.default.createDirectory(
                at: folder.appending(path: "taken/x"),
                withIntermediateDirectories: true
            )
            let ending = try await Program.run(arguments, in: folder)
            #expect(ending.status == Int32(status), "\(ending.errors)")
            #expect(ending.errors.contains(sentence), "\(ending.errors)")
            let lines = ending.errors.split(separator: "\n")
            #expect(lines.count { $0.hasPrefix("ingest-bench: ") } == 1, "\(ending.errors)")
        }
    }
}
