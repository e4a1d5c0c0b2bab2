import BenchReport
import Testing

struct SummaryWordsTests {
    typealias Samples = ChartSamples

    @Test func `the title says what got worse`() {
        #expect(
            Samples.summary().title == "async vs blocking: throughput +28 %, p99 −22 % — but p50 +25 %"
        )
    }

    @Test func `a loss in the headline is not told twice`() {
        let changes = [
            Samples.change("throughput", -0.031, .worse), Samples.change("p99", 0.12, .worse),
            Samples.change("max", 3.2, .worse),
        ]
        #expect(
            Samples.summary(changes: changes).title
                == "async vs blocking: throughput −3.1 %, p99 +12 % — but max +320 %"
        )
    }

    @Test func `what did not change has no number in the title`() {
        let changes = [
            Samples.change("throughput", 0.004, .unchanged, verdict: "equivalent"),
            Samples.change("p99", 0.03, .unchanged),
        ]
        #expect(
            Samples.summary(changes: changes).title
                == "async vs blocking: throughput equivalent, no clear change in p99"
        )
    }

    @Test func `what did not change alike is told once`() {
        let changes =
            ["throughput", "p99"].map { Samples.change($0, 0.004, .unchanged) } + [
                Samples.change("p50", 0.6, .worse)
            ]
        #expect(
            Samples.summary(changes: changes).title
                == "async vs blocking: no clear change in throughput and p99 — but p50 +60 %"
        )
    }

    @Test func `without intervals the title says so and names what looks worse`() {
        var chart = Samples.summary(
            changes: [("throughput", 0.284), ("p50", 0.253), ("p95", 0.002), ("p99", -0.217)].map {
                Samples.change($0.0, $0.1, .unchanged, verdict: "no interval", hasInterval: false)
            }
        )
        chart.rounds = 3
        chart.throughput.levels = [.init(value: 26.5), .init(value: 33.7)]
        for index in chart.times.indices {
            chart.times[index].levels = [.init(value: 2), .init(value: 3)]
        }
        #expect(
            chart.title
                == "async vs blocking: throughput +28 %, p99 −22 % — but p50 +25 % (3 rounds, no interval)"
        )
        #expect(chart.subtitle.contains("no intervals below 6 rounds"))
    }

    @Test func `failures come before any number`() {
        var chart = Samples.summary()
        chart.comparisons[0].obstacle = "async failed 37 of 1000 uploads, blocking 0 of 1000"
        #expect(
            chart.title
                == "async vs blocking: not comparable, async failed 37 of 1000 uploads, blocking 0 of 1000"
        )
    }

    @Test func `several candidates share a title`() {
        var chart = Samples.summary()
        chart.targets.append("v2")
        chart.comparisons.append(.init(target: 2, changes: [Samples.change("throughput", 1.5)]))
        #expect(
            chart.title == "Throughput vs blocking: async +28 %, v2 +150 % — but async p50 +25 %"
        )
    }

    @Test func `a single target has levels in its title`() {
        var chart = Samples.summary()
        chart.targets = ["blocking"]
        chart.comparisons = []
        #expect(chart.title == "blocking: 26.5 uploads per second, p99 3.73 s")
        chart.throughput.levels = [nil]
        chart.times = []
        #expect(chart.title == "blocking: no upload succeeded")
    }

    @Test func `the alternative text gives every number`() {
        #expect(
            Samples.summary().altText == """
                Bar chart. async vs blocking, 100 uploads at once of a 945 kB PDF, 10 rounds: \
                throughput 33.7 vs 26.5 req/s (+28.4 %, CI +26.4 to +31.4, better), \
                p50 2.41 vs 1.90 s (+25.3 %, CI +23.3 to +28.3, worse), \
                p99 2.96 vs 3.73 s (−21.7 %, CI −23.7 to −18.7, better), \
                probe p99 9.65 vs 362 ms (−97.4 %, CI −99.4 to −94.4, better).
                """
        )
    }

    @Test func `a lower bound and a thin number are marked`() {
        var chart = Samples.summary()
        chart.times[0].levels = [.init(value: 120, isLowerBound: true), .init(value: 2.41, isThin: true)]
        let strings = chart.displayList(measure: .fixedWidth).strings
        #expect(strings.contains("≥120"))
        #expect(strings.contains("~2.41"))
        #expect(chart.altText.contains("p50 2.41 vs ≥ 120 s"))
    }

    @Test(arguments: [
        ([0.284, -0.2], ["−20 %", "0", "+30 %"]),
        ([0.1, -0.974], ["−100 %", "0"]),
        ([0.967, -0.996], ["−100 %", "−50 %", "0", "+50 %"]),
        ([0.001], ["−2 %", "0", "+3 %"]),
        ([3.12, -0.974], ["−90 %", "−75 %", "0", "+300 %"]),
        ([120], ["0", "+900 %", "+9900 %"]),
    ])
    func `the axis of changes covers them all, by factors once one is large`(
        estimates: [Double],
        ticks: [String]
    ) {
        let chart = Samples.summary(changes: estimates.map { Samples.change("throughput", $0) })
        let strings = chart.displayList(measure: .fixedWidth).strings
        let isTick = Set(ticks)
        #expect(Set(strings.filter { isTick.contains($0) }) == isTick)
        #expect(strings.contains { $0.hasSuffix("log scale") } == (estimates[0] > 1.6))
    }

    /// At the end of a long whisker a number would seem to be that end's.
    @Test(arguments: [(1.1, 0.95), (3.0, 0.95)])
    func `a bar's number stands above its interval, and at the bar where that is long`(
        high: Double,
        low: Double
    ) throws {
        var chart = Samples.summary()
        chart.times = [chart.times[0]]
        chart.times[0].levels = [Samples.level(1, low, high), Samples.level(2, 1.9, 3)]
        let list = chart.displayList(measure: .fixedWidth)
        let text = try #require(list.texts.first { $0.string == "1.00" })
        let bar = try #require(
            list.items.lazy.compactMap { item -> Rectangle? in
                guard case .rectangle(let bar, .target(0), .rising) = item, bar.height > 20 else {
                    return nil
                }
                return bar
            }.first
        )
        let rise = bar.height * (high - 1)
        #expect(abs(bar.y - text.position.y - (rise <= 18 ? rise + 5 : 5)) < 0.01)
        // A whisker that passes does not strike the number out.
        let isCleared = list.items.contains { item in
            guard case .rectangle(let area, .background, _) = item else { return false }
            return (area.x...area.maxX).contains(text.position.x)
                && (area.y...area.maxY).contains(text.position.y)
        }
        #expect(isCleared == (rise > 18))
    }
}
