import BenchReport
import Foundation
import Measurements
import Testing

/// Several processes that share a run.
@Suite(.serialized) struct ShardRunTests {
    @Test func `two shards start together and leave a run to be joined`() async throws {
        try await withTemporaryFolder { folder in
            try Data(count: 1000).write(to: folder.appending(path: "one.bin"))
            let target = try ScriptedTarget(["delay=2"], in: folder)
            defer { target.kill() }
            let now = Int64(Date().timeIntervalSince1970)
            let start = Timestamp(nanosecondsSince1970: (now + 6) * 1_000_000_000)
            let shards = try (1...2).map { index in
                try Program(
                    [
                        "run", "one.bin", "9", "--target", "a=\(target.url)", "--target", "b=\(target.url)",
                        "--rounds", "1", "--shard", "\(index)/2", "--start-at", start.iso8601, "--format",
                        "csv", "--threshold", "errors<0%",
                        "-o", "out\(index)",
                    ],
                    in: folder
                )
            }
            var documents: [RunDocument] = []
            for (index, shard) in shards.enumerated() {
                let ending = await shard.ending()
                #expect(ending.output.contains("burst of 9, shard \(index + 1) of 2"), "\(ending.errors)")
                #expect(ending.status != 2, "a part of a run judges nothing")
                let out = folder.appending(path: "out\(index + 1)").path()
                documents.append(try ResultsFolder.readRun(at: out, files: .real).document)
            }
            #expect(documents.map(\.plan.shard?.index) == [1, 2])
            #expect(documents.allSatisfy { $0.thresholds.map(\.expression) == ["errors<0%", "errors<0%"] })
            #expect(documents.allSatisfy { $0.plan.shard?.count == 2 && $0.plan.shard?.startAt == start })
            #expect(documents.allSatisfy { $0.plan.requests == 9 && $0.plan.concurrency == [9] })
            #expect(documents.map { $0.rounds.map(\.summary.uploads) } == [[5, 5, 5, 5], [4, 4, 4, 4]])
            let places = documents.map { $0.rounds.map { "\($0.record.target) \($0.record.order)" } }
            #expect(places[0] == places[1])
            #expect(
                documents.allSatisfy { document in
                    document.rounds.allSatisfy { $0.record.started >= start && $0.record.attempt == 1 }
                }
            )
        }
    }

    private static let ahead = "2999-01-01T00:00:00Z"

    @Test(arguments: [
        (["--shard", "1/2"], "--shard needs --start-at: all shards begin at one time"),
        (["--start-at", ahead], "--start-at needs --shard: a run by itself begins at once"),
        (
            ["--shard", "1/2", "--start-at", "18:00"],
            "--start-at 18:00: expected a time such as 2026-11-28T18:00:00Z"
        ),
        (["--shard", "1/2", "--start-at", "2026-01-01T00:00:00Z"], " s ago"),
        (
            ["--shard", "1/2", "--start-at", "2199-01-01T00:00:00Z"],
            "--start-at: that time is more than a day ahead"
        ),
        (
            ["--shard", "3/2", "--start-at", "2199-01-01T00:00:00Z"],
            "--shard 3/2: expected I/N, the I-th of N shards, such as 2/4"
        ),
    ])
    func `a shard that can't be is refused before measuring`(arguments: [String], sentence: String)
        async throws
    {
        try await withTemporaryFolder { folder in
            try Data(count: 10).write(to: folder.appending(path: "one.bin"))
            let target = ["--target", "a=http://127.0.0.1:9/"]
            let ending = try await Program.run(["run", "one.bin", "4"] + target + arguments, in: folder)
            #expect(ending.status == 64)
            #expect(ending.errors.contains(sentence), "\(ending.errors)")
        }
    }
}
