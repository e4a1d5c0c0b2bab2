import BenchReport
import Foundation
import Measurements
import Testing

/// `compare`, `merge` and `report` on runs that were saved before.
@Suite struct SavedRunTests {
    private static let example = Program.checkout.appending(path: "results/example/run.json")

    /// Saves the committed run under a name, its text changed.
    private func save(
        _ name: String,
        in folder: URL,
        _ change: (String) -> String = { $0 }
    ) throws {
        let place = folder.appending(path: name)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let text = try String(contentsOf: Self.example, encoding: .utf8)
        try Data(change(text).utf8).write(to: place.appending(path: "run.json"))
    }

    private func shard(_ index: Int, of count: Int) -> (String) -> String {
        { text in
            text.replacing(
                "\"shard\":null",
                with:
                    "\"shard\":{\"index\":\(index),\"of\":\(count),\"start_at\":\"2026-11-23T00:02:27.000Z\"}"
            )
        }
    }

    @Test func `a run is compared with another, and a folder that holds files is left alone`() async throws {
        try await withTemporaryFolder { folder in
            try save("before", in: folder)
            try save("after", in: folder)
            let ending = try await Program.run(["compare", "before", "after", "-o", "out"], in: folder)
            #expect(ending.status == 0, "\(ending.errors)")
            let words = ending.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.contains("VERDICT No clear change in the throughput of blocking"))
            #expect(words.contains("drift between them is not in the interval"))
            let out = folder.appending(path: "out").path()
            let names = try FileManager.default.contentsOfDirectory(atPath: out).sorted()
            #expect(names == ["charts", "compare.json", "compare.md"])
            let again = try await Program.run(["compare", "before", "after", "-o", "out"], in: folder)
            #expect(again.status == 64 && again.errors.contains("out already holds files"))
        }
    }

    @Test func `runs without a target in common are refused`() async throws {
        try await withTemporaryFolder { folder in
            try save("before", in: folder)
            try save("after", in: folder) { text in
                text.replacing("\"blocking\"", with: "\"v1\"").replacing("\"async\"", with: "\"v2\"")
            }
            let ending = try await Program.run(["compare", "before", "after"], in: folder)
            #expect(ending.status == 64)
            #expect(ending.errors.contains("the runs share no target: blocking, async and v1, v2"))
        }
    }

    @Test(arguments: [
        ("ingest-bench/run/1", "ingest-bench/run/2", 1, "has schema ingest-bench/run/2; ingest-bench"),
        ("ingest-bench/run/1", "k6/summary", 1, "is not a run document: its schema is k6/summary"),
        ("\"rounds\":[", "\"rounds\":7,\"x\":[", 1, "is damaged: rounds is not an array"),
    ])
    func `a document that can't be read ends with a sentence, and nothing is written`(
        _ text: String,
        _ other: String,
        _ status: Int32,
        _ sentence: String
    ) async throws {
        try await withTemporaryFolder { folder in
            try save("good", in: folder)
            try save("bad", in: folder) { $0.replacing(text, with: other) }
            for command in [
                ["report", "bad"], ["report", "bad", "-o", "out"], ["compare", "good", "bad", "-o", "out"],
                ["merge", "bad", "-o", "out"],
            ] {
                let ending = try await Program.run(command, in: folder)
                #expect(ending.status == status, "\(command): \(ending.errors)")
                #expect(ending.errors.contains("bad/run.json \(sentence)"), "\(command): \(ending.errors)")
            }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted() == [
                    "bad", "good",
                ]
            )
            let left = try FileManager.default.contentsOfDirectory(
                atPath: folder.appending(path: "bad").path()
            )
            #expect(left == ["run.json"])
        }
    }

    @Test func `the shards of a run become one, and a set that is not whole is refused`() async throws {
        try await withTemporaryFolder { folder in
            try save("shard-1", in: folder, shard(1, of: 2))
            try save("shard-2", in: folder, shard(2, of: 2))
            let missing = try await Program.run(["merge", "shard-1", "--output", "whole"], in: folder)
            #expect(missing.status == 64 && missing.errors.contains("merge needs all 2 shards; 2 is missing"))
            let ending = try await Program.run(
                ["merge", "shard-1", "shard-2", "--output", "whole", "--format", "csv"],
                in: folder
            )
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(ending.output.contains("shard 2 of 2 started"))
            let whole = try ResultsFolder.readRun(at: folder.appending(path: "whole").path(), files: .real)
                .document
            #expect(whole.rounds.allSatisfy { $0.summary.uploads == 200 })
            #expect(whole.recomputation == nil)
        }
    }

    @Test func `merge wants a folder for the whole`() async throws {
        try await withTemporaryFolder { folder in
            try save("shard-1", in: folder, shard(1, of: 1))
            let ending = try await Program.run(["merge", "shard-1"], in: folder)
            #expect(ending.status == 64 && ending.errors.contains("merge needs --output"))
        }
    }

    private func shell(_ script: String, in folder: URL) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = folder
        process.standardOutput = output
        try process.run()
        return String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }

    @Test func `a secret that is given to a run is in no file and on no screen`() async throws {
        try await withTemporaryFolder { folder in
            try Data(count: 1000).write(to: folder.appending(path: "one.bin"))
            let target = try ScriptedTarget(["fail=3"], in: folder)
            defer { target.kill() }
            let address = target.url.replacing("http://", with: "http://joe:s3cr3t@")
            let ending = try await Program.run(
                [
                    "run", "one.bin", "4", "--rounds", "1", "--warmup", "0", "--format", "all", "-o", "out",
                    "-H", "Authorization: Bearer s3cr3t", "--header=X-Api-Key: s3cr3t", "-H",
                    "Cookie: s3cr3t",
                    "--form", "password=s3cr3t", "--target", "a=\(address)?access_token=s3cr3t&page=1",
                    "--target", "b=\(target.url)",
                ],
                in: folder
            )
            #expect(!ending.output.contains("s3cr3t") && !ending.errors.contains("s3cr3t"))
            let count = try shell("find out -type f | wc -l", in: folder)
            #expect(
                (Int(count.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) > 20,
                "\(ending.errors)"
            )
            #expect(try shell("grep -rlaF s3cr3t out", in: folder).isEmpty)
            let packed = "find out -name '*.gz' -exec gzip -dc {} + | grep -aF s3cr3t"
            #expect(try shell(packed, in: folder).isEmpty)
            // What makes the run again is there all the same.
            let masked = try shell("grep -c 'access_token=\\*\\*\\*&page=1' out/run.json", in: folder)
            #expect(masked != "0\n")
        }
    }

    @Test func `a report that is made again leaves what is the same untouched`() async throws {
        try await withTemporaryFolder { folder in
            try save("run", in: folder)
            let list = "cd run && find . -type f -exec stat -c '%n %i %Y %Z' {} + | sort"
            func report() async throws {
                let ending = try await Program.run(["report", "run", "--format", "all"], in: folder)
                #expect(ending.status == 0, "\(ending.errors)")
            }
            try await report()
            let before = try shell(list, in: folder)
            #expect(before.count { $0 == "\n" } > 20)
            try await report()
            #expect(try shell(list, in: folder) == before)
            // Whatever was deleted or spoilt comes back, to the byte.
            let sums = "cd run && find . -type f -exec sha256sum {} + | sort"
            let whole = try shell(sums, in: folder)
            _ = try shell(
                "cd run && rm -r charts *.csv && echo spoilt > report.md && : > report.html",
                in: folder
            )
            try await report()
            #expect(try shell(sums, in: folder) == whole)
        }
    }

    /// A folder that moved must give every export to the byte, whatever the machine.
    @Test func `a run rebuilds its exports elsewhere to the byte`() async throws {
        try await withTemporaryFolder { folder in
            try save("here", in: folder)
            try save("there/deep/run", in: folder)
            for place in ["here", "there/deep/run"] {
                let ending = try await Program.run(
                    ["report", place, "--format", "all"],
                    environment: [
                        "LC_ALL": place == "here" ? "C" : "de_DE.UTF-8",
                        "TZ": place == "here" ? "UTC" : "Asia/Tokyo",
                    ],
                    in: folder
                )
                #expect(ending.status == 0, "\(ending.errors)")
            }
            let names = try FileManager.default.subpathsOfDirectory(
                atPath: folder.appending(path: "here").path()
            )
            #expect(names.count > 20)
            for name in names where name != "charts" {
                let (one, two) = ("here/\(name)", "there/deep/run/\(name)")
                let isSame = FileManager.default.contentsEqual(
                    atPath: folder.appending(path: one).path(),
                    andPath: folder.appending(path: two).path()
                )
                #expect(isSame, "\(name)")
            }
        }
    }

    /// Boxes instead of letters would be drawn with status "success".
    @Test func `without a font the report is whole but for the pictures, and says why`() async throws {
        try await withTemporaryFolder { folder in
            try save("run", in: folder)
            try "<fontconfig></fontconfig>".write(
                to: folder.appending(path: "none.conf"),
                atomically: true,
                encoding: .utf8
            )
            let ending = try await Program.run(
                ["report", "run", "--format", "png,svg,pdf,md"],
                environment: ["FONTCONFIG_FILE": folder.appending(path: "none.conf").path()],
                in: folder
            )
            #expect(ending.status == 0, "\(ending.errors)")
            let output = ending.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let warning =
                "no scalable font found: PNG and PDF were not drawn; apt-get install fonts-dejavu-core"
            #expect(output.contains(warning))
            let charts = try FileManager.default.contentsOfDirectory(
                atPath: folder.appending(path: "run/charts").path()
            )
            #expect(!charts.isEmpty && charts.allSatisfy { $0.hasSuffix(".svg") })
            let markdown = try String(
                contentsOf: folder.appending(path: "run/report.md"),
                encoding: .utf8
            )
            #expect(markdown.contains(warning))
            #expect(markdown.contains("charts/summary.svg"))
        }
    }
}
