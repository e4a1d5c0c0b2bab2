import Measurements
import Testing

@testable import BenchReport

/// Runs that a time bounds: what ends after the window counts for times, not for throughput.
struct TimedRunTests {
    /// Rounds of 100 uploads whose window is 2 s: some end after it.
    private static func run() -> SampleRun {
        var run = SampleRun()
        run.mode = .open
        run.rounds = 6
        run.editRound = { round in
            round.window = 2_000_000_000
            round.burst = nil
            round.samples = SampleSequence(
                round.samples.map { sample in
                    var sample = sample
                    if sample.done > 2_000_000_000 { sample.flags.insert(.drained) }
                    return sample
                }
            )
        }
        return run
    }

    @Test func `throughput counts what ended inside the window`() {
        let document = Self.run().document()
        for round in document.rounds {
            let inside = round.record.samples.count { $0.done <= 2_000_000_000 }
            #expect(inside < 100 && round.summary.succeeded == 100)
            #expect(round.summary.drained == 100 - inside)
            #expect(round.summary.throughput == Double(inside) / 2)
            #expect(round.summary.response?.count == 100)
        }
    }

    @Test func `what ended after the window is told`() throws {
        let document = Self.run().document()
        let drained = document.countedRounds(at: 100).filter { $0.record.target == "async" }
            .reduce(0) { $0 + $1.summary.drained }
        let warning = try #require(document.warnings.first { $0.code == .drained && $0.target == "async" })
        #expect(warning.severity == .note)
        #expect(warning.text == "async: \(drained) of 600 finished after the window")
    }

    /// One target answers in `milliseconds` from the start of each of 1000 uploads, which arrive in 10 s.
    private static func answering(_ milliseconds: @escaping (_ place: Int) -> Double) -> RunDocument {
        var run = SampleRun()
        run.mode = .open
        run.rounds = 6
        run.names = ["only"]
        run.editRound = { round in
            round.window = 10_000_000_000
            round.burst = nil
            round.samples = SampleSequence(
                (0..<1000).map { place in
                    var sample = Sample(intended: Int64(place) * 10_000_000)
                    sample.sent = sample.intended
                    sample.done = sample.intended + Int64(milliseconds(place) * 1e6)
                    sample.outcome = .ok
                    if sample.done > 10_000_000_000 { sample.flags.insert(.drained) }
                    return sample
                }
            )
        }
        return run.document()
    }

