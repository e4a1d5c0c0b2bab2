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
        #expect(abs((last.x - 70) - 2 * (first.x - 70)) < 0.01)
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
        chart.panels[0].uploads = (1...100).map { .init(time: Double($0) / 100, wait: 1) }
        let bars = chart.displayList(measure: .fixedWidth).items.compactMap { item -> Rectangle? in
            guard case .rectangle(let bar, .target(0), .plain) = item else { return nil }
            return bar
        }
        // 66 pixels are ten uploads.
        let uploads = bars.map(\.height).reduce(0, +) / 6.6
        #expect(bars.count == 20)
        #expect(abs(uploads - 100) < 0.01)
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
