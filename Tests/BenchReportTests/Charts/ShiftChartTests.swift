import BenchReport
import Measurements
import Testing

struct ShiftChartTests {
    @Test func `fast uploads that lose what slow ones gain are told apart`() throws {
        let chart = try #require(shift(of: SampleRun()))
        #expect(chart.title == "Response time at every decile, async minus blocking")
        let deciles = try #require(chart.panels.first?.deciles)
        #expect(deciles.map(\.tenth) == Array(1...9))
        // Async replies from 1.8 s to 3 s, blocking from 0 s to 3.7 s.
        #expect(deciles[0].interval.lowerBound > 1)
        #expect(deciles[8].interval.upperBound < 0)
        let dots = chart.displayList(measure: .fixedWidth).items.compactMap { item -> ColorRole? in
            guard case .dot(_, _, _, let color) = item else { return nil }
            return color
        }
        #expect(dots.first == .worse)
        #expect(dots.last == .better)
    }

    @Test func `a difference whose interval holds zero is neither better nor worse`() throws {
        let decile = ShiftChart.Decile(tenth: 5, difference: 0.01, interval: -0.01...0.02)
        let panel = ShiftChart.Panel(candidate: "async", target: 1, deciles: [decile])
        let chart = ShiftChart(baseline: "blocking", panels: [panel], rounds: 10, frame: ChartSamples.frame)
        let list = chart.displayList(measure: .fixedWidth)
        #expect(list.texts.first { $0.string == "+10.0" }?.color == .unchanged)
        #expect(
            chart.altText
                == "Differences of response time to blocking by decile, 10 rounds. async: p50 +10.0 ms."
        )
    }

    @Test(arguments: [0.01, 0.4])
    func `a number stands beyond its interval, and beside its mark where that is long`(half: Double) throws {
        let deciles = (1...9).map { tenth in
            ShiftChart.Decile(tenth: tenth, difference: 0.5, interval: (0.5 - half)...(0.5 + half))
        }
        let panel = ShiftChart.Panel(candidate: "async", target: 1, deciles: deciles)
        let chart = ShiftChart(baseline: "blocking", panels: [panel], rounds: 10, frame: ChartSamples.frame)
        let list = chart.displayList(measure: .fixedWidth)
        let text = try #require(list.texts.first { $0.string == "+500" })
        let mark = try #require(
            list.items.lazy.compactMap { item -> Point? in
                guard case .dot(let center, _, _, _) = item else { return nil }
                return center
            }.first
        )
        #expect(text.anchor == (half > 0.1 ? .start : .middle))
        #expect(abs(text.position.y - mark.y) < 20)
        #expect(list.texts.last { $0.string == "+500" }?.anchor == (half > 0.1 ? .end : .middle))
        // The axis ends where the longest interval does.
        #expect(!list.strings.contains("+1000 ms"))
    }

    @Test(arguments: [1, 5])
    func `too few rounds have no shift`(rounds: Int) {
        #expect(shift(of: SampleRun(rounds: rounds)) == nil)
    }

    @Test func `a single target has no shift`() {
        #expect(shift(of: SampleRun(names: ["blocking"])) == nil)
    }

    private func shift(of run: SampleRun) -> ShiftChart? {
        ChartSet(of: run.document(), digest: nil).charts.lazy.compactMap { $0 as? ShiftChart }.first
    }
}
