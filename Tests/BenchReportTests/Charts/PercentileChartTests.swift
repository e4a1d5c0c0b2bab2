import BenchReport
import Measurements
import Testing

struct PercentileChartTests {
    /// Of thirty uploads no rank is at 95 %: a mark once stood beside its curve.
    @Test func `every mark lies on its curve`() throws {
        let charts = ChartSet(of: SampleRun(uploads: 30).document(), digest: nil).charts
        let chart = try #require(charts.lazy.compactMap { $0 as? PercentileChart }.first)
        for curve in chart.curves {
            #expect(curve.marks.map(\.name) == ["p50", "p95"])
            for mark in curve.marks { #expect(curve.median.contains(mark.quantile)) }
        }
    }

    @Test func `the title says up to where the candidate waits longer`() throws {
        let chart = try #require(Self.chart(of: SampleRun()))
        // Async replies from 1.8 s to 3 s, blocking from 0 s to 3.7 s: they cross at 1.8 / (3.7 − 1.2) of all.
        let turn = try #require(chart.title.firstMatch(of: /up to p(\d+),/)?.1)
        #expect(chart.title == "async waits longer up to p\(turn), less from there on")
        #expect((70...76).contains(Int(turn) ?? 0))
        let texts = chart.displayList(measure: .fixedWidth).strings
        #expect(texts.contains("curves cross near p\(turn)"))
        #expect(texts.contains("left: blocking faster · right: async faster"))
    }

    @Test func `the mirrored title says up to where it waits less`() throws {
        var run = SampleRun()
        run.names = ["async", "blocking"]
        run.edit = { sample, target, _, place in
            // The first target replies in the second half of a round, the other one all along it.
            sample.done = Int64(target == 0 ? 2000 + 10 * place : 40 * (place + 1)) * 1_000_000
            sample.stages = []
        }
        let chart = try #require(Self.chart(of: run))
        #expect(chart.title == "blocking waits less up to p67, longer from there on")
    }

    @Test func `one sign, no sign and no interval each have a title of their own`() throws {
        var run = SampleRun()
        run.edit = { sample, target, round, place in
            sample.done = Int64((place + 1) * (target == 0 ? 40 : 20) + round) * 1_000_000
            sample.stages = []
        }
        #expect(Self.chart(of: run)?.title == "async waits less at every decile that differs")
        run.edit = { sample, target, round, place in
            // By turns one target is faster.
            let later = (target + round).isMultiple(of: 2) ? 1 : 0
            sample.done = Int64((place + 1) * 40 + later) * 1_000_000
            sample.stages = []
        }
        #expect(Self.chart(of: run)?.title == "No clear difference at any decile")
        run.rounds = 5
        #expect(Self.chart(of: run)?.title == "Response time by percentile, 5 rounds without interval")
        run.rounds = 6
        run.validity = Validity(verdict: .invalid, reasons: ["the client was late"])
        #expect(Self.chart(of: run)?.title == "Response time by percentile, nothing judged")
        let single = Self.chart(of: SampleRun(names: ["async"]))
        #expect(single?.title.hasPrefix("async: p50 ") == true)
    }

    @Test func `its numbers are those of the table`() throws {
        let document = SampleRun().document()
        let chart = try #require(Self.chart(of: document))
        for (curve, name) in zip(chart.curves, ["blocking", "async"]) {
            for (mark, percentile) in zip(curve.marks, [Percentile.p50, .p95, .p99]) {
                let result = document.result(.response(.percentile(percentile)), of: name, at: 100)
                #expect(mark.quantile.seconds == result?.level.value)
                #expect(curve.median.contains(mark.quantile))
            }
        }
    }

    @Test func `the tail holds the slowest of all rounds`() throws {
        var run = SampleRun(names: ["async"])
        run.edit = { sample, _, round, place in
            sample.done = Int64(place + 1) * 1_000_000 + Int64(round)
            sample.stages = []
        }
        let curve = try #require(Self.chart(of: run)?.curves.first)
        #expect(curve.pooled == 1000)
        #expect(curve.rounds.map(\.count) == Array(repeating: 99, count: 10))
        #expect(curve.median.last?.share == 0.99)
        // The ten slowest are the last upload of each round.
        #expect(curve.tail.map(\.share) == (990...999).map { Double($0) / 1000 })
        #expect(curve.tail.map(\.seconds) == (0..<10).map { Double(100_000_000 + $0) / 1e9 })
        #expect(curve.worst == curve.tail.last?.seconds)
    }

    @Test func `a part with fewer than ten samples is marked`() throws {
        let list = try #require(Self.chart(of: SampleRun())).displayList(measure: .fixedWidth)
        let marked = list.items.compactMap { item -> Rectangle? in
            guard case .rectangle(let area, .cautionFill, _) = item else { return nil }
            return area
        }
        let marks = list.texts.filter { $0.string == "99 %" || $0.string == "99.9 %" }.map(\.position.x)
        // Of a thousand samples ten lie above p99; the axis ends at p99.9.
        #expect(marked.count == 1 && marks.count == 2)
        #expect(abs(marked[0].x - (marks.min() ?? 0)) < 0.01)
        #expect(abs(marked[0].maxX - (marks.max() ?? 0)) < 0.01)
    }

    @Test func `of very many uploads the curves keep their shape`() throws {
        var run = SampleRun(names: ["async"], uploads: 3000, rounds: 2)
        run.hasStages = false
        run.edit = { sample, _, _, place in sample.done = Int64(place + 1) * 1_000_000 }
        let curve = try #require(Self.chart(of: run)?.curves.first)
        #expect(curve.median.count < 1100)
        #expect(curve.median.first { $0.share == 0.5 }?.seconds == 1.5)
        #expect(curve.tail.last?.share == 5999.0 / 6000)
        #expect(curve.worst == 3)
    }

    private static func chart(of run: SampleRun) -> PercentileChart? { chart(of: run.document()) }

    private static func chart(of document: RunDocument) -> PercentileChart? {
        ChartSet(of: document, digest: nil).charts.lazy.compactMap { $0 as? PercentileChart }.first
    }
}
