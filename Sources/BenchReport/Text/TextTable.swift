import Measurements

/// A table of levels and changes, set for a terminal.
struct TextTable {
    private let table: ReportTable
    private let style: TerminalStyle
    /// Whether the load need not be named.
    private let isOnly: Bool

    /// The longest name of a target that a column is made for.
    private static let widestName = 24
    private static let gap = "  "

    /// Prepares a table.
    init(_ table: ReportTable, style: TerminalStyle, isOnly: Bool) {
        self.table = table
        self.style = style
        self.isOnly = isOnly
    }

    /// The lines of the table.
    var lines: [String] {
        let title = isOnly ? [] : [style.colored(table.load.name, .title)]
        if table.candidates.count == 1 { return title + pairLines }
        return title + levelLines + changeLines
    }

    /// Label and unit of a row.
    private func label(_ row: ReportTable.Row) -> String {
        let indent = row.isDetail ? "  " : ""
        return style.plain(indent + (row.unit.isEmpty ? row.label : "\(row.label) \(row.unit)"))
    }

    private func name(_ target: String) -> String {
        style.plain(target).shortened(to: Self.widestName, mark: style.plain("…"))
    }

    /// The width of the widest text.
    private func width(_ texts: [String]) -> Int { texts.map(\.count).max() ?? 0 }

    /// Baseline and candidate side by side; intervals move to a second line where they have no room.
    private var pairLines: [String] {
        let header = ["", name(table.baseline), name(table.candidates[0]), "change", "95 % CI"]
        let rows = table.rows.map { row in
            let change = row.changes[0]
            return [label(row)] + row.levels.map(style.plain)
                + [style.plain(change?.estimate ?? ""), style.plain(change?.interval ?? "")]
        }
        // Points have no interval beside them, so they may run into its column and do not widen their own.
        let spills = table.rows.map { $0.changes[0]?.isPoints ?? false }
        let ratios = zip(rows, spills).filter { !$1 }.map(\.0)
        let widths = header.indices.map { column in
            width(([header] + (column == 3 ? ratios : rows)).map { $0[column] })
        }
        let verdicts = table.rows.map { verdict($0.changes[0]) }
        let full = widths.reduce(0, +) + Self.gap.count * widths.count + width(verdicts.map(\.text))
        let isWide = full <= style.width
        func line(
            _ cells: [String],
            _ verdict: (text: String, role: TerminalStyle.Role?),
            spills: Bool = false
        ) -> [String] {
            var set = cells.indices.map { column in
                // Changes line up at their decimals, everything else at its start.
                cells[column].padded(to: widths[column], isRight: column == 3 && verdict.text != Self.header)
            }
            if spills { set[3...] = [spilled(cells[3], widths[3], widths[4])] }
            let word = style.colored(verdict.text == Self.header ? "" : verdict.text, verdict.role)
            if isWide { return [(set + [word]).joined(separator: Self.gap).trimmedEnd] }
            let second = [cells[4], word].filter { !$0.isEmpty }.joined(separator: Self.gap)
            let first = set.prefix(4).joined(separator: Self.gap).trimmedEnd
            let indent = String(repeating: " ", count: widths[0] + Self.gap.count)
            return second.isEmpty ? [first] : [first, indent + second]
        }
        return line(header, (Self.header, nil))
            + rows.indices.flatMap { line(rows[$0], verdicts[$0], spills: spills[$0]) }
    }

    /// A change over two columns, its number in line with those that end in " %".
    private func spilled(_ change: String, _ own: Int, _ next: Int) -> String {
        let number = change.prefix { $0 != " " }
        let aligned = String(number).padded(to: own - 2, isRight: true) + change.dropFirst(number.count)
        return aligned.padded(to: own + Self.gap.count + next)
    }

    /// Stands for the verdict of the line that holds the names of the columns.
    private static let header = "\u{0}"

    private func verdict(_ change: ReportTable.Change?) -> (text: String, role: TerminalStyle.Role?) {
        guard let change else { return ("", nil) }
        let role: TerminalStyle.Role? =
            switch change.verdict {
            case .better: .better
            case .worse: .worse
            default: .note
            }
        let symbol = change.verdict.symbol
        let text = symbol == " " ? change.verdict.rawValue : "\(symbol) \(change.verdict.rawValue)"
        return (style.plain(text), role)
    }

    /// Levels of one target or of many: as many side by side as there is room for.
    private var levelLines: [String] {
        let labels = table.rows.map(label)
        let first = width(labels)
        var lines: [String] = []
        var group: [Int] = []
        func columnWidth(_ target: Int) -> Int {
            width([name(table.targets[target])] + table.rows.map { style.plain($0.levels[target]) })
        }
        func flush() {
            let header = group.map { name(table.targets[$0]).padded(to: columnWidth($0)) }
            let blank = String(repeating: " ", count: first)
            lines.append(([blank] + header).joined(separator: Self.gap).trimmedEnd)
            for (row, label) in zip(table.rows, labels) {
                let cells = group.map { style.plain(row.levels[$0]).padded(to: columnWidth($0)) }
                lines.append(([label.padded(to: first)] + cells).joined(separator: Self.gap).trimmedEnd)
            }
        }
        for target in table.targets.indices {
            let used = first + (group + [target]).reduce(0) { $0 + Self.gap.count + columnWidth($1) }
            if used > style.width, !group.isEmpty {
                flush()
                group = []
            }
            group.append(target)
        }
        flush()
        return lines
    }

    /// A row for each candidate and metric, under a line that names the candidate.
    private var changeLines: [String] {
        table.candidates.indices.flatMap { candidate -> [String] in
            let rows = table.rows.compactMap { row in row.changes[candidate].map { (row.label, $0) } }
            let labels = width(rows.map { style.plain($0.0) })
            let estimates = width(rows.map { style.plain($0.1.estimate) })
            let intervals = width(rows.map { style.plain($0.1.interval) })
            let title = "\(name(table.candidates[candidate])) against \(name(table.baseline))"
            return [style.colored(title, .title)]
                + rows.map { label, change in
                    let verdict = verdict(change)
                    let cells = [
                        style.plain(label).padded(to: labels),
                        style.plain(change.estimate).padded(to: estimates, isRight: true),
                        style.plain(change.interval).padded(to: intervals),
                        style.colored(verdict.text, verdict.role),
                    ]
                    return "  " + cells.joined(separator: Self.gap).trimmedEnd
                }
        }
    }
}

extension String {
    /// The text without the spaces that end it.
    var trimmedEnd: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}
