import BenchReport
import Foundation
import Measurements
import Testing
import fuzz_run

struct FuzzTests {
    /// Small runs of every kind, so that a change of one byte meets every part of a document.
    private static func documents() throws -> [(name: String, json: [UInt8])] {
        let burst = SampleLoops.run { run in
            (run.uploads, run.rounds, run.warmup) = (4, 2, 1)
            run.edit = { sample, target, round, place in
                guard target == 1, round == 1, place == 3 else { return }
                (sample.outcome, sample.status, sample.stages) = (.status, 503, [])
            }
            run.firstAnswers = [FirstAnswer(target: "async", status: 503, body: "{\"error\":\"full\"}\n")]
        }.document()
        var noisy = SampleRun()
        (noisy.uploads, noisy.rounds, noisy.names) = (3, 6, ["a", "b", "a-aa"])
        (noisy.hasStages, noisy.hasProbe) = (false, false)
        noisy.files = [("small.pdf", 1000), ("large.pdf", 1_000_000)]
        noisy.edit = { sample, _, _, place in
            sample.file = Int32(place % 2)
            if place == 2 { (sample.outcome, sample.flags) = (.timeoutWaiting, [.censored]) }
        }
        noisy.thresholds = [try Threshold(parsing: "p50.change<=5%", targets: ["a", "b"])]
        var doubled = noisy.document()
        doubled.targets[2].selfComparisonOf = "a"
        var open = SampleRun()
        (open.uploads, open.rounds, open.mode, open.names) = (5, 6, .open, ["only"])
        open.hasProbe = false
        open.editRound = { round in round.window = round.makespan / 2 }
        open.interrupted = "SIGINT"
        var sweep = SampleSweep.document([[20, 30, 40, 41], [20, 40, 60, 80]]) {
            ($0.uploads, $0.rounds) = (2, 2)
        }
        for index in sweep.rounds.indices { sweep.rounds[index].record.samples = [] }
        func shard(_ index: Int) -> RunDocument {
            var run = SampleRun()
            (run.uploads, run.rounds, run.hasProbe) = (2, 2, false)
            run.shard = .init(index: index, count: 2, startAt: SampleRun.epoch)
            return run.document()
        }
        let shards = [shard(1), shard(2)]
        let merged = try RunMerge(of: shards.map { ("s", $0) }).document(id: "whole")
        return [
            ("burst.json", try burst.json()), ("doubled.json", try doubled.json()),
            ("merged.json", try merged.json()), ("open.json", try open.document().json()),
            ("packed.json", try burst.json(isPacked: true)), ("shard.json", try shards[0].json()),
            ("sweep.json", try sweep.json()),
        ]
    }

    /// What a run leaves that is killed in its fifth round.
    private static func left() throws -> [(name: String, bytes: [UInt8])] {
        let folder = try TemporaryFolder()
        var run = SampleRun()
        (run.uploads, run.rounds, run.hasProbe) = (3, 2, false)
        var head = run.document()
        (head.rounds, head.interrupted) = ([], "crash")
        let place = ResultsFolder(at: folder.path, files: .real)
        let spool = try SampleSpool(in: place, files: .real)
        let part = try RunPart(of: head, in: place, spool: spool, files: .real)
        for record in run.records().prefix(5) {
            try spool.keep(record.samples.enumerated().map { PlacedSample(sequence: $0, sample: $1) })
            _ = spool.endRound()
            try part.note(record)
        }
        return try folder.names().map { ($0, try folder.bytes($0)) }
    }

    /// `UPDATE_GOLDEN=1` writes them anew.
    @Test func `the runs that are changed are current`() throws {
        for (name, bytes) in try Self.documents() + Self.left() {
            let file = FuzzSeeds.folder.appending(path: name)
            if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" { try Data(bytes).write(to: file) }
            #expect(try Data(contentsOf: file) == Data(bytes), "\(name)")
        }
    }

    @Test func `no changed run traps, hangs or goes without a sentence`() throws {
        let folder = try TemporaryFolder()
        let seeds = try FuzzSeeds()
        let run = FuzzedRun(in: folder.path, other: seeds.sound)
        var taken = 0
        for number in UInt64(0)..<200 where try seeds.run(number, with: run) { taken += 1 }
        #expect((20...180).contains(taken), "too few or too many are sound")
    }
}
