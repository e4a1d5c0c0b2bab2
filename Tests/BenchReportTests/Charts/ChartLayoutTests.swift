import BenchReport
import Measurements
import Testing

struct ChartLayoutTests {
    /// A run to draw; the fields are the ways in which runs differ on paper.
    struct Case: Sendable, CustomTestStringConvertible {
        var targets: Int
        var isPartial = false
        var names = Names.short
        var rounds = 6
        var fails = false
        var uploads = 12
        var sweep = Sweep.none
        var verdict = Validity.Verdict.valid
        var hasProbe = true

        enum Sweep {
            case none, inFlight, rates
        }

        enum Names: Sendable {
            case short, long, foreign, hostile
        }

        var testDescription: String {
            "\(targets) targets, \(names) names, \(rounds) rounds, \(uploads) uploads"
                + (isPartial ? ", partial" : "") + (fails ? ", failing" : "")
                + (sweep == .none ? "" : ", sweep of \(sweep)")
                + (verdict == .valid ? "" : ", \(verdict.rawValue)") + (hasProbe ? "" : ", no probe")
        }

        static let all: [Case] =
            [1, 2, 5].flatMap { targets in
                [false, true].flatMap { isPartial in
                    [Names.short, .long, .foreign, .hostile].map { names in
                        Case(targets: targets, isPartial: isPartial, names: names)
                    }
                }
            } + [1, 2, 3, 4].map { Case(targets: $0, rounds: 1) }
            + [Case(targets: 2, fails: true), Case(targets: 4, isPartial: true, names: .long, fails: true)]
            + [1, 3, 7, 1000].map { Case(targets: 2, rounds: 6, uploads: $0) }
            + [1, 2, 5].flatMap { targets in
                [Names.short, .long, .foreign].flatMap { names in
                    [Sweep.inFlight, .rates].map { Case(targets: targets, names: names, sweep: $0) }
                }
            }
            + [Sweep.none, .inFlight, .rates].flatMap { sweep in
                [1, 2, 5].map { targets in
                    Case(targets: targets, isPartial: true, names: .long, sweep: sweep, verdict: .invalid)
                }
            }
            + [1, 2, 3, 4].map { Case(targets: $0, fails: true, hasProbe: false) }
            + [Case(targets: 2, rounds: 1, uploads: 25_000)]

        var charts: [any Chart] {
            var run = SampleRun()
            run.names = (0..<targets).map(name)
            run.rounds = rounds
            run.uploads = uploads
            run.milliseconds = { [37, 30, 12, 0.4, 140][$0] }
            run.hasProbe = hasProbe
            if isPartial {
                run.interrupted = "SIGINT"
                run.validity = Validity(
                    verdict: verdict == .valid ? .suspect : verdict,
                    reasons: ["the client was late (send lag p99 3.1 ms)"]
                )
            }
            if fails {
                run.edit = { sample, target, _, place in
                    guard target == 1, place.isMultiple(of: 9) else { return }
                    sample.outcome = .status
                    sample.status = 503
                }
            }
            run.stacks = SampleLoops.places
            run.editRound = { SampleLoops.watch(&$0) }
            guard sweep != .none else { return ChartSet(of: run.document(), digest: nil).charts }
            let throughputs: [[Double]] = [
                [10, 20, 20.5, 20.1], [10, 20, 40, 80], [10, 20, 20.4, 20.2], [9, 9, 9, 9], [50, 60, 70, 71],
            ]
            let served = Array(throughputs.prefix(targets))
            let document = SampleSweep.document(served, isOpen: sweep == .rates) { sweep in
                sweep.names = run.names
                sweep.uploads = uploads
                sweep.interrupted = run.interrupted
                sweep.validity = run.validity
            }
            return ChartSet(of: document, digest: nil).charts
        }

        private func name(_ index: Int) -> String {
            switch names {
            case .short: ["blocking", "async", "v2", "v3", "v4"][index]
            case .long: "upload-service-with-a-name-beyond-any-measure-number-\(index)"
            case .foreign: ["блокирующий", "非同期アップロード処理", "غير متزامن", "ασύγχρονο", "비동기"][index]
            case .hostile: "<b>&\"|\u{1B}[31m\n\u{202E}=\(index)"
            }
        }
    }

