import Measurements

/// Two runs beside each other, on a terminal and as Markdown.
package struct ComparisonReport {
    private let comparison: RunComparison

    /// Prepares a report.
    ///
    /// - Parameter comparison: The comparison.
    package init(of comparison: RunComparison) {
        self.comparison = comparison
    }

    /// The report for a terminal, ending with a line break.
    ///
    /// - Parameters:
    ///   - style: How it is set.
    ///   - written: The files that were written; nil to leave them out.
    /// - Returns: The text.
    package func text(style: TerminalStyle, written: WrittenFiles? = nil) -> String {
        func wrapped(_ text: String, first: String = "", indent: Int = 0) -> [String] {
            TextWrap.lines(style.plain(text), width: style.width, first: first, indent: indent)
        }
        var sections = [
            [("before ", comparison.before), ("after  ", comparison.after)].flatMap { name, run in
                wrapped(Self.heading(of: run), first: name + " ", indent: 8)
            }
        ]
        for (title, table) in tables {
            sections.append(TextTable(table, style: style, title: title).lines)
        }
        sections.append(
            wrapped(RunComparison.footnote + " " + RunComparison.caution).map { style.colored($0, .note) }
        )
        for (title, lines) in adjustments {
            sections.append(wrapped(title) + lines.flatMap { wrapped($0, first: "  ", indent: 4) })
        }
        sections.append(wrapped(ComparisonSentence(of: comparison).text, first: "VERDICT  ", indent: 9))
        let warnings = comparison.warnings.flatMap { warning in
            wrapped(warning.text, first: "  ! ", indent: 4).map { style.colored($0, .worse) }
        }
        if !warnings.isEmpty { sections.append(["Warnings"] + warnings) }
        if let written {
            func filled(_ names: [String], first: String) -> [String] {
                TextWrap.fill(
                    names.map(style.plain),
                    between: "  ",
                    width: style.width,
                    first: first,
                    indent: 7
                )
            }
            sections.append(
                filled([written.folder + "/"], first: "Wrote  ") + filled(written.names, first: "       ")
            )
        }
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
            + "\n"
    }

    /// `compare.md`, ending with a line break.
    ///
    /// - Parameter pictures: The charts.
    /// - Returns: The text.
    func markdown(pictures: [MarkdownReport.Picture]) -> String {
        let escaped = MarkdownReport.escaped
        var parts = [
            "<!-- ingest-bench:compare -->\n**\(escaped(ComparisonSentence(of: comparison).text))**",
            "Before: \(escaped(Self.heading(of: comparison.before)))  \n"
                + "After: \(escaped(Self.heading(of: comparison.after)))",
        ]
        for (title, table) in tables {
            parts.append("**\(escaped(title))**")
            parts.append(MarkdownReport.markdown(table))
        }
        parts.append(escaped(RunComparison.footnote + " " + RunComparison.caution))
        for (title, lines) in adjustments {
            parts.append(([escaped(title), ""] + lines.map { "- \(escaped($0))" }).joined(separator: "\n"))
        }
        parts += pictures.map(MarkdownReport.markdown)
        let warnings = comparison.warnings.map { "- \(escaped($0.text))" }
        if !warnings.isEmpty { parts.append("**Warnings**\n\n" + warnings.joined(separator: "\n")) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// A table for each pair and load, and where files of several sizes were sent, one of the sizes.
    private var tables: [(title: String, table: ReportTable)] {
        tables(of: comparison.rows)
            + tables(of: comparison.classRows).map { ("By size of upload: \($0.title)", $0.table) }
    }

    private func tables(of all: [RunComparison.Row]) -> [(title: String, table: ReportTable)] {
        comparison.loads.flatMap { load in
            comparison.pairs.compactMap { pair in
                let rows = all.filter { $0.pair == pair && $0.load == load }
                guard !rows.isEmpty else { return nil }
                let table = ReportTable(
                    columns: pair.before == pair.after ? ["before", "after"] : [pair.before, pair.after],
                    before: rows.map(\.before),
                    after: rows.map(\.after),
                    longest: [
                        ReportTable.longestBlock(of: pair.before, comparison.before, at: load),
                        ReportTable.longestBlock(of: pair.after, comparison.after, at: load),
                    ],
                    at: load
                )
                return (title(pair, load), table)
            }
        }
    }

    private func title(_ pair: RunComparison.Pair, _ load: Load) -> String {
        let name = pair.before == pair.after ? pair.after : "\(pair.before) → \(pair.after)"
        return name + (comparison.loads.count > 1 ? ", \(load.name)" : "")
    }

    /// The changes from which the drift of another target is taken off, a list for each pair.
    private var adjustments: [(title: String, lines: [String])] {
        let shown: [Metric] = [.throughput] + [Percentile.p50, .p95, .p99].map { .response(.percentile($0)) }
        return comparison.loads.flatMap { load in
            comparison.pairs.compactMap { pair in
                let lines = shown.compactMap { metric -> String? in
                    guard let row = comparison.row(metric, of: pair, at: load),
                        let change = row.adjusted?.comparison
                    else { return nil }
                    let bounds = change.low.flatMap { low in change.high.map { NumberText.bounds(low, $0) } }
                    return "\(metric.name)  \(NumberText.percent(change.estimate))"
                        + (bounds.map { " (\($0))" } ?? "")
                }
                guard
                    let reference = comparison.row(.throughput, of: pair, at: load)?.adjusted?
                        .reference,
                    !lines.isEmpty
                else { return nil }
                let flight = comparison.loads.count > 1 ? " \(load.phrase)" : ""
                return (
                    "Drift-adjusted change of \(pair.after)\(flight), by its ratio to \(reference) in each block:",
                    lines
                )
            }
        }
    }

    private static func heading(of run: RunDocument) -> String {
        let facts = ReportFacts(of: run)
        return "\(run.id) · \(facts.load) of \(facts.files) · \(facts.rounds) · \(run.started.minuteText) · "
            + run.validity.verdict.rawValue
    }
}
