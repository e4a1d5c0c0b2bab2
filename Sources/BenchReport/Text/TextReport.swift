import Measurements

/// The report on a terminal.
package struct TextReport {
    private let document: RunDocument
    private let style: TerminalStyle
    private let checks: [String]
    private let written: WrittenFiles?

    /// Prepares a report.
    ///
    /// - Parameters:
    ///   - document: The run.
    ///   - style: How it is set.
    ///   - checks: What the charts have to say.
    ///   - written: The files that were written; nil to leave them out.
    package init(of document: RunDocument, style: TerminalStyle, checks: [String], written: WrittenFiles?) {
        self.document = document
        self.style = style
        self.checks = checks
        self.written = written
    }

    /// The report, ending with a line break.
    package var text: String {
        var sections = [header]
        for table in ReportTable.all(of: document) {
            var lines = TextTable(table, style: style, title: flight(table)).lines
            if !table.candidates.isEmpty {
                lines += wrapped(ReportTable.footnote).map { style.colored($0, .note) }
            }
            sections.append(lines)
        }
        sections.append(sweep)
        sections.append(PercentileSketch(of: document, style: style)?.lines ?? [])
        sections.append(wrapped(document.verdict, first: "VERDICT  ", indent: 9))
        sections.append(
            document.blockedLoops.flatMap { wrapped($0.text, first: "FINDING  ", indent: 9) }
                .map { style.colored($0, .worse) }
        )
        for ranking in BlockRanking.all(of: document) {
            sections.append(
                BlockedTable(ranking, style: style, isOnly: !document.plan.isSweep).lines
            )
        }
        for table in ReportTable.bySize(of: document) {
            let title = ["By size of upload", flight(table)].compactMap { $0 }.joined(separator: ", ")
            sections.append(TextTable(table, style: style, title: title).lines)
        }
        sections.append(warnings + checkLines)
        if let written { sections.append(files(written)) }
        sections.append(thresholds)
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
            + "\n"
    }

    /// The load of a table, if the run has several.
    private func flight(_ table: ReportTable) -> String? {
        document.plan.isSweep ? table.load.name : nil
    }

    /// The sweep at a glance, columns aligned at their right.
    private var sweep: [String] {
        guard let sweep = SweepCapacity(of: document) else { return [] }
        let names = sweep.targets.map(\.name)
        let shown = sweep.restricted(to: names) { plain($0).shortened(to: style.width / 4, mark: plain("…")) }
        let columns = (shown.cells.first ?? []).indices.map { column in
            TextGrid.Column(cells: shown.cells.map { plain($0[column]) }, isRight: true)
        }
        guard let labels = columns.first?.cells else { return [] }
        let groups = stride(from: 1, to: columns.count, by: 2).map {
            Array(columns[$0...min($0 + 1, columns.count - 1)])
        }
        return TextGrid(labels: labels, groups: groups, areLabelsRight: true).lines(width: style.width)
    }

    private var header: [String] {
        let facts = ReportFacts(of: document)
        let names = document.comparedTargets.map { target in
            target.name == document.baseline?.name && document.comparedTargets.count > 1
                ? "\(target.name) (baseline)" : target.name
        }
        let standing = facts.headlines.isEmpty ? [document.validity.verdict.rawValue] : []
        let first =
            standing + ["\(document.tool.name) \(document.tool.version)", names.joined(separator: " vs ")]
        let joined = plain(first.joined(separator: " · "))
        let date = document.started.minuteText
        let fits = joined.columns + 2 + date.count <= style.width
        let files = document.targets.first.map { "\($0.method) \(facts.files)" } ?? facts.files
        let alarms = facts.headlines.flatMap { wrapped($0) }.map { style.colored($0, .worse) }
        let title = fits ? ["\(joined)  \(date)"] : wrapped(first.joined(separator: " · ")) + [date]
        let load = [files, facts.load, facts.rounds, "seed \(document.plan.seed)"]
        return alarms + title + items(load, first: "", indent: 0)
    }

    private var warnings: [String] {
        let stood: Set<ReportWarning.Code> = [.partial, .validity]
        let texts = document.warnings.filter { !stood.contains($0.code) }
        guard !texts.isEmpty else { return [] }
        return ["Warnings"]
            + texts.flatMap { warning in
                wrapped(warning.text, first: "  ! ", indent: 4).map { line in
                    style.colored(line, warning.severity == .note ? .note : .worse)
                }
            }
    }

    /// What became of each threshold: its expression, and the value beside it.
    private var thresholds: [String] {
        guard !document.thresholds.isEmpty else { return [] }
        let widest = document.thresholds.map { plain($0.expression).columns }.max() ?? 0
        let width = min(style.width / 2, widest)
        let lines = document.thresholds.flatMap { result in
            let sign = "  \(plain(result.verdict.sign)) "
            let expression = plain(result.expression)
            // An expression that takes more than its column stands on lines of its own.
            let isLong = expression.columns > width
            let own = isLong ? wrapped(result.expression, first: sign, indent: 4) : []
            let first = isLong ? "      " : sign + expression.padded(to: width) + "   "
            return (own + wrapped(result.brief, first: first, indent: first.columns)).map { line in
                style.colored(line, result.verdict == .fail ? .worse : .note)
            }
        }
        return ["Thresholds"] + lines
    }

    private var checkLines: [String] {
        items(ReportFacts(of: document).checks(noted: checks), first: "Checks   ", indent: 9)
    }

    private func files(_ written: WrittenFiles) -> [String] {
        let top = written.names.filter { !$0.contains("/") }
        var lines = fillNames([written.folder + "/"], first: "Wrote  ")
        if !top.isEmpty { lines += fillNames(top) }
        let charts = written.names.filter { $0.hasPrefix("charts/") }
        if !charts.isEmpty { lines += fillNames(chartNames(charts)) }
        return lines
    }

    /// Charts without their colour schemes, and the endings that they all have.
    private func chartNames(_ paths: [String]) -> [String] {
        var names: [String] = []
        var endings: [String] = []
        for path in paths {
            let parts = path.dropFirst("charts/".count).split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            let name = parts[0].replacing("-light", with: "").replacing("-dark", with: "")
            if !names.contains(name) { names.append(name) }
            if !endings.contains(".\(parts[1])") { endings.append(".\(parts[1])") }
        }
        return ["charts/"] + names + ["(\(endings.joined(separator: " ")))"]
    }

    private func fillNames(_ names: [String], first: String = "       ") -> [String] {
        TextWrap.fill(names.map(plain), between: "  ", width: style.width, first: first, indent: 7)
    }

    private func wrapped(_ text: String, first: String = "", indent: Int = 0) -> [String] {
        TextWrap.lines(plain(text), width: style.width, first: first, indent: indent)
    }

    private func items(_ items: [String], first: String, indent: Int) -> [String] {
        TextWrap.items(items.map(plain), width: style.width, first: first, indent: indent, sign: plain("·"))
    }

    private func plain(_ text: String) -> String { style.plain(text) }
}

/// The files that a report's last lines name.
package struct WrittenFiles: Sendable, Equatable {
    /// The results folder.
    package var folder: String
    /// Their paths in it.
    package var names: [String]

    /// Names files.
    ///
    /// - Parameters:
    ///   - folder: The results folder.
    ///   - names: Their paths in it.
    package init(folder: String, names: [String]) {
        self.folder = folder
        self.names = names
    }
}
