import BenchReport
import Foundation
import Measurements
import Testing

struct RunComparisonTests {
    private func run(_ change: (inout SampleRun) -> Void = { _ in }) -> RunDocument {
        var run = SampleRun()
        run.uploads = 20
        change(&run)
        return run.document()
    }

    private func compare(_ before: RunDocument, _ after: RunDocument) throws -> String {
        ComparisonReport(of: try RunComparison(of: before, with: after))
            .text(style: TerminalStyle(width: 120))
    }

    @Test func `a target that got faster is better, by the two-sample statistics of its rounds`() throws {
        let before = run()
        let after = run { run in
            run.seed = 7
            run.milliseconds = { $0 == 0 ? 37 : 24 }
        }
        let comparison = try RunComparison(of: before, with: after)
        let metric = Metric.throughput
        let row = try #require(
            comparison.row(metric, of: RunComparison.Pair(before: "async", after: "async"), at: 20)
        )
        func values(_ run: RunDocument) -> [Double] {
            run.countedRounds(at: 20).filter { $0.record.target == "async" }
                .compactMap { metric.value(in: $0.summary) }
        }
        let expected = try #require(UnpairedComparison(baseline: values(before), candidate: values(after)))
        let change = try #require(row.after.change)
        #expect(change.estimate == expected.estimate && change.low == expected.low && change.p == expected.p)
        #expect(change.verdict == .better && change.adjustedP == min(1, 2 * expected.p))
        let text = try compare(before, after)
        let all = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(all.contains("more uploads per second than before"))
        #expect(all.contains(RunComparison.caution) && all.contains(RunComparison.footnote))
        #expect(!text.contains("Warnings"))
    }

    /// The machine was 20 % slower the second time; the target itself did not change.
    @Test func `drift that another target shows is taken off`() throws {
        let before = run()
        let after = run { run in
            run.seed = 3
            run.milliseconds = { ($0 == 0 ? 37 : 30) * 1.2 }
        }
        let comparison = try RunComparison(of: before, with: after)
        let pair = RunComparison.Pair(before: "async", after: "async")
        let row = try #require(comparison.row(.throughput, of: pair, at: 20))
        #expect(row.after.change?.verdict == .worse)
        let adjusted = try #require(row.adjusted)
        #expect(adjusted.reference == "blocking")
        #expect(abs(adjusted.comparison.estimate) < 0.03)
        #expect((adjusted.comparison.low ?? 1) < 0 && (adjusted.comparison.high ?? -1) > 0)
        let text = try compare(before, after)
        #expect(text.contains("Drift-adjusted change of async, by its ratio to blocking in each block:"))
    }

    @Test func `metrics that may be 0 change by differences`() throws {
        let after = run { run in
            run.edit = { sample, target, round, place in
                guard target == 1, round < 2, place == 0 else { return }
                sample.outcome = .status
                sample.status = 500
            }
        }
        let comparison = try RunComparison(of: run(), with: after)
        let pair = RunComparison.Pair(before: "async", after: "async")
        let row = try #require(comparison.row(.errors, of: pair, at: 20))
        #expect(row.after.change?.kind == .difference)
        #expect(row.after.change?.estimate == 0 && row.adjusted == nil)
    }

    @Test func `targets pair by name, else one with one, else not at all`() throws {
        func pairs(_ before: [String], _ after: [String]) throws -> [RunComparison.Pair] {
            try RunComparison(of: run { $0.names = before }, with: run { $0.names = after }).pairs
        }
        #expect(try pairs(["a", "b"], ["b", "c"]) == [RunComparison.Pair(before: "b", after: "b")])
        #expect(try pairs(["v1"], ["v2"]) == [RunComparison.Pair(before: "v1", after: "v2")])
        let error = #expect(throws: ReportError.self) { try pairs(["blocking", "async"], ["v2"]) }
        #expect(error?.message == "the runs share no target: blocking, async and v2")
        #expect(error?.isUsage == true)
    }

    @Test func `what differs is a warning each, with what it was and is`() throws {
        let before = run()
        var after = run { $0.build = "debug" }
        after.environment[0].cpu = "Intel Xeon"
        after.environment[0].cores = 8
        after.environment[0].memoryBytes = 16_000_000_000
        after.environment[0].kernel = "6.19"
        after.environment[0].os = "Debian 13"
        after.environment[0].governor = "powersave"
        after.environment[0].cpuQuota = 1.5
        after.tool.version = "0.2.0"
        after.plan.rounds = 12
        after.plan.timeoutSeconds = 60
        after.plan.http = "2"
        after.plan.connections = .fresh
        after.plan.server = nil
        let comparison = try RunComparison(of: before, with: after)
        #expect(
            comparison.warnings.filter { $0.code == .environmentDiffers }.map(\.text) == [
                "cpu: AMD EPYC → Intel Xeon", "cores: 2 → 8", "memory: 8.33 GB → 16.0 GB",
                "kernel: 6.18 → 6.19",
                "distribution: Debian 12.11 → Debian 13", "governor: not known → powersave",
                "cpu quota: none → 1.5",
                "build: release → debug", "version: ingest-bench 0.1.0 → ingest-bench 0.2.0",
                "rounds: 10 → 12",
                "timeout: 120 s → 60 s", "http: 1.1 → 2", "connections: reuse → fresh", "loops: 1 → none",
                "workers: 2 → none", "store: s3lite memory → none",
            ]
        )
        #expect(comparison.isComparable)
    }

    @Test(arguments: [
        "requests: 20 → 30", "files: sample.pdf (af2bdbe1aa9b) → sample.pdf (beef)", "rate: none → 30/s",
    ])
    func `other work is not comparable, and its numbers are shown`(_ text: String) throws {
        var after = run()
        switch text.prefix(5) {
        case "reque": after.plan.requests = 30
        case "files": after.plan.files[0].sha256 = "beef"
        default: after.plan.rates = [30]
        }
        let comparison = try RunComparison(of: run(), with: after)
        #expect(comparison.warnings.map(\.text) == [text])
        #expect(comparison.rows.allSatisfy { $0.after.change.map { $0.verdict == .notComparable } ?? true })
        let report = try compare(run(), after)
        #expect(report.contains("Not comparable: blocking had other work"))
        #expect(report.contains("Throughput req/s"))
    }

    @Test func `an INVALID run is not compared`() throws {
        let invalid = run { $0.validity = Validity(verdict: .invalid, reasons: ["the client was late"]) }
        let text = try compare(run(), invalid)
        #expect(text.contains("Not comparable: 20261122T154000Z-sample-20 is INVALID."))
        #expect(text.contains("INVALID: the client was late"))
    }

    @Test func `the larger noise floor decides`() throws {
        let noisy = run { run in
            run.milliseconds = { $0 == 0 ? 37 : 30.4 }
            run.seed = 5
        }
        var before = run()
        for index in before.results.indices { before.results[index].change?.noise = 0.2 }
        let comparison = try RunComparison(of: before, with: noisy)
        let pair = RunComparison.Pair(before: "async", after: "async")
        let change = try #require(comparison.row(.throughput, of: pair, at: 20)?.after.change)
        #expect(change.noise == 0.2 && change.verdict == .equivalent)
    }

    @Test func `few rounds give no interval`() throws {
        let few = run { $0.rounds = 3 }
        let text = try compare(few, few)
        #expect(text.contains("in 3 rounds, too few for an interval"))
    }

    @Test func `a folder of its own gets the comparison, as data, Markdown and charts`() throws {
        let folder = try TemporaryFolder()
        let comparison = try RunComparison(of: run(), with: run { $0.seed = 9 })
        let outcome = ComparisonExport(of: comparison, to: ResultsFolder(at: folder.path, files: .real))
            .write(digests: ("aa", nil))
        #expect(outcome.failures.isEmpty)
        let names = try folder.names()
        #expect(names.contains("compare.json") && names.contains("compare.md"))
        #expect(names.contains("charts/summary-1.svg") && names.contains("charts/summary-2.svg"))
        struct Document: Decodable {
            struct Run: Decodable {
                let id: String
                let sha256: String?
            }
            struct Result: Decodable {
                struct Change: Decodable { let estimate: Double }
                let metric: String
                let change: Change?
            }
            let schema: String
            let baseline, candidate: Run
            let results: [Result]
            let verdict: String
        }
        let json = try JSONDecoder().decode(Document.self, from: Data(folder.bytes("compare.json")))
        #expect(json.schema == "ingest-bench/compare/1" && json.baseline.sha256 == "aa")
        #expect(json.candidate.sha256 == nil && json.results.count == comparison.rows.count)
        #expect(json.results.map { $0.change?.estimate } == comparison.rows.map { $0.after.change?.estimate })
        let chart = try folder.text("charts/summary-1.svg")
        #expect(chart.contains("rounds of two runs") && !chart.contains("paired by round"))
        let markdown = try folder.text("compare.md")
        #expect(
            markdown.contains(json.verdict) && markdown.contains("drift between them is not in the interval")
        )
    }

    @Test func `a sweep is compared at every number in flight that both runs have`() throws {
        func sweep(_ numbers: [Int]) throws -> RunDocument {
            var document = run()
            let rounds = document.rounds
            document.plan.concurrency = numbers
            document.rounds = numbers.flatMap { number in
                rounds.map { round in
                    var round = round
                    round.record.load = Load(concurrency: number)
                    return round
                }
            }
            return try RunDocument(json: document.json())
        }
        let comparison = try RunComparison(of: try sweep([1, 4]), with: try sweep([4, 8]))
        #expect(comparison.loads == [Load(concurrency: 4)])
        #expect(!comparison.isComparable)
        #expect(comparison.warnings.map(\.text).contains("concurrency: 1, 4 → 4, 8"))
    }
}

/// What two runs of files of several sizes say.
struct SizedComparisonTests {
    @Test func `each size that both runs sent is compared, and stands in a table of its own`() throws {
        let before = SizedRun.run()
        var after = before
        after.edit = { sample, target, round, place in
            before.edit(&sample, target, round, place)
            if place % 2 == 0 { sample.done *= 3 }
        }
        let comparison = try RunComparison(of: before.document(), with: after.document())
        let p50 = Metric.response(.percentile(.p50))
        let rows = comparison.classRows.filter { $0.after.metric == p50 && $0.after.target == "blocking" }
        #expect(rows.map { $0.after.sizeClass?.name } == ["256B-1KiB", "1MiB-4MiB"])
        #expect(rows.map { $0.after.change?.verdict } == [.worse, .equivalent])
        #expect(comparison.rows.allSatisfy { $0.after.sizeClass == nil })
        let text = ComparisonReport(of: comparison).text(style: TerminalStyle())
        #expect(
            text.contains("\nBy size of upload: blocking\n")
                && text.contains("\n256B-1KiB\n  Throughput req/s")
        )
        #expect(text.contains("+200 %"))
    }
}
