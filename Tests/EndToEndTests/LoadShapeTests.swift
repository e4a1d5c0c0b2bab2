import BenchReport
import Foundation
import Measurements
import Testing

/// Loads of every shape, as a user asks for them: the built program, real uploads, the document it leaves.
@Suite(.serialized) struct LoadShapeTests {
    /// Runs the program on a one-page PDF, one round without a warm-up.
    private func measure(
        _ arguments: [String],
        in folder: URL
    ) async throws -> (document: RunDocument, ending: Program.Ending) {
        _ = try await Program.run(["sample", "one.pdf", "--pages", "1"], in: folder)
        let common = ["--rounds", "1", "--warmup", "0", "--format", "csv,md", "-o", "out"]
        let ending = try await Program.run(["run", "one.pdf"] + arguments + common, in: folder)
        let out = folder.appending(path: "out").path()
        try #require(FileManager.default.fileExists(atPath: "\(out)/run.json"), "\(ending.errors)")
        return (try ResultsFolder.readRun(at: out, files: .real).document, ending)
    }

    @Test func `a rate opens the loop`() async throws {
        try await withTemporaryFolder { folder in
            let arguments = ["--rate", "40/s", "--duration", "500ms", "--arrivals", "constant"]
            let (document, ending) = try await measure(arguments, in: folder)
            #expect(document.plan.mode == .open && document.plan.rates == [40])
            #expect(document.plan.requests == nil)
            #expect(document.plan.arrivals == "constant" && document.plan.durationSeconds == 0.5)
            for round in document.rounds {
                #expect(round.record.samples.map(\.intended) == (0..<20).map { $0 * 25_000_000 })
                #expect(round.record.window == 500_000_000)
            }
            #expect(ending.output.contains("open loop at 40/s for 500 ms, constant arrivals"))
        }
    }

    @Test func `stages ramp the rate`() async throws {
        try await withTemporaryFolder { folder in
            let (document, _) = try await measure(["--stages", "500ms:40/s,250ms:40/s"], in: folder)
            #expect(document.plan.mode == .open && document.plan.stages == "500ms:40/s,250ms:40/s")
            #expect(document.rounds.allSatisfy { $0.summary.uploads == 20 })
            let first = Array(try #require(document.rounds.first).record.samples)
            #expect(first[10].intended == 500_000_000 && first[11].intended == 525_000_000)
        }
    }

    @Test func `a sweep is reported by concurrency, with its capacity`() async throws {
        try await withTemporaryFolder { folder in
            let (document, ending) = try await measure(["4", "-c", "2,1", "--threads", "1"], in: folder)
            #expect(document.plan.concurrency == [1, 2] && document.plan.mode == .closed)
            #expect(document.rounds.map(\.record.load.concurrency).sorted() == [1, 1, 2, 2])
            #expect(ending.output.contains("in flight  blocking req/s"))
            #expect(ending.output.contains("Capacity: "))
            #expect(
                ending.errors.contains("block 1/1, 1 in flight: ")
                    && ending.errors.contains("block 1/1, 2 in flight: ")
            )
        }
    }

    @Test func `a sweep of rates is reported by rate`() async throws {
        try await withTemporaryFolder { folder in
            let (document, ending) = try await measure(["4", "--rate", "80/s,40/s"], in: folder)
            #expect(document.plan.rates == [40, 80] && document.plan.mode == .open)
            for (rate, distance) in [(40.0, Nanoseconds(25_000_000)), (80, 12_500_000)] {
                let rounds = document.rounds.map(\.record).filter { $0.load.rate == rate }
                #expect(rounds.count == 2)
                #expect(rounds.allSatisfy { Array($0.samples)[1].intended == distance })
            }
            #expect(ending.output.contains("open loop at 40/s, 80/s, 4 uploads"))
            #expect(ending.output.contains("\n40/s\n"))
            #expect(ending.output.contains("per second  blocking req/s"))
            #expect(ending.output.contains("/s offered"), "\(ending.output)")
            #expect(ending.errors.contains("block 1/1, 40/s: "))
        }
    }

    @Test func `the baseline is measured twice if asked for`() async throws {
        try await withTemporaryFolder { folder in
            let (document, ending) = try await measure(["4", "--aa"], in: folder)
            #expect(document.targets.map(\.name) == ["blocking", "async", "blocking-aa"])
            #expect(document.targets.map(\.selfComparisonOf) == [nil, nil, "blocking"])
            #expect(document.comparedTargets.map(\.name) == ["blocking", "async"])
            #expect(document.rounds.count == 3 && document.rounds.allSatisfy { $0.summary.errors == 0 })
            #expect(!ending.output.contains("assumed; --aa measures it"))
            let reasons = document.rounds.flatMap(\.record.validity.reasons)
            #expect(!reasons.contains { $0.contains("body bytes") }, "each counts its own")
        }
    }

    @Test func `several threads share a closed loop by time`() async throws {
        try await withTemporaryFolder { folder in
            let arguments = ["--duration", "300ms", "-c", "3", "--threads", "2", "--target"]
            let server = try Program(["serve", "--port", "0"], in: folder)
            let line = try #require(await server.line(containing: "http://"))
            let url = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") })
            let (document, _) = try await measure(arguments + ["own=\(url)/ingest/async"], in: folder)
            #expect(document.plan.threads == 2 && document.plan.requests == nil)
            let round = try #require(document.rounds.first)
            #expect(round.summary.uploads > 0 && round.summary.errors == 0)
            server.send(SIGTERM)
            _ = await server.ending()
        }
    }

    @Test(arguments: [
        (["--duration", "-3s"], "--duration -3s: expected a time above zero"),
        (["--rate", "0/s"], "--rate 0/s: expected a rate above zero"),
        (["--rate", "5000000/s"], "--rate 5000000/s: the most is 1000000/s"),
        (["--rate", "200"], "--rate"),
        (["--stages", "10s"], "--stages"),
        (["7", "--duration", "3s"], "7 uploads and --duration: a round ends after one of them"),
        (["--rate", "10/s,fast"], "--rate"),
        (["-c", "1,2", "--rate", "10/s"], "-c and --rate: an open loop has one limit"),
        (["-c", "1,ten"], "-c"),
        (["-c", "1,0"], "-c 0: expected a whole number from 1 to 65535"),
        (["--threads", "0"], "--threads 0: expected a whole number from 1 to 64"),
        (["--http", "3"], "--http"),
        (["--cacert", "nowhere.pem"], "nowhere.pem: no such file"),
        (["--rounds", "-1"], "--rounds -1: expected a whole number from 1 to 1000"),
        (["--timeout", "-3s"], "--timeout -3s: expected a time above zero"),
    ])
    func `a wrong flag is refused before anything is sent`(arguments: [String], sentence: String) async throws
    {
        try await withTemporaryFolder { folder in
            try Data("text".utf8).write(to: folder.appending(path: "one.pdf"))
            let ending = try await Program.run(["run", "one.pdf"] + arguments, in: folder)
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(ending.errors.contains(sentence), "\(ending.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "results").path()))
        }
    }
}
