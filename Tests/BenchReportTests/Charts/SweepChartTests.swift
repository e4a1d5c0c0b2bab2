import BenchReport
import Measurements
import Testing

struct SweepChartTests {
    @Test func `the knee of each target is ringed, and the title names it`() throws {
        let chart = try #require(Self.chart([[10, 20, 20.5, 20.1], [10, 18, 40, 41]]))
        #expect(chart.title.hasPrefix("Capacity: blocking saturates at "))
        #expect(chart.title.contains(" with 2 uploads in flight, async at "))
        let list = chart.displayList(measure: .fixedWidth)
        let rings = list.items.compactMap { item -> Point? in
            guard case .dot(let center, _, .ring, _) = item else { return nil }
            return center
        }
        #expect(rings.count == 2)
        #expect(list.strings.contains("knee c=2") && list.strings.contains("knee c=4"))
        // Numbers in flight lie equal factors apart.
        let numbers = ["1", "2", "4", "8"].compactMap { text in
            list.texts.first { $0.string == text && $0.anchor == .middle }?.position.x
        }
        #expect(
            zip(numbers, numbers.dropFirst()).allSatisfy { abs(($1 - $0) - (numbers[1] - numbers[0])) < 0.01 }
        )
        #expect(rings.map(\.x).sorted() == [numbers[1], numbers[2]])
    }

    @Test func `a target that still gains at the end has no ring`() throws {
        let chart = try #require(Self.chart([[10, 20, 20.5, 20.1], [10, 20, 40, 80]]))
        let list = chart.displayList(measure: .fixedWidth)
        #expect(list.strings.contains("knee c=2"))
        #expect(!list.strings.contains("knee c=8"))
        #expect(chart.title.contains("async still gains at "))
    }

    @Test func `its numbers are those of the table`() throws {
        let document = SampleSweep.document([[10, 20, 20.5, 20.1], [10, 18, 40, 41]])
        let chart = try #require(Self.chart(of: document))
        for series in chart.series {
            #expect(series.points.map(\.load.concurrency) == SampleSweep.numbers)
            for point in series.points {
                let throughput = document.result(.throughput, of: series.name, at: point.load)
                let p99 = document.result(.response(.percentile(.p99)), of: series.name, at: point.load)
                #expect(point.throughput.value == throughput?.level.value)
                #expect(point.p99?.value == p99?.level.value)
            }
        }
    }

    @Test func `a sweep of rates is drawn over the rates`() throws {
        let document = SampleSweep.document([[4.9, 9.8, 11, 11.2], [5, 10, 19.9, 38]], isOpen: true)
        let chart = try #require(Self.chart(of: document))
        #expect(chart.title.contains(" with 20/s offered, async still gains at "))
        #expect(chart.title.hasSuffix(" with 40/s"))
        #expect(chart.subtitle.first == "Open loop")
        #expect(chart.altText.hasPrefix("Throughput and p99 by uploads offered per second. "))
        let list = chart.displayList(measure: .fixedWidth)
        #expect(list.strings.contains("Uploads offered per second (log scale)"))
        #expect(list.strings.contains("knee 20/s") && list.strings.contains("40"))
    }

    @Test func `a target that more load brings nothing has its ring at the first point`() throws {
        let chart = try #require(Self.chart([[20, 20.1, 19.9, 20], [10, 18, 40, 41]]))
        #expect(chart.title.contains("blocking saturates at "))
        #expect(chart.title.contains(" with 1 upload in flight, "))
        let list = chart.displayList(measure: .fixedWidth)
        #expect(list.strings.contains("knee c=1") && list.strings.contains("knee c=4"))
    }

    @Test func `an axis that ends at a second is one of seconds`() throws {
        var chart = try #require(Self.chart([[10, 20, 20.5, 20.1]]))
        for (place, seconds) in [0.02, 0.05, 0.3, 0.77].enumerated() {
            chart.series[0].points[place].p99 = ChartSamples.level(seconds, seconds, seconds)
        }
        let strings = chart.displayList(measure: .fixedWidth).strings
        #expect(strings.contains("1 s") && strings.contains("0.5") && strings.contains("0.02"))
        #expect(!strings.contains { $0.contains("1000") })
    }

    @Test func `the names of lines that end together stand apart`() throws {
        let document = SampleSweep.document(Array(repeating: [10, 20, 20.5, 20.1], count: 4)) {
            $0.names = ["blocking", "async", "v2", "v3"]
        }
        let list = try #require(Self.chart(of: document)).displayList(measure: .fixedWidth)
        for panel in [0, 1] {
            let heights = ["blocking", "async", "v2", "v3"].compactMap { name in
                list.texts.filter { $0.string == name }.map(\.position.y).sorted().dropFirst(panel).first
            }.sorted()
            #expect(heights.count == 4)
            #expect(zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 >= 32 })
        }
    }

    @Test func `names are shortened in title and chart`() throws {
        let name = "upload-service-with-a-name-beyond-any-measure"
        let document = SampleSweep.document([[10, 20, 20.5, 20.1], [10, 18, 40, 41]]) {
            $0.names = ["blocking", name]
        }
        let chart = try #require(Self.chart(of: document))
        let list = chart.displayList(measure: .fixedWidth)
        #expect(!list.strings.contains { $0.contains(name) })
        #expect(list.strings.contains(TextMeasure.middleTruncated(name, to: 24)))
    }

    private static func chart(_ throughputs: [[Double]]) -> SweepChart? {
        chart(of: SampleSweep.document(throughputs))
    }

    private static func chart(of document: RunDocument) -> SweepChart? {
        ChartSet(of: document, digest: nil).charts.lazy.compactMap { $0 as? SweepChart }.first
    }
}
