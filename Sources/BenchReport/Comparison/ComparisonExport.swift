import Cairo
import Measurements

/// Writes a comparison of two runs into a folder of its own.
package struct ComparisonExport {
    /// What became of it.
    package struct Outcome: Sendable {
        /// The files, in the order they were written.
        package var written: WrittenFiles
        /// What could not be written or drawn; the rest was.
        package var failures: [ReportError]
    }

    private let folder: ResultsFolder
    private let comparison: RunComparison

    /// Prepares to write into a folder.
    ///
    /// - Parameters:
    ///   - comparison: The comparison.
    ///   - folder: The folder, which is empty.
    package init(of comparison: RunComparison, to folder: ResultsFolder) {
        self.comparison = comparison
        self.folder = folder
    }

    /// Writes `compare.json`, `compare.md` and the charts.
    ///
    /// - Parameters:
    ///   - digests: The SHA-256 of each run's document, in hexadecimal; nil if it can't be read.
    ///   - formats: How the charts are drawn.
    /// - Returns: What was written.
    package func write(
        digests: (before: String?, after: String?),
        formats: Set<ChartSet.Format> = [.png, .svg]
    ) -> Outcome {
        var outcome = Outcome(written: WrittenFiles(folder: folder.path, names: []), failures: [])
        write("compare.json", comparison.json(digests: digests), &outcome)
        let charts = drawn(formats, &outcome)
        let report = ComparisonReport(of: comparison).markdown(pictures: charts.map(\.picture))
        write("compare.md", Array(report.utf8), &outcome)
        for file in charts.flatMap(\.files) { write(file.path, file.bytes, &outcome) }
        return outcome
    }

    private func write(_ name: String, _ bytes: [UInt8], _ outcome: inout Outcome) {
        do {
            try folder.writeExport(name) { output in output.append(bytes) }
            outcome.written.names.append(name)
        } catch .export(let path, let reason, _) {
            outcome.failures.append(.comparison(path: path, reason: reason))
        } catch {
            outcome.failures.append(error)
        }
    }

    private struct DrawnChart {
        let picture: MarkdownReport.Picture
        let files: [ChartSet.File]
    }

    /// Draws a summary for each pair; without fonts as SVG alone.
    private func drawn(_ formats: Set<ChartSet.Format>, _ outcome: inout Outcome) -> [DrawnChart] {
        let load = comparison.loads.max() ?? Load(concurrency: 0)
        var charts: [DrawnChart] = []
        for (place, pair) in comparison.pairs.enumerated() {
            guard let chart = ComparisonChart(comparison, pair, at: load).summary else { continue }
            let name = comparison.pairs.count == 1 ? "summary" : "summary-\(place + 1)"
            do throws(CairoError) {
                charts.append(try draw(chart, named: name, formats))
            } catch {
                outcome.failures.append(
                    .comparison(path: "\(folder.path)/charts/\(name)", reason: error.message)
                )
            }
        }
        return charts
    }

    private func draw(
        _ chart: SummaryChart,
        named name: String,
        _ formats: Set<ChartSet.Format>
    ) throws(CairoError) -> DrawnChart {
        let fonts: ChartFonts?
        do {
            fonts = try ChartFonts()
        } catch .noFont {
            fonts = nil
        }
        var list = chart.displayList(measure: fonts?.measure ?? .fixedWidth)
        list.name = name
        let tool = comparison.after.tool
        let origin = ChartOrigin(
            software: "\(tool.name) \(tool.version)",
            command: comparison.command,
            digest: nil,
            date: comparison.after.started.iso8601.prefix(19) + "Z"
        )
        let files = try ChartSet.files(of: list, formats: formats, fonts: fonts, origin: origin)
        let isDrawn = fonts != nil && formats.contains(.png)
        let light = ChartSet.path(of: name, scheme: isDrawn ? Palette.light.name : nil)
        let dark = isDrawn ? ChartSet.path(of: name, scheme: Palette.dark.name) : nil
        return DrawnChart(
            picture: MarkdownReport.Picture(light: light, dark: dark, altText: chart.altText),
            files: files
        )
    }
}

extension RunComparison {
    /// The command that makes the comparison again.
    var command: String { "ingest-bench compare \(before.id) \(after.id)" }
}

/// What the summary chart shows of a pair.
private struct ComparisonChart {
    private let comparison: RunComparison
    private let pair: RunComparison.Pair
    private let load: Load

    init(_ comparison: RunComparison, _ pair: RunComparison.Pair, at load: Load) {
        self.comparison = comparison
        self.pair = pair
        self.load = load
    }

    /// The chart; nil where the pair was not measured.
    var summary: SummaryChart? {
        guard let throughput = comparison.row(.throughput, of: pair, at: load) else { return nil }
        let facts = ChartFacts(of: comparison.after)
        let changes = SummaryChart.drawnChanges.compactMap { metric in
            comparison.row(metric, of: pair, at: load).flatMap { SummaryChart.Change($0.after) }
        }
        let probe = comparison.after.plan.probe.map { group(SummaryChart.drawnProbe, "GET \($0.path)") }
        let isRefused = throughput.after.change?.verdict == .notComparable
        return SummaryChart(
            targets: pair.columns,
            load: facts.loadWords,
            rounds: min(throughput.before.rounds, throughput.after.rounds),
            times: SummaryChart.drawnTimes.map { group(.response($0), $0.name) },
            throughput: group(.throughput, "req/s"),
            probe: probe.flatMap { $0.levels.contains { $0 != nil } ? $0 : nil },
            comparisons: [
                SummaryChart.Comparison(
                    target: 1,
                    changes: changes,
                    isPaired: false,
                    obstacle: isRefused ? "see the warnings of the comparison" : nil
                )
            ],
            notes: [RunComparison.footnote, RunComparison.caution],
            frame: ChartFrame(
                cautions: comparison.warnings.filter { $0.severity != .note }.map(\.text),
                origin: facts.frame.origin,
                command: "$ \(comparison.command)"
            )
        )
    }

    private func group(_ metric: Metric, _ label: String) -> SummaryChart.BarGroup {
        let row = comparison.row(metric, of: pair, at: load)
        let levels = [row?.before, row?.after].map { $0.map { SummaryChart.Level($0) } }
        return SummaryChart.BarGroup(metric: metric, label: label, levels: levels)
    }
}
