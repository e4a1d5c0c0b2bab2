import BenchReport
import Measurements
import Testing

struct LoopExportTests {
    /// A folder with the exports of a run.
    static func export(
        _ document: RunDocument,
        _ formats: Set<RunExport.Format>
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let export = RunExport(to: ResultsFolder(at: folder.path, files: .real), formats: formats) {
            "\($0.count)"
        }
        let outcome = try export.write(document, rescue: folder.path)
        #expect(outcome.failures.isEmpty)
        return folder
    }

    private static func small(_ change: (inout SampleRun) -> Void = { _ in }) -> RunDocument {
        SampleLoops.run { run in
            run.uploads = 4
            run.rounds = 6
            change(&run)
        }.document()
    }

    @Test func `a row of rounds.csv holds the share, the longest block and their number`() throws {
        let document = Self.small()
        let rows = CSVRows.parse(try Self.export(document, [.csv]).text("rounds.csv"))
        #expect(Array(rows[0][22...24]) == ["loop_blocked", "loop_worst_s", "loop_blocks"])
        for (row, round) in zip(rows.dropFirst(), document.rounds) {
            let loops = try #require(round.record.loops)
            #expect(Double(row[22]) == loops.blockedShare(of: round.record.makespan))
            #expect(Double(row[23]) == Double(loops.worst) / 1e9)
            #expect(row[24] == String(loops.count))
        }
    }

    @Test func `loop-blocks.csv holds the blocks of measured rounds and their places`() throws {
        let document = Self.small { run in
            run.editRound = { round in
                SampleLoops.watch(&round)
                guard round.target == "async" else { return }
                round.loops?.blocks[0].cpu = Sample.absent
                round.loops?.blocks[1].stack = LoopBlockSample.noStack
            }
        }
        let rows = CSVRows.parse(try Self.export(document, [.csv]).text("loop-blocks.csv"))
        #expect(
            rows[0].joined(separator: ",")
                == "run_id,round,target,concurrency,loop,start_ns,duration_ns,cpu_ns,waiting_ns,not_scheduled_ns,"
                + "blame,callee"
        )
        #expect(rows.count == 6 * 43 + 1 && rows.allSatisfy { $0.count == 12 })
        let first = try #require(
            document.rounds.first { !$0.record.isWarmup && $0.record.target == "blocking" }
        )
        let block = try #require(first.record.loops?.blocks.first)
        let row = try #require(rows.first { $0[2] == "blocking" })
        #expect(row[1] == "0" && row[3] == "4" && row[4] == "0" && row[9] == "0")
        #expect(row[5...8].map { Int64($0) } == [block.start, block.duration, block.cpu, block.waiting])
        #expect(Array(row[10...]) == ["IngestHandler.swift:61 ingestBlocking", "extract"])
        let async = rows.filter { $0[2] == "async" }
        #expect(async[0][7] == "" && async[0][10] == "MultipartReader.swift:120 nextPart")
        #expect(Array(async[1][10...]) == ["", ""])
    }

    @Test func `a run that nobody watched leaves no loop-blocks.csv and empty columns`() throws {
        var run = SampleRun()
        run.uploads = 4
        run.rounds = 6
        let folder = try Self.export(run.document(), [.csv, .md])
        #expect(!(try folder.names().contains("loop-blocks.csv")))
        let rows = CSVRows.parse(try folder.text("rounds.csv"))
        #expect(rows.dropFirst().allSatisfy { $0[22...24].allSatisfy(\.isEmpty) })
        #expect(!(try folder.text("report.md").lowercased().contains("loop")))
    }

    @Test func `summary.csv holds both metrics of loops with their differences`() throws {
        let rows = CSVRows.parse(try Self.export(Self.small(), [.csv]).text("summary.csv"))
        let loops = rows.filter { $0[2] == "async" && $0[8].hasPrefix("loop.") }
        #expect(
            loops.map { [$0[8], $0[9], $0[10]] } == [
                ["loop.blocked", "ratio", "lower"], ["loop.worst", "s", "lower"],
            ]
        )
        #expect(loops.allSatisfy { Double($0[17]) != nil && Double($0[18]) != nil && $0[21].isEmpty })
    }

    @Test func `the Markdown report tells share and longest block in one row, and where`() throws {
        let lines = try Self.export(SampleLoops.run().document(), [.md]).text("report.md")
            .split(separator: "\n").map(String.init)
        #expect(
            lines.filter { $0.hasPrefix("| Loop") } == [
                "| Loop blocked | 99 %, longest 113 ms | 1.2 %, longest 13.9 ms | **−97.8 points** | better |"
            ]
        )
        let start = try #require(lines.firstIndex { $0.contains("Where the loop was blocked") })
        #expect(lines[start] == "<details><summary>Where the loop was blocked</summary>")
        #expect(
            Array(lines[(start + 1)...(start + 6)]) == [
                "| target | where | share | count | longest |",
                "| :-- | :-- | --: | --: | --: |",
                "| blocking | `IngestHandler.swift:61 ingestBlocking` → `extract` | 61 % | 200 | 113 ms |",
                "| blocking | `IngestHandler.swift:74 ingestBlocking` → `put` | 39 % | 200 | 73.5 ms |",
                "| async | `MultipartReader.swift:120 nextPart` | 100 % | 30 | 13.9 ms |",
                "</details>",
            ]
        )
    }

    @Test func `hostile frames break no export`() throws {
        let name = "<script>|\"=1+1`\u{1B}[2J\n`` \\|"
        let document = Self.small { run in
            run.stacks[0] = BlockedPlace(blame: name, callee: name, frames: [name])
        }
        let folder = try Self.export(document, [.csv, .md])
        let rows = CSVRows.parse(try folder.text("loop-blocks.csv"))
        #expect(rows.count == 6 * 43 + 1 && rows.allSatisfy { $0.count == 12 })
        #expect(rows.contains { $0[10] == name && $0[11] == name })
        let report = try folder.text("report.md")
        #expect(!report.contains("<script>") && !report.contains("\u{1B}"))
        let hostile = report.split(separator: "\n").filter { $0.contains("script") && $0.hasPrefix("|") }
        #expect(hostile.count == 1)
        #expect(
            hostile.first?.replacing("\\\\", with: "").replacing("\\|", with: "").count { $0 == "|" } == 6
        )
        let text = TextReport(of: document, style: TerminalStyle(), checks: [], written: nil).text
        #expect(!text.contains("\u{1B}"))
    }
}
