import BenchReport
import Measurements
import Testing

struct ThresholdTests {
    private static let targets = ["blocking", "async"]

    @Test(arguments: [
        ("p99<4s", nil, "p99", false, "<", 4.0),
        (" p99.9 <= 250 ms ", nil, "p99.9", false, "<=", 0.25),
        ("errors<1%", nil, "errors", false, "<", 0.01),
        ("async.p50.change<=+5%", "async", "p50", true, "<=", 0.05),
        ("throughput.change>=-2.5%", nil, "throughput", true, ">=", -0.025),
        ("blocking.service.p95>1m", "blocking", "service.p95", false, ">", 60),
        ("probe.max<900us", nil, "probe.max", false, "<", 9e-4),
        ("probe.errors<=0%", nil, "probe.errors", false, "<=", 0),
        ("loop.blocked<10%", nil, "loop.blocked", false, "<", 0.1),
        ("async.loop.worst<50ms", "async", "loop.worst", false, "<", 0.05),
        ("throughput>=20/s", nil, "throughput", false, ">=", 20),
        ("throughput>=20", nil, "throughput", false, ">=", 20),
        ("mean<3s", nil, "mean", false, "<", 3),
    ])
    func `each form is read`(
        text: String,
        target: String?,
        metric: String,
        isChange: Bool,
        comparison: String,
        limit: Double
    ) throws {
        let threshold = try Threshold(parsing: text, targets: Self.targets)
        #expect(threshold.target == target)
        #expect(threshold.metric.name == metric)
        #expect(threshold.isChange == isChange)
        #expect(threshold.comparison.rawValue == comparison)
        guard case .value(let value) = threshold.limit else {
            Issue.record("the limit is a target")
            return
        }
        #expect(abs(value - limit) < 1e-12)
    }