    @Test(arguments: [
        // Answers that take long are no overload; those that take longer and longer are.
        (3000.0, 0.0, false), (1.0, 0.0, false), (1.0, 0.5, false), (1.0, 0.7, true), (1.0, 4, true),
    ])
    func `a server that falls behind an open loop is told to be overloaded`(
        first: Double,
        growth: Double,
        isOverloaded: Bool
    ) {
        let document = Self.answering { first + growth * Double($0) }
        let warning = document.warnings.first { $0.code == .overloaded }
        #expect((warning != nil) == isOverloaded)
        guard let warning else { return }
        #expect(
            warning.text == "only is overloaded: latency grows with the length of the run; "
                + "percentiles are not a property of the server"
        )
    }

    @Test func `the window is written and read`() throws {
        let document = Self.run().document()
        let bytes = try document.json()
        #expect(try RunDocument(json: bytes) == document)
        // Without samples the counts are all there is.
        var brief = document
        for place in brief.rounds.indices { brief.rounds[place].record.samples = [] }
        let read = try RunDocument(json: try brief.json())
        #expect(read.rounds.map(\.summary.throughput) == document.rounds.map(\.summary.throughput))
        #expect(read.rounds.map(\.summary.drained) == document.rounds.map(\.summary.drained))
    }

    @Test func `blocks of a sweep are told apart by their load`() {
        var run = SampleRun()
        run.mode = .closed
        run.rounds = 6
        var document = run.document()
        var more = document.rounds
        for place in more.indices {
            more[place].record.load = Load(concurrency: 10)
            more[place].record.attempt = 2
            more[place].record.discarded = ["steal 3.4 %"]
            if more[place].record.index == 2 { more[place].record.validity = Validity(verdict: .invalid) }
        }
        document.plan.concurrency = [10, 100]
        document.plan.rounds = 6
        document.rounds += more
        let whole = ReportWarning.all(of: document)
        #expect(document.countedRounds(at: 10).count == 10 && document.countedRounds(at: 100).count == 12)
        #expect(whole.contains { $0.text.hasPrefix("1 of 12 blocks is left out") })
        #expect(whole.contains { $0.text.contains("(block 3 with 10 in flight)") })
        document.interrupted = "SIGINT"
        let partial = ReportWarning.all(of: document).first { $0.code == .partial }
        #expect(partial?.text == "PARTIAL: 11 of 12 blocks, interrupted by SIGINT")
    }

    @Test func `a sweep names where each target saturates`() throws {
        let document = SampleSweep.document([[10, 20, 20.5, 20.1], [10, 20, 40, 80]])
        let capacity = try #require(SweepCapacity(of: document))
        #expect(capacity.targets.map(\.knee) == [2, 8])
        let sentence = try #require(capacity.sentence)
        #expect(sentence.hasPrefix("Capacity: blocking saturates at "))
        #expect(sentence.contains(" req/s with 2 uploads in flight, async still gains at "))
        #expect(document.verdict.hasPrefix(sentence + ". With 1 in flight: "))
        #expect(capacity.cells.map(\.first) == ["in flight", "1", "2", "4", "8"])
        #expect(capacity.cells[2][1].hasPrefix("◂ ") && !capacity.cells[3][1].hasPrefix("◂"))
        #expect(SweepCapacity(of: SampleRun().document()) == nil)
    }

    @Test func `every export of a sweep tells its loads apart`() throws {
        let document = SampleSweep.document([[10, 20, 20.5, 20.1], [10, 20, 40, 80]])
        let style = TerminalStyle(
            environment: ["LANG": "C.UTF-8"],
            isTerminal: false,
            columns: 80,
            color: .never
        )
        let text = TextReport(of: document, style: style, checks: [], written: nil).text
        for number in [1, 2, 4, 8] { #expect(text.contains("\n\(number) in flight\n")) }
        #expect(text.contains("in flight  blocking req/s"))
        let markdown = MarkdownReport(of: document, pictures: [], checks: []).text
        #expect(markdown.contains("| in flight | blocking req/s | p99 | async req/s | p99 |"))
        for number in [1, 2, 4, 8] { #expect(markdown.contains("**\(number) in flight**")) }
        let rows = String(decoding: SummaryCSV.bytes(of: document), as: UTF8.self).split(separator: "\n")
        let counts = rows.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false)[5] }
        #expect(Set(counts) == ["1", "2", "4", "8"])
        #expect(try RunDocument(json: try document.json()) == document)
    }

    @Test func `every export of a sweep of rates tells its rates apart`() throws {
        let document = SampleSweep.document([[4.9, 9.8, 11, 11.2], [5, 10, 19.9, 38]], isOpen: true)
        #expect(document.loads == [5, 10, 20, 40].map { Load(concurrency: 100, rate: $0) })
        #expect(try RunDocument(json: try document.json()) == document)
        let sentence = try #require(SweepCapacity(of: document)?.sentence)
        #expect(sentence.contains(" req/s with 20/s offered, async still gains at "))
        #expect(sentence.hasSuffix(" with 40/s"))
        #expect(document.verdict.hasPrefix(sentence + ". At 5/s: "))
        let text = TextReport(of: document, style: TerminalStyle(), checks: [], written: nil).text
        for rate in [5, 10, 20, 40] { #expect(text.contains("\n\(rate)/s\n")) }
        #expect(text.contains("per second  blocking req/s"))
        #expect(text.contains("open loop at 5/s, 10/s, 20/s, 40/s"))
        let markdown = MarkdownReport(of: document, pictures: [], checks: []).text
        #expect(markdown.contains("| per second | blocking req/s | p99 | async req/s | p99 |"))
        #expect(markdown.contains("**40/s**"))
        let bench = String(decoding: GoBenchmarkText.bytes(of: document) ?? [], as: UTF8.self)
        #expect(bench.contains("BenchmarkUpload/target=async/c=100/rate=40 "))
        let metrics = String(decoding: OpenMetricsText.bytes(of: document), as: UTF8.self)
        #expect(metrics.contains(#"target="async",concurrency="100",rate="40",metric="throughput""#))
        let files = PercentileText.files(of: document).map(\.name)
        #expect(files.contains("async-r40.hgrm"))
        let rows = String(decoding: RoundsCSV.bytes(of: document), as: UTF8.self).split(separator: "\n")
        #expect(rows[0].hasSuffix(",reasons,rate"))
        #expect(Set(rows.dropFirst().map { $0.split(separator: ",").last }) == ["5", "10", "20", "40"])
        let summary = String(decoding: SummaryCSV.bytes(of: document), as: UTF8.self).split(separator: "\n")
        let rates = summary.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false)[6] }
        #expect(Set(rates) == ["5", "10", "20", "40"])
    }

    @Test func `thresholds are judged at each rate`() throws {
        let document = SampleSweep.document([[4.9, 9.8, 11, 11.2], [5, 10, 19.9, 38]], isOpen: true)
        let limit = try Threshold(parsing: "async.throughput>8", targets: ["blocking", "async"])
        let results = ThresholdJudge(document: document).results(of: limit)
        #expect(results.map(\.load?.rate) == [5, 10, 20, 40])
        #expect(results.map(\.verdict) == [.fail, .pass, .pass, .pass])
        #expect(results[0].text.contains(" at 5/s"))
    }
}