    @Test(arguments: Case.all)
    func `no text overlaps another, and nothing leaves the canvas`(sample: Case) throws {
        var measures = [TextMeasure.fixedWidth]
        // Without fonts the fixed width alone is tested; FontTests says what is missing then.
        if let fonts = try? ChartFonts() { measures.append(fonts.measure) }
        let charts = sample.charts
        #expect(!charts.isEmpty)
        for (chart, measure) in charts.flatMap({ chart in measures.map { (chart, $0) } }) {
            let list = chart.displayList(measure: measure)
            let outside = list.items.filter { item in
                !item.corners.allSatisfy {
                    (0...list.width).contains($0.x) && (0...list.height).contains($0.y)
                }
            }
            #expect(outside.isEmpty, "\(chart.name)")
            let boxes = list.texts.map { (text: $0.string, box: $0.bounds.grown(by: -0.5)) }
            for (index, line) in boxes.enumerated() {
                let overlapped = boxes.dropFirst(index + 1).filter { $0.box.intersects(line.box) }
                #expect(overlapped.isEmpty, "\(chart.name): '\(line.text)'")
            }
        }
    }

    @Test(arguments: Case.all.filter { $0.isPartial })
    func `a partial or doubtful run says so on every chart`(sample: Case) {
        let verdict = sample.verdict == .invalid ? "INVALID" : "SUSPECT"
        for chart in sample.charts {
            let text = chart.displayList(measure: .fixedWidth).strings.joined(separator: " ")
            #expect(text.contains("PARTIAL: "))
            #expect(text.contains("\(verdict): the client was late"))
        }
    }

    @Test func `the bars of beyond four targets are those of the largest change`() throws {
        var run = SampleRun()
        run.names = ["blocking", "slight", "fast", "slow", "faster"]
        run.milliseconds = { [37, 36.5, 12, 140, 4][$0] }
        let summary = try #require(ChartSet(of: run.document(), digest: nil).charts.first as? SummaryChart)
        #expect(summary.targets == ["blocking", "fast", "slow", "faster"])
    }

    @Test(arguments: [(1000, 7, 143), (25_000, 167, 150)])
    func `many uploads are drawn as rows of three pixels`(uploads: Int, step: Int, count: Int) throws {
        let charts = Case(targets: 2, rounds: 1, uploads: uploads).charts
        let waterfall = try #require(charts.dropFirst().first as? WaterfallChart)
        let list = waterfall.displayList(measure: .fixedWidth)
        let rows = list.items.compactMap { item -> Double? in
            guard case .rectangle(let row, .targetPale(0), _) = item else { return nil }
            return row.y
        }
        #expect(rows.count == count)
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $1 - $0 >= 2.3 })
        #expect(list.strings.contains { $0.contains("one row for every \(step)") })
        #expect(list.strings.contains("\(uploads)"))
    }

    @Test func `a title shrinks before it wraps`() {
        let changes = [ChartSamples.change("throughput", 0.284), ChartSamples.change("p99", -0.217)]
        var chart = ChartSamples.summary(changes: changes)
        func title(_ name: String) -> [TextLine] {
            chart.targets[1] = name
            return chart.displayList(measure: .fixedWidth).texts.prefix { $0.style.isBold }.map { $0 }
        }
        #expect(title("v2").map(\.style.size) == [22])
        #expect(title("version-two").first.map { $0.style.size < 22 } == true)
        #expect(title("v2-with-a-very-long-name").map(\.style.size) == [18, 18])
    }
}

extension DisplayItem {
    /// The points between which it lies.
    fileprivate var corners: [(x: Double, y: Double)] {
        switch self {
        case .rectangle(let area, _, _): [(area.x, area.y), (area.maxX, area.maxY)]
        case .line(let from, let to, _): [(from.x, from.y), (to.x, to.y)]
        case .polyline(let points, _): points.map { ($0.x, $0.y) }
        case .dot(let center, _, _, _): [(center.x, center.y)]
        case .text(let line): [(line.bounds.x, line.bounds.y), (line.bounds.maxX, line.bounds.maxY)]
        }
    }
}