    @Test func `a limit may be another target's value`() throws {
        let threshold = try Threshold(parsing: "async.throughput > blocking * 1.2", targets: Self.targets)
        #expect(threshold.limit == .target("blocking", factor: 1.2))
        #expect(
            try Threshold(parsing: "p99<blocking", targets: Self.targets).limit
                == .target("blocking", factor: 1)
        )
    }

    @Test(arguments: [
        ("p99<4", "p99<4 has no unit: write 4s or 4ms", 5),
        ("p99<4%", "p99<4% has the unit %, which p99 does not take: write 4s or 4ms", 5),
        ("errors<1", "errors<1 has no unit: write 1%", 8),
        ("p50.change<=5ms", "p50.change<=5ms has the unit ms, which p50.change does not take: write 5%", 13),
        ("throughput>5s", "throughput>5s has the unit s, which throughput does not take: write 5 or 5/s", 12),
        ("p99=4s", "p99=4s needs one of < <= > >= after p99", 3),
        ("p99", "p99 needs one of < <= > >= after p99", 3),
        ("p99<", "p99< has no limit: a number or a target", 4),
        ("p99<.5s", "p99<.5s has no limit: a number or a target", 4),
        ("p99<4s s", "p99<4s s goes on after its limit: s", 7),
        ("sync.p99<4s", "sync.p99<4s: there is no target sync; known are blocking, async", 0),
        ("p99<sync", "p99<sync: there is no target sync; known are blocking, async", 4),
        ("async.p99<async*2", "async.p99<async*2 judges async against itself", 10),
        ("errors<blocking", "errors<blocking: errors may be 0, so its limit is a number", 7),
        (
            "p99.change<blocking",
            "p99.change<blocking: a change is against the baseline already, so its limit is a number", 11
        ),
        ("async.throughput>blocking*", "async.throughput>blocking* needs a number after *", 26),
        (
            "p97.35<1s",
            "p97.35<1s: p97.35 is finer than what is kept, a tenth of a percent, above p99.9 a thousandth", 0
        ),
        (
            "blocking.p50.change<5%",
            "blocking.p50.change<5%: blocking is the baseline, which changes against nothing", 0
        ),
        (
            "loop.worst.change<5%",
            "loop.worst.change<5%: loop.worst has no change in percent; limit loop.worst itself", 0
        ),
    ])
    func `a wrong expression is told with the place of its fault`(text: String, message: String, place: Int) {
        let fault = #expect(throws: ThresholdFault.self) {
            try Threshold(parsing: text, targets: Self.targets)
        }
        #expect(fault?.message == message)
        #expect(fault?.place == place)
        #expect(fault?.excerpt.last == String(repeating: " ", count: place) + "^")
    }

    @Test func `what is no metric is told with those that are`() {
        for text in ["p100<1s", "p0<1s", "", "<4s", "latency<4s", "async.<4s"] {
            let fault = #expect(throws: ThresholdFault.self, "\(text)") {
                try Threshold(parsing: text, targets: Self.targets)
            }
            #expect(fault?.message.contains("throughput, p50") == true, "\(fault?.message ?? "")")
        }
        #expect(throws: ThresholdFault.self) { try Threshold(parsing: "p50.change<1%", targets: ["one"]) }
    }

    @Test(arguments: ReferenceVectors.shared.threshold_judgement.rows)
    func `an interval is judged as in the reference`(_ row: ReferenceVectors.Judgement) throws {
        let comparison = try #require(Threshold.Operator(rawValue: row.op))
        let verdict = comparison.judge(low: row.lo, high: row.hi, limit: row.limit)
        let expected = row.verdict == "undecided" ? "can't tell" : row.verdict
        #expect(verdict.rawValue == expected)
    }

    private func results(_ texts: [String], _ change: (inout SampleRun) -> Void = { _ in }) throws
        -> [ThresholdResult]
    {
        var run = SampleRun()
        change(&run)
        run.thresholds = try texts.map { try Threshold(parsing: $0, targets: run.names) }
        return run.document().thresholds
    }

    @Test func `a level is judged for every target, a change for every candidate`() throws {
        let results = try results([
            "p99<4s", "throughput.change>=20%", "p50.change<=5%", "async.throughput>blocking*1.2",
        ])
        #expect(results.map(\.target) == ["blocking", "async", "async", "async", "async"])
        #expect(results.map(\.verdict) == [.pass, .pass, .pass, .fail, .pass])
        #expect(results[3].text.hasPrefix("async p50.change is +"))
        #expect(results[3].text.hasSuffix(", limit 5 %"))
        #expect(results[3].brief.hasSuffix("): all above the limit"))
        #expect(results[4].text.hasPrefix("async throughput against blocking is +"))
    }

    @Test func `errors are judged by what happened`() throws {
        let failing: (inout SampleRun) -> Void = { run in
            run.edit = { sample, target, _, place in
                if target == 1, place == 0 { sample.outcome = .status }
            }
        }
        let results = try results(["errors<1%", "errors<=1%", "async.errors<2%"], failing)
        #expect(results.map(\.verdict) == [.pass, .fail, .pass, .pass, .pass])
        #expect(results[1].text == "async errors is 1.00 %, limit 1 %")
        #expect(results[1].brief == "async 1.00 %: above the limit")
    }

    @Test func `an interval around the limit can't tell, a time-out bounds nothing from above`() throws {
        let level = try #require(
            SampleRun().document().result(.response(.percentile(.p99)), of: "async", at: 100)
        ).level
        let limit = "async.p99<\(level.value)s"
        #expect(try results([limit]).map(\.verdict) == [.undecided])
        let cut: (inout SampleRun) -> Void = { run in
            run.edit = { sample, target, _, place in
                guard target == 1, place > 90 else { return }
                sample.outcome = .timeoutWaiting
                sample.done = 9_000_000_000
            }
        }
        let results = try results(["async.p99<20s", "async.p99<5s", "async.p99.change<500%"], cut)
        #expect(results.map(\.verdict) == [.undecided, .fail, .undecided])
        #expect(results[0].brief.hasPrefix("≥ 9.00 s"))
    }

    @Test func `an invalid run judges nothing, and the document keeps what was asked`() throws {
        let document = try {
            var run = SampleRun()
            run.validity = Validity(verdict: .invalid, reasons: ["late"])
            run.thresholds = [try Threshold(parsing: "p99<1ms", targets: run.names)]
            return run.document()
        }()
        #expect(document.thresholds.map(\.verdict) == [.notJudged])
        let read = try RunDocument(json: try document.json())
        #expect(read.thresholds == document.thresholds)
    }

    @Test func `every report shows them, and run.json gives them back`() throws {
        var run = SampleRun()
        run.thresholds = try ["p99<4s", "p50.change<=5%"].map {
            try Threshold(parsing: $0, targets: run.names)
        }
        let document = run.document()
        #expect(try RunDocument(json: try document.json()) == document)
        let style = TerminalStyle(width: 100)
        let text = TextReport(of: document, style: style, checks: [], written: nil).text
        let lines = text.split(separator: "\n").map(String.init)
        let first = try #require(lines.firstIndex(of: "Thresholds"))
        #expect(lines[first + 1].hasPrefix("  ✔ p99<4s           blocking "))
        #expect(lines[first + 3].hasPrefix("  ✘ p50.change<=5%   async +"))
        #expect(lines[first + 3].hasSuffix(": all above the limit"))
    }
}
