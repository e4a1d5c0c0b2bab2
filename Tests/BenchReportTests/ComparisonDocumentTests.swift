import BenchReport
import Foundation
import Measurements
import Testing

/// What a comparison of two saved runs leaves in files, and what it says of runs that are not sound.
struct ComparisonDocumentTests {
    private func run(_ change: (inout SampleRun) -> Void = { _ in }) -> RunDocument {
        var run = SampleRun()
        run.uploads = 20
        change(&run)
        return run.document()
    }

    private func write(_ before: RunDocument, _ after: RunDocument) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let comparison = try RunComparison(of: before, with: after)
        let outcome = ComparisonExport(of: comparison, to: ResultsFolder(at: folder.path, files: .real))
            .write(digests: ("aa", "bb"), formats: [.svg])
        #expect(outcome.failures.isEmpty)
        return folder
    }

    private func object(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test func `compare.json has the keys of its schema and no others`() throws {
        var after = run { $0.seed = 9 }
        after.environment[0].cpu = "Intel Xeon"
        let json = try object(write(run(), after).bytes("compare.json"))
        #expect(
            Set(json.keys) == [
                "schema", "baseline", "candidate", "caution", "comparable", "differences", "verdict",
                "results",
                "warnings",
            ]
        )
        #expect(json["schema"] as? String == "ingest-bench/compare/1" && json["comparable"] as? Bool == true)
        #expect(json["caution"] as? String == RunComparison.caution)
        let baseline = try #require(json["baseline"] as? [String: Any])
        #expect(Set(baseline.keys) == ["id", "sha256", "started"] && baseline["sha256"] as? String == "aa")
        let differences = try #require(json["differences"] as? [[String: String]])
        #expect(differences == [["name": "cpu", "was": "AMD EPYC", "is": "Intel Xeon"]])
        let results = try #require(json["results"] as? [[String: Any]])
        let throughput = try #require(
            results.first {
                $0["candidate_target"] as? String == "async" && $0["metric"] as? String == "throughput"
            }
        )
        #expect(
            Set(throughput.keys).isSuperset(of: [
                "baseline_target", "candidate_target", "concurrency", "size_class", "metric", "unit",
                "better", "baseline",
                "candidate", "change", "drift_adjusted",
            ])
        )
        let adjusted = try #require(throughput["drift_adjusted"] as? [String: Any])
        #expect(adjusted["reference"] as? String == "blocking")
    }

    @Test func `the same runs give the same bytes`() throws {
        let (before, after) = (run(), run { $0.seed = 9 })
        let (one, two) = (try write(before, after), try write(before, after))
        for name in ["compare.json", "compare.md", "charts/summary-1.svg"] {
            #expect(try one.bytes(name) == two.bytes(name), "\(name)")
        }
    }

    @Test(
        arguments: [
            (
                Validity(verdict: .suspect, reasons: ["the client was late"]), nil,
                "SUSPECT: the client was late"
            ),
            (
                Validity(verdict: .invalid, reasons: ["the client was late"]), nil,
                "INVALID: the client was late"
            ),
            (Validity(), "SIGINT", "PARTIAL: 10 of 10 blocks, interrupted by SIGINT"),
        ] as [(Validity, String?, String)]
    )
    func `a run that is not sound is said to be so, whichever it is`(
        validity: Validity,
        interrupted: String?,
        words: String
    ) throws {
        let unsound = run { ($0.validity, $0.interrupted) = (validity, interrupted) }
        for (before, after) in [(run(), unsound), (unsound, run())] {
            let comparison = try RunComparison(of: before, with: after)
            let sentence = "\(unsound.id): \(words)"
            #expect(comparison.warnings.map(\.text).contains(sentence))
            let report = ComparisonReport(of: comparison).text(style: TerminalStyle(width: 200))
            #expect(report.contains(sentence) && report.contains(validity.verdict.rawValue))
            #expect(comparison.isComparable == (validity.verdict != .invalid))
            let folder = try write(before, after)
            #expect(try folder.text("compare.md").contains(words))
            #expect(try folder.text("compare.json").contains(words))
        }
    }

    @Test func `sizes of uploads are compared where both runs have them`() throws {
        func sized(_ large: Double) -> RunDocument {
            run { run in
                run.files = [("small.pdf", 1000), ("large.pdf", 1_000_000)]
                run.edit = { sample, _, _, place in
                    sample.file = Int32(place % 2)
                    // Whatever the queue, large ones take so long.
                    if place % 2 == 1 { sample.done = sample.intended + Int64(large * 1e9) + sample.sent }
                }
            }
        }
        let comparison = try RunComparison(of: sized(1), with: sized(2))
        let p50 = Metric.response(.percentile(.p50))
        let changes = comparison.classRows.filter { $0.after.metric == p50 && $0.after.target == "async" }
        #expect(changes.map { $0.after.sizeClass?.name } == ["256B-1KiB", "256KiB-1MiB"])
        #expect(changes.map { $0.after.change?.verdict } == [.noClearChange, .worse])
        let report = ComparisonReport(of: comparison).text(style: TerminalStyle(width: 100))
        #expect(report.contains("By size of upload: async") && report.contains("256KiB-1MiB"))
        let folder = try write(sized(1), sized(2))
        let results = try #require(object(folder.bytes("compare.json"))["results"] as? [[String: Any]])
        #expect(results.count == comparison.rows.count + comparison.classRows.count)
        #expect(results.last?["size_class"] as? String == "256KiB-1MiB")
        #expect(try RunComparison(of: sized(1), with: run()).classRows.isEmpty)
    }

    @Test func `another mode is told, and the numbers stand`() throws {
        var after = run { $0.mode = .closed }
        after.plan.durationSeconds = 30
        let comparison = try RunComparison(of: run(), with: after)
        let told = comparison.warnings.filter { $0.code == .environmentDiffers }.map(\.text)
        #expect(told == ["mode: burst → closed", "duration: none → 30 s"])
        #expect(!comparison.rows.isEmpty)
    }

    @Test func `sweeps of the same loads are compared at each of them`() throws {
        let (before, after) = (
            SampleSweep.document([[20, 30, 40, 41], [20, 40, 60, 80]]),
            SampleSweep.document([[20, 30, 40, 41], [30, 60, 90, 120]]) { $0.seed = 9 }
        )
        let comparison = try RunComparison(of: before, with: after)
        #expect(comparison.isComparable && comparison.warnings.isEmpty)
        let report = ComparisonReport(of: comparison).text(style: TerminalStyle(width: 200))
        let words = report.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for number in SampleSweep.numbers {
            let beginning = "With \(number) in flight: async serves "
            #expect(words.contains(beginning), "\(number)")
        }
        let changes = comparison.rows.filter { $0.after.metric == .throughput && $0.after.target == "async" }
            .compactMap { $0.after.change?.verdict }
        #expect(changes == [.better, .better, .better, .better])
    }

    @Test func `hostile names break no part of a comparison`() throws {
        let name = ExportedRun.hostileName
        let before = run { run in
            (run.names, run.fileName) = ([name, "async"], name)
            run.firstAnswers = [FirstAnswer(target: "async", status: 500, body: name)]
            run.edit = { sample, target, _, place in
                if target == 1, place == 0 { (sample.outcome, sample.status) = (.status, 500) }
            }
        }
        var after = run { ($0.names, $0.fileName, $0.seed) = ([name, "async"], name, 9) }
        after.environment[0].cpu = name
        after.id = name
        let folder = try write(before, after)
        let json = try object(folder.bytes("compare.json"))
        #expect((json["candidate"] as? [String: Any])?["id"] as? String == name)
        let markdown = try folder.text("compare.md")
        #expect(!markdown.contains("<script>") && !markdown.contains("\u{1B}"))
        // No name begins a line, and no cell is split.
        #expect(!markdown.split(separator: "\n").contains { $0.hasPrefix("<script") || $0.hasPrefix("xxx") })
        var columns = 0
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                columns = 0
                continue
            }
            let bars = line.replacing("\\|", with: "").count { $0 == "|" }
            #expect(columns == 0 || bars == columns, "\(line)")
            columns = bars
        }
        let svg = try folder.text("charts/summary-1.svg")
        #expect(!svg.contains("<script>") && !svg.contains("\u{1B}"))
        let text = ComparisonReport(of: try RunComparison(of: before, with: after))
            .text(style: TerminalStyle(width: 80))
        #expect(!text.contains("\u{1B}"))
    }
}
