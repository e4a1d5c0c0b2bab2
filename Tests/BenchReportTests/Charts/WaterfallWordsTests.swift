import BenchReport
import Measurements
import Testing

struct WaterfallWordsTests {
    @Test func `the title says how many uploads are served at once`() {
        #expect(
            ChartSamples.waterfall.title == "blocking serves one upload at a time; async overlaps 2"
        )
        #expect(
            ChartSamples.waterfall.altText == """
                Waterfall of 4 uploads. blocking serves one at a time, first reply 0.50 s, last 2.00 s; \
                async serves up to 2 at once, first reply 0.60 s, last 1.20 s.
                """
        )
    }

    @Test func `targets that all overlap are listed with their numbers`() {
        var chart = ChartSamples.waterfall
        chart.panels.swapAt(0, 1)
        #expect(chart.title == "In service at once: async 2, blocking 1")
    }

    @Test func `a faster candidate's panel shows when the baseline is done`() {
        var chart = ChartSamples.waterfall
        chart.panels[0].name = "old"
        #expect(chart.displayList(measure: .fixedWidth).strings.contains("old: 2.00 s"))
        chart.panels.swapAt(0, 1)
        #expect(!chart.displayList(measure: .fixedWidth).strings.contains { $0.hasPrefix("async: ") })
        // Too long a name for the space between the two ends.
        chart.panels.swapAt(0, 1)
        chart.panels[0].name = "the-baseline-of-all"
        #expect(
            !chart.displayList(measure: .fixedWidth).strings.contains { $0.hasPrefix("the-baseline-of-all:") }
        )
    }

    @Test func `only stages that were seen are explained`() {
        var chart = ChartSamples.waterfall
        #expect(chart.subtitle.suffix(3) == ["pale: waiting", "dark: PDF work", "mid: storage"])
        for panel in chart.panels.indices {
            for row in chart.panels[panel].rows.indices {
                chart.panels[panel].rows[row].work.removeAll { $0.stage == 1 }
            }
        }
        #expect(chart.subtitle.suffix(2) == ["pale: waiting", "dark: PDF work"])
    }

    @Test func `a server that tells no stages is judged by its replies`() throws {
        var run = SampleRun()
        run.hasStages = false
        let charts = ChartSet(of: run.document(), digest: nil).charts
        let waterfall = try #require(charts.dropFirst().first as? WaterfallChart)
        #expect(waterfall.stages == .client)
        #expect(waterfall.title.hasPrefix("blocking replies from "))
        #expect(waterfall.subtitle.contains("dark: receiving it"))
    }

    @Test func `the waterfall names the round it is from`() throws {
        var run = SampleRun()
        run.rounds = 6
        run.editRound = { round in
            // The lower median of six makespans is the third: that of block 4.
            guard !round.isWarmup else { return }
            round.makespan = [60, 50, 40, 10, 30, 20][round.index] * 1_000_000_000
        }
        let charts = ChartSet(of: run.document(), digest: nil).charts
        let waterfall = try #require(charts.dropFirst().first as? WaterfallChart)
        #expect(waterfall.load == ["100 uploads sent at t = 0", "round 5 of 6"])
    }

    @Test func `failed uploads are marked and are no replies`() throws {
        var run = SampleRun()
        run.edit = { sample, target, _, place in
            guard target == 1, place < 3 else { return }
            sample.outcome = .status
            sample.status = 500
        }
        let charts = ChartSet(of: run.document(), digest: nil).charts
        let list = try #require(charts.dropFirst().first).displayList(measure: .fixedWidth)
        #expect(list.strings.contains { $0.hasSuffix(" · 3 failed") })
        #expect(list.strings.contains { $0.contains("diamond: failed") })
        let marks = list.items.count { item in
            if case .dot = item { true } else { false }
        }
        #expect(marks == 3)
    }
}
