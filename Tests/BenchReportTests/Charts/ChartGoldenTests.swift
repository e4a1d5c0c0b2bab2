import BenchReport
import Foundation
import Measurements
import Testing

/// What is drawn where, to 0.01: a change of layout shows here, line by line.
///
/// Run with `UPDATE_GOLDEN=1` to write the files anew, and read what changed before committing it.
struct ChartGoldenTests {
    /// One run whose charts are kept as text.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// The only chart that is kept; nil for all.
        var chart: String?
        let document: @Sendable () -> RunDocument

        init(name: String, chart: String? = nil, document: @escaping @Sendable () -> RunDocument) {
            self.name = name
            self.chart = chart
            self.document = document
        }

        var testDescription: String { name }

        static let all =
            [
                Case(name: "two-targets") { run().document() },
                Case(name: "one-target") { run { $0.names = ["async"] }.document() },
                Case(name: "five-targets") {
                    run { run in
                        run.names = ["blocking", "async", "v2", "v3", "v4"]
                        run.milliseconds = { [37, 30, 12, 0.4, 140][$0] }
                    }.document()
                },
                Case(name: "partial") {
                    run { run in
                        run.interrupted = "SIGINT"
                        run.validity = Validity(verdict: .suspect, reasons: ["the client was late"])
                    }.document()
                },
                Case(name: "no-samples") {
                    var document = run().document()
                    for index in document.rounds.indices { document.rounds[index].record.samples = [] }
                    return document
                },
                Case(name: "long-names") {
                    let names = ["before", "after"].map { "upload-service-of-the-whole-company-\($0)" }
                    return run { $0.names = names }.document()
                },
                Case(name: "foreign-names") {
                    run { $0.names = ["блокирующий", "非同期アップロード処理"] }.document()
                },
                Case(name: "one-round") { run { $0.rounds = 1 }.document() },
                Case(name: "invalid") {
                    run { $0.validity = Validity(verdict: .invalid, reasons: ["the client was late"]) }
                        .document()
                },
                Case(name: "no-stages") {
                    run { run in
                        run.hasStages = false
                        run.hasProbe = false
                        run.editRound = { _ in }
                    }.document()
                },
                Case(name: "many-uploads", chart: "waterfall") { run { $0.uploads = 400 }.document() },
                Case(name: "sweep") { sweep() },
            ] + sweeps

        /// The chart of a sweep in all the ways in which runs differ.
        private static let sweeps = [
            Case(name: "sweep-of-rates", chart: "sweep") {
                SampleSweep.document([[4.9, 9.8, 11, 11.2], [5, 10, 19.9, 38]], isOpen: true) {
                    $0.uploads = 8
                }
            },
            Case(name: "sweep-one-target", chart: "sweep") { sweep([[10, 20, 20.5, 20.1]]) },
            Case(name: "sweep-five-targets", chart: "sweep") {
                sweep([
                    [10, 20, 20.5, 20.1], [10, 18, 40, 41], [9, 9, 9, 9], [5, 6, 7, 8], [50, 60, 70, 71],
                ]) {
                    $0.names = ["blocking", "async", "v2", "v3", "v4"]
                }
            },
            Case(name: "sweep-partial", chart: "sweep") {
                sweep { run in
                    run.interrupted = "SIGINT"
                    run.validity = Validity(verdict: .invalid, reasons: ["the client was late"])
                }
            },
            Case(name: "sweep-long-names", chart: "sweep") {
                sweep { run in
                    run.names = ["before", "after"].map { "upload-service-of-the-whole-company-\($0)" }
                }
            },
            Case(name: "sweep-foreign-names", chart: "sweep") {
                sweep { $0.names = ["блокирующий", "非同期アップロード処理"] }
            },
            Case(name: "sweep-one-round", chart: "sweep") { sweep { $0.rounds = 1 } },
        ]

        private static func sweep(
            _ served: [[Double]] = [[10, 20, 20.5, 20.1], [10, 18, 40, 41]],
            _ change: (inout SampleRun) -> Void = { _ in }
        ) -> RunDocument {
            SampleSweep.document(served) { run in
                run.uploads = 8
                change(&run)
            }
        }

        /// A small run, so that its charts are read quickly.
        private static func run(_ change: (inout SampleRun) -> Void = { _ in }) -> SampleRun {
            SampleLoops.run { run in
                run.uploads = 8
                run.rounds = 6
                change(&run)
            }
        }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    @Test(arguments: Case.all)
    func `charts are drawn as they were`(sample: Case) throws {
        let charts = ChartSet(of: sample.document(), digest: nil).charts
            .filter { [nil, $0.name].contains(sample.chart) }
        #expect(!charts.isEmpty)
        let drawn = charts.map { $0.displayList(measure: .fixedWidth).transcript + "\n" }.joined()
        let file = Self.folder.appending(path: "\(sample.name).txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try drawn.write(to: file, atomically: true, encoding: .utf8)
        }
        let lines = drawn.split(separator: "\n")
        let expected = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let difference = zip(lines, expected).first { $0 != $1 }
        #expect(difference == nil)
        #expect(lines.count == expected.count)
    }
}
