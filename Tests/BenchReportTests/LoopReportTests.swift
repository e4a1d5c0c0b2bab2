import BenchReport
import Measurements
import Testing

struct LoopAnalysisTests {
    private func result(_ metric: Metric, of target: String, _ run: SampleRun) -> MetricResult? {
        run.document().result(metric, of: target, at: run.load)
    }

    @Test func `a blocked share has a level, and its change is a difference`() throws {
        let run = SampleLoops.run()
        let blocking = try #require(result(.loopBlocked, of: "blocking", run))
        let async = try #require(result(.loopBlocked, of: "async", run))
        #expect(abs(blocking.level.value - 0.99) < 1e-4)
        #expect(blocking.level.low != nil && blocking.change == nil)
        let change = try #require(async.change)
        #expect(change.kind == .difference && change.ratioOfMedians == nil && async.unpaired == nil)
        #expect(abs(change.estimate - (async.level.value - blocking.level.value)) < 0.001)
        #expect(change.verdict == .better)
    }

    @Test func `the longest block is compared in seconds, against 1 % of the baseline's`() throws {
        let run = SampleLoops.run()
        let blocking = try #require(result(.loopWorst, of: "blocking", run))
        let change = try #require(result(.loopWorst, of: "async", run)?.change)
        #expect(change.kind == .difference && change.verdict == .better)
        #expect(change.noise == 0.01 * blocking.level.value)
        #expect(change.estimate < 0 && change.estimate > -blocking.level.value)
    }

    @Test func `a round that nobody watched takes the level, and the change of both targets`() {
        let run = SampleLoops.run { run in
            run.editRound = { round in
                SampleLoops.watch(&round)
                if round.target == "async", round.index == 4, !round.isWarmup { round.loops = nil }
            }
        }
        #expect(result(.loopBlocked, of: "async", run) == nil)
        #expect(result(.loopWorst, of: "async", run) == nil)
        #expect(result(.loopBlocked, of: "blocking", run) != nil)
        let reversed = SampleLoops.run { run in
            run.editRound = { round in
                SampleLoops.watch(&round)
                if round.target == "blocking", round.index == 4, !round.isWarmup { round.loops = nil }
            }
        }
        #expect(result(.loopBlocked, of: "blocking", reversed) == nil)
        #expect(result(.loopBlocked, of: "async", reversed)?.level != nil)
        #expect(result(.loopBlocked, of: "async", reversed)?.change == nil)
    }

    @Test func `a warm-up that nobody watched takes nothing`() {
        let run = SampleLoops.run { run in
            run.editRound = { round in
                if !round.isWarmup { SampleLoops.watch(&round) }
            }
        }
        #expect(result(.loopBlocked, of: "async", run)?.change != nil)
    }

    @Test(arguments: [Metric.loopBlocked, .loopWorst])
    func `a metric of loops is found by its name`(_ metric: Metric) {
        #expect(Metric(name: metric.name) == metric)
    }

    @Test(arguments: [
        (1, 200_000_000, "the loop of async was runnable but not scheduled for 20 % of the run; "),
        (2, 300_000_000, "the loops of async were runnable but not scheduled for 15 % of the run; "),
    ])
    func `a loop that was not scheduled is warned of`(
        _ watched: Int,
        _ notScheduled: Int,
        _ start: String
    ) throws {
        let warnings = starved(watched: watched, notScheduled: Int64(notScheduled))
        #expect(warnings.map(\.text) == [start + "that time is not counted as blocked"])
        #expect(warnings.map(\.severity) == [.warning])
        #expect(warnings.map(\.target) == ["async"])
    }

    @Test func `a debugger is warned of, also by a report that is made again`() throws {
        let run = SampleLoops.run { run in
            run.editRound = { round in
                SampleLoops.watch(&round)
                round.loops?.isTraced = round.target == "blocking" && round.index == 3 && !round.isWarmup
            }
        }
        let document = run.document()
        let expected = [ReportWarning(.traced, text: "a debugger is attached; pauses count as loop blocks")]
        #expect(document.warnings.filter { $0.code == .traced } == expected)
        #expect(expected[0].severity == .warning)
        let read = try RunDocument(json: try document.json())
        #expect(read == document && read.warnings == document.warnings)
        #expect(SampleLoops.run().document().warnings.allSatisfy { $0.code != .traced })
    }

    @Test func `a loop that was not scheduled for 5 % of each round is not warned of`() {
        #expect(starved(watched: 1, notScheduled: 50_000_000).isEmpty)
    }

    /// The warnings of a run whose loops had no processor for a part of each second.
    private func starved(watched: Int, notScheduled: Nanoseconds) -> [ReportWarning] {
        let run = SampleLoops.run { run in
            run.editRound = { round in
                round.makespan = 1_000_000_000
                let waited = round.target == "async" ? notScheduled : 0
                round.loops = LoopActivity(threshold: 1, watched: watched, notScheduled: waited, all: [])
            }
        }
        return run.document().warnings.filter { $0.code == .notScheduled }
    }
}

