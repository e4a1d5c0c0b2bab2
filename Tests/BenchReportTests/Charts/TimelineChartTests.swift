import BenchReport
import Measurements
import Testing

struct TimelineChartTests {
    @Test func `the words tell when replies came and what the probe waited`() {
        let chart = timeline()
        #expect(chart.title == "When uploads completed, and how long a probe waited")
        #expect(chart.subtitle == ["2 uploads sent at t = 0", "probe: GET /health every 10 ms"])
        #expect(
            chart.altText == """
                Timeline of 2 uploads sent at t = 0. blocking: 2 done from 0.50 s to 1.00 s, probe p50 186 ms · \
                p99 362 ms; async: no reply.
                """
        )
    }

    @Test func `without a probe there is no panel for it`() {
        var chart = timeline()
        let height = chart.displayList(measure: .fixedWidth).height
        chart.panels[0].probes = []
        #expect(chart.title == "When uploads completed")
        #expect(chart.subtitle == ["2 uploads sent at t = 0"])
        #expect(chart.displayList(measure: .fixedWidth).height < height - 66)
    }

    @Test func `dots lie at their time and their wait`() throws {
        let dots = dots(of: timeline(), radius: 2.2)
        let (first, last) = (try #require(dots.first), try #require(dots.last))
        // Uploads of one burst lie on a diagonal: both axes end at 1 s.
        #expect(dots.count == 2)
        let axis = timeline().displayList(measure: .fixedWidth).items.compactMap { item -> Double? in
            guard case .line(let from, _, let stroke) = item, stroke.color == .axis else { return nil }
            return from.x
        }
        let left = try #require(axis.first)
        #expect(abs((last.x - left) - 2 * (first.x - left)) < 0.01)
        #expect(first.y > last.y)
    }

    @Test func `of very many dots those on the same pixels are drawn once`() {
        var chart = timeline()
        chart.panels[0].probes = (0..<3000).map { .init(time: Double($0 % 10) / 10, wait: 0.1) }
        #expect(dots(of: chart, radius: 1.4).count == 10)
        chart.panels[0].probes = chart.panels[0].probes.suffix(2000)
        #expect(dots(of: chart, radius: 1.4).count == 2000)
    }

    @Test func `each upload is counted once among the completions`() {
        var chart = timeline()
        chart.panels[0].completions = (1...100).map { (Double($0) - 0.5) / 100 }
        let bars = chart.displayList(measure: .fixedWidth).items.compactMap { item -> Rectangle? in
            guard case .rectangle(let bar, .target(0), .plain) = item else { return nil }
            return bar
        }
        // 62 pixels are ten uploads.
        #expect(bars.count == 10)
        #expect(bars.allSatisfy { abs($0.height - 62) < 0.01 })
    }

    @Test func `the title tells how long the loop was blocked, and a target not watched has no panel`() {
        var chart = timeline()
        chart.threshold = 0.01
        chart.panels[0].loops = .init(
            blocks: [
                .init(wait: 0.4, parts: [.init(time: 0, wait: 0.4)]),
                .init(wait: 0.5, parts: [.init(time: 0.5, wait: 0.5)]),
            ],
            share: 0.9,
            worst: 0.5,
            blame: "IngestHandler.swift:61 ingestBlocking"
        )
        #expect(chart.title == "Event loop blocked in this round: blocking 90 %")
        #expect(chart.subtitle.contains("shaded: loop blocked ≥ 10 ms"))
        #expect(chart.altText.contains("event loop blocked 90 % · worst 500 ms"))
        let list = chart.displayList(measure: .fixedWidth)
        #expect(list.strings.count { $0 == "Loop blocks" || $0 == "Loop" } == 1)
        #expect(list.strings.contains("worst: IngestHandler.swift:61 ingestBlocking"))
        let shades = list.items.compactMap { item -> Rectangle? in
            guard case .rectangle(let area, .targetFaint(0), _) = item else { return nil }
            return area
        }
        let plots = shades.map(\.width)
        // The shades are as wide as the blocks are long.
        #expect(plots.count == 2 && abs(plots[0] / plots[1] - 0.8) < 0.01)
        let blocks = list.items.compactMap { item -> Rectangle? in
            guard case .rectangle(let area, .target(0), _) = item, area.y > shades[0].maxY + 110 else {
                return nil
            }
            return area
        }
        #expect(blocks.count == 2 && abs(blocks[0].height / blocks[1].height - 0.8) < 0.01)
    }

    @Test func `where no loop was blocked the title says so, and no empty frame is drawn`() {
        var chart = timeline()
        chart.panels[0].loops = .init(blocks: [], share: 0, worst: 0, blame: nil)
        #expect(chart.title == "Event loop blocked in this round: blocking 0 %")
        #expect(!chart.displayList(measure: .fixedWidth).strings.contains { $0.hasPrefix("Loop") })
    }

    @Test func `of a block with many places there is more to see than hairlines`() {
        var chart = timeline()
        let parts = (0..<500).map { TimelineChart.Mark(time: Double($0) / 500, wait: 1.0 / 500) }
        chart.panels[0].uploads = []
        chart.panels[0].completions = []
        chart.panels[0].loops = .init(blocks: [.init(wait: 1, parts: parts)], share: 1, worst: 1, blame: nil)
        let bars = chart.displayList(measure: .fixedWidth).items.compactMap { item -> Rectangle? in
            guard case .rectangle(let bar, .target(0), .plain) = item else { return nil }
            return bar
        }
        #expect((10...50).contains(bars.count))
        #expect(bars.dropLast().allSatisfy { $0.width > 7 })
    }

    @Test func `an axis that ends at a second is one of seconds`() {
        var chart = timeline()
        chart.panels[0].uploads = [.init(time: 0.95, wait: 0.95)]
        chart.panels[0].completions = [0.95]
        let strings = chart.displayList(measure: .fixedWidth).strings
        #expect(strings.contains("1.0 s"))
        #expect(!strings.contains { $0.contains("1000") })
    }

    @Test func `a block that goes on in another place is one block`() throws {
        var run = SampleLoops.run { $0.rounds = 1 }
        run.editRound = { round in
            func part(_ loop: Int32, _ start: Int64, _ duration: Int64) -> LoopBlockSample {
                LoopBlockSample(
                    loop: loop,
                    start: start * 1_000_000,
                    duration: duration * 1_000_000,
                    cpu: 0,
                    waiting: 0,
                    notScheduled: 0,
                    stack: loop
                )
            }
            let all = [part(0, 0, 100), part(0, 100, 200), part(1, 100, 20), part(0, 301, 50)]
            round.loops = LoopActivity(threshold: 10_000_000, watched: 2, notScheduled: 0, all: all)
        }
        let charts = ChartSet(of: run.document(), digest: nil).charts
        let chart = try #require(charts.lazy.compactMap { $0 as? TimelineChart }.first)
        let loops = try #require(chart.panels[0].loops)
        #expect(loops.blocks.map { Int(($0.wait * 1000).rounded()) } == [300, 20, 50])
        #expect(loops.blocks.map(\.parts.count) == [2, 1, 1])
        #expect(loops.blame == SampleLoops.places[0].blame)
    }

    @Test func `of very many uploads the slow ones and one a cell are drawn, and all are counted`() throws {
        var run = SampleRun(names: ["async"], uploads: 30_000, rounds: 1)
        run.hasStages = false
        run.hasProbe = false
        run.edit = { sample, _, _, place in
            sample.done = Int64(1 + place % 100) * 1_000_000 + (place < 200 ? 900_000_000 : 0)
        }
        let charts = ChartSet(of: run.document(), digest: nil).charts
        let chart = try #require(charts.lazy.compactMap { $0 as? TimelineChart }.first)
        #expect(chart.panels[0].completions.count == 30_000)
        // 100 times up to the p99, and the 200 slowest, which are beyond it.
        #expect(chart.panels[0].uploads.count == 200)
        #expect(chart.panels[0].uploads.allSatisfy { $0.wait > 0.9 })
        #expect(chart.panels[0].cells.count <= 100)
        #expect(chart.panels[0].cells.map(\.count).reduce(0, +) == 29_800)
        #expect(chart.subtitle.contains("dots: above p99"))
    }

    private func timeline() -> TimelineChart {
        TimelineChart(
            panels: [
                .init(
                    name: "blocking",
                    uploads: [.init(time: 1, wait: 1), .init(time: 0.5, wait: 0.5)],
                    probes: [.init(time: 0, wait: 0.186), .init(time: 0.01, wait: 0.362)],
                    probeWait: .init(p50: 0.186, p99: 0.362)
                ),
                .init(name: "async", uploads: [], probes: [], probeWait: nil),
            ],
            probe: "probe: GET /health every 10 ms",
            load: ["2 uploads sent at t = 0"],
            frame: ChartSamples.frame
        )
    }

    private func dots(of chart: TimelineChart, radius: Double) -> [Point] {
        chart.displayList(measure: .fixedWidth).items.compactMap { item in
            guard case .dot(let center, radius, .circle, .target(0)) = item else { return nil }
            return center
        }
    }
}
