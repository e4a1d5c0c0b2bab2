import BenchReport
import Measurements

/// Charts with given numbers, for tests of words and layout.
enum ChartSamples {
    static let frame = ChartFrame(
        origin: ["ingest-bench 0.1.0", "2026-11-22 15:40 UTC", "AMD EPYC × 2 cores", "Linux 6.18"],
        command: "$ ingest-bench run sample.pdf 100"
    )

    static func level(_ value: Double, _ low: Double, _ high: Double) -> SummaryChart.Level {
        SummaryChart.Level(value: value, interval: low...high)
    }

    static func change(
        _ name: String,
        _ estimate: Double,
        _ tone: SummaryChart.Change.Tone = .better,
        verdict: String? = nil,
        hasInterval: Bool = true
    ) -> SummaryChart.Change {
        SummaryChart.Change(
            metric: Metric(name: name) ?? .throughput,
            estimate: estimate,
            interval: hasInterval ? (estimate - 0.02)...(estimate + 0.03) : nil,
            tone: tone,
            verdict: verdict ?? (tone == .unchanged ? "no clear change" : tone.rawValue)
        )
    }

    /// A picture with a title, and where it comes from.
    ///
    /// - Parameters:
    ///   - title: The title.
    ///   - digest: What the run's document hashes to.
    /// - Returns: Both.
    static func titled(_ title: String, digest: String? = nil) -> (list: DisplayList, origin: ChartOrigin) {
        var list = summary().displayList(measure: .fixedWidth)
        list.title = title
        list.altText = "Bar chart."
        let origin = ChartOrigin(
            software: "ingest-bench 0.1.0",
            command: "ingest-bench run sample.pdf 100",
            digest: digest,
            date: "2026-11-22T15:40:00Z"
        )
        return (list, origin)
    }

    /// Async against blocking, where the tail gains and the median loses.
    static func summary(changes: [SummaryChart.Change]? = nil) -> SummaryChart {
        func group(_ name: String, _ levels: [SummaryChart.Level]) -> SummaryChart.BarGroup {
            let metric = Metric(name: name) ?? .throughput
            return SummaryChart.BarGroup(
                metric: metric,
                label: metric == .throughput ? "req/s" : name.hasPrefix("probe") ? "GET /health" : name,
                levels: levels
            )
        }
        let changes =
            changes ?? [
                change("throughput", 0.284), change("p50", 0.253, .worse), change("p99", -0.217),
                change("probe.p99", -0.974),
            ]
        return SummaryChart(
            targets: ["blocking", "async"],
            load: "100 uploads at once of a 945 kB PDF",
            rounds: 10,
            times: [
                group("p50", [level(1.9, 1.88, 1.98), level(2.41, 2.35, 2.42)]),
                group("p99", [level(3.73, 3.67, 3.86), level(2.96, 2.9, 2.98)]),
            ],
            throughput: group("throughput", [level(26.5, 25.7, 27.3), level(33.7, 33.4, 34.5)]),
            probe: group("probe.p99", [level(0.362, 0.32, 0.408), level(0.00965, 0.0063, 0.013)]),
            comparisons: [SummaryChart.Comparison(target: 1, changes: changes)],
            notes: ["Percentiles are nearest-rank."],
            frame: frame
        )
    }

    /// Four uploads, one after the other at the first target, two at a time at the second.
    static let waterfall = WaterfallChart(
        panels: [
            WaterfallChart.Panel(name: "blocking", rows: (1...4).map { row(0.5 * Double($0), 0.5) }),
            WaterfallChart.Panel(name: "async", rows: [0.6, 0.6, 1.2, 1.2].map { row($0, 0.6) }),
        ],
        stages: .server(["PDF work", "storage"]),
        load: ["4 uploads sent at t = 0", "round 3 of 10"],
        frame: frame
    )

    private static func row(_ done: Double, _ service: Double) -> WaterfallChart.Row {
        let middle = done - 0.2
        return WaterfallChart.Row(
            sent: 0,
            done: done,
            work: [
                .init(stage: 0, start: done - service, end: middle),
                .init(stage: 1, start: middle, end: done),
            ],
            isOK: true
        )
    }
}

extension DisplayList {
    /// All texts, in the order drawn.
    var texts: [TextLine] {
        items.compactMap { item in
            guard case .text(let line) = item else { return nil }
            return line
        }
    }

    var strings: [String] { texts.map(\.string) }
}