struct LoopReportTests {
    private func text(_ run: SampleRun, _ style: TerminalStyle = TerminalStyle()) -> String {
        TextReport(of: run.document(), style: style, checks: [], written: nil).text
    }

    /// The lines of a report that begin with one of some words.
    private func lines(_ text: String, _ words: String...) -> [String] {
        text.split(separator: "\n").map(String.init).filter { line in words.contains { line.hasPrefix($0) } }
    }

    @Test func `the table tells what share was blocked and how long at worst`() {
        let lines = lines(text(SampleLoops.run()), "Probe max", "Loop", "  longest")
        #expect(
            lines == [
                "Probe max ms      370 ±4      8.48 ±0.04  −97.7 %  −97.7 … −97.7  ▲ better",
                "Loop blocked      99 %        1.2 %       −97.8 points            ▲ better",
                "  longest ms      113         13.9",
            ]
        )
    }

    @Test func `where the loop was blocked stands under the verdict, the place that took most first`() {
        let report = text(SampleLoops.run())
        let section = """
            Where the loop was blocked (blocking)             share   count  longest
              IngestHandler.swift:61 ingestBlocking → extract  61 %     200   113 ms
              IngestHandler.swift:74 ingestBlocking → put      39 %     200  73.5 ms

            Where the loop was blocked (async)    share   count  longest
              MultipartReader.swift:120 nextPart  100 %      30  13.9 ms

            Warnings
            """
        #expect(report.contains("instead of 368 ms.\n\n" + section), "\(report)")
    }

    @Test func `a target that was hardly blocked has no such list, and one that nobody watched no row`() {
        let brief = SampleLoops.run { run in
            run.editRound = { round in
                SampleLoops.watch(&round)
                if round.target == "async" { round.loops?.blocked = round.makespan / 100 }
            }
        }
        #expect(lines(text(brief), "Where").count == 1)
        let blind = SampleLoops.run { run in
            run.editRound = { round in
                SampleLoops.watch(&round)
                if round.target == "async" { round.loops = nil }
            }
        }
        #expect(lines(text(blind), "Loop blocked") == ["Loop blocked      99 %"])
        #expect(!text(SampleRun()).contains("Loop") && !text(SampleRun()).contains("Where"))
    }

    @Test func `three places stand on a terminal, ten in Markdown, and shares are of all blocked time`()
        throws
    {
        let run = SampleLoops.run { run in
            run.names = ["blocking"]
            run.stacks = (0..<12).map { BlockedPlace(blame: nil, callee: "place\($0)", frames: []) }
            run.editRound = { round in
                let blocks = (0..<13).map { place in
                    LoopBlockSample(
                        loop: 0,
                        start: Int64(place) * 100_000_000,
                        duration: 50_000_000 - Int64(place) * 1_000_000,
                        cpu: 0,
                        waiting: 0,
                        notScheduled: 0,
                        stack: Int32(place == 12 ? -1 : place)
                    )
                }
                round.loops = LoopActivity(threshold: 1, watched: 1, notScheduled: 0, all: blocks)
                round.loops?.blocked = 1_000_000_000
                round.loops?.count = 20
                round.loops?.truncated = 7
            }
        }
        #expect(
            lines(text(run), "  place") == [
                "  place0                                5 %      10  50.0 ms",
                "  place1                                5 %      10  49.0 ms",
                "  place2                                5 %      10  48.0 ms",
            ]
        )
        let report = try LoopExportTests.export(run.document(), [.md]).text("report.md")
        #expect(report.split(separator: "\n").count { $0.contains("| `place") } == 10)
    }

    @Test func `a block without a stack is told as such`() {
        let run = SampleLoops.run { run in
            run.stacks = []
            run.editRound = { round in
                SampleLoops.watch(&round)
                guard var loops = round.loops else { return }
                for index in loops.blocks.indices { loops.blocks[index].stack = LoopBlockSample.noStack }
                round.loops = loops
            }
        }
        #expect(lines(text(run), "  place not known").count == 2)
    }

    @Test(arguments: [60, 66, 72, 80, 100], [true, false])
    func `no line about loops is wider than the terminal`(_ width: Int, _ isUnicode: Bool) {
        for names in [["blocking"], ["blocking", "async"], ["blocking", "a-candidate-of-24-letters", "c"]] {
            let run = SampleLoops.run { run in
                run.names = names
                run.uploads = 20
                run.stacks[0].callee = "aFunction(of:someRatherLong:argumentLabels:thatGoOnAndOn:)"
            }
            let lines = text(run, TerminalStyle(width: width, isUnicode: isUnicode)).split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= width }, "\(names)")
            #expect(lines.contains { $0.hasPrefix("Where the loop was blocked (blocking)") })
            #expect(isUnicode || lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
        }
    }
}
