import Measurements

/// A table of levels and changes, set for a terminal.
struct TextTable {
    private let table: ReportTable
    private let style: TerminalStyle
    /// What stands above the table; nil where nothing need be said.
    private let title: String?

    /// The longest name of a target that a column is made for.
    private static let widestName = 24
    private static let gap = TextGrid.gap
    /// Below this width intervals stand on a line of their own.
    private static let leastForIntervals = 60

    /// Prepares a table.
    init(_ table: ReportTable, style: TerminalStyle, title: String?) {
        self.table = table
        self.style = style
        self.title = title.map(style.plain)
    }

    /// The lines of the table.
    var lines: [String] {
        let title = title.map { [style.colored($0.shortened(to: style.width, mark: mark), .title)] } ?? []
        if let pair = PairLines(of: table, rows: rows, style: style, name: name) { return title + pair.lines }
        return title + levelLines + changeLines
    }

    /// The rows as they are set: under the name of their section, if they have one.
    private var rows: [ReportTable.Row] {
        var section: String?
        return table.rows.flatMap { row -> [ReportTable.Row] in
            var row = row
            defer { section = row.section }
            row.isDetail = row.isDetail || row.section != nil
            guard let name = row.section, name != section else { return [row] }
            return [ReportTable.Row(heading: name, of: table), row]
        }
    }

    private var mark: String { style.plain("…") }

    /// Label and unit of a row.
    private func label(_ row: ReportTable.Row) -> String {
        row.label(in: style)
    }

    private func name(_ target: String) -> String {
        let labels = rows.map { label($0).columns }.max() ?? 0
        let room = max(6, style.width - labels - Self.gap.count)
        return style.plain(target).shortened(to: min(Self.widestName, room), mark: mark)
    }

    /// Levels of one target or of many: as many side by side as there is room for.
    private var levelLines: [String] {
        let rows = rows
        let groups = table.targets.enumerated().map { place, target in
            [TextGrid.Column(cells: [name(target)] + rows.map { style.plain($0.levels[place]) })]
        }
        return TextGrid(labels: [""] + rows.map(label), groups: groups).lines(width: style.width)
    }

    /// A row for each candidate and metric, under a line that names the candidate.
    private var changeLines: [String] {
        table.candidates.indices.flatMap { candidate -> [String] in
            let rows = table.rows.compactMap { row in
                row.changes[candidate].map { change in
                    (
                        label: style.plain(
                            [row.section, row.label].compactMap { $0 }.joined(separator: " ")
                        ), change
                    )
                }
            }
            func widest(_ cell: (ReportTable.Change) -> String) -> Int {
                rows.map { style.plain(cell($0.1)).columns }.max() ?? 0
            }
            let labels = rows.map(\.label.columns).max() ?? 0
            let (estimates, intervals) = (widest(\.estimate), widest(\.interval))
            let title = "\(name(table.candidates[candidate])) against \(name(table.baseline))"
            let full = 2 + labels + estimates + intervals + widest(\.words) + 3 * Self.gap.count
            let isWide = style.width >= Self.leastForIntervals && full <= style.width
            return [style.colored(title.shortened(to: style.width, mark: mark), .title)]
                + rows.flatMap { label, change -> [String] in
                    let word = style.colored(style.plain(change.words), change.role)
                    let interval = style.plain(change.interval)
                    let first =
                        "  " + label.padded(to: labels) + Self.gap
                        + style.plain(change.estimate).padded(to: estimates, isRight: true)
                    if isWide {
                        return [[first, interval.padded(to: intervals), word].joined(separator: Self.gap)]
                    }
                    let second = [interval, word].filter { !$0.isEmpty }.joined(separator: Self.gap)
                    return [first, "    " + second]
                }
        }
    }

    /// A baseline and its only candidate side by side.
    private struct PairLines {
        private let rows: [ReportTable.Row]
        private let cells: [[String]]
        private let verdicts: [String]
        private let style: TerminalStyle
        private let widths: [Int]
        private let gap: String
        private let isWide: Bool

        /// Prepares the lines; nil where there is no room for a baseline and a candidate side by side.
        init?(
            of table: ReportTable,
            rows: [ReportTable.Row],
            style: TerminalStyle,
            name: (String) -> String
        ) {
            guard table.candidates.count == 1 else { return nil }
            let header = ["", name(table.baseline), name(table.candidates[0]), "change", "95 % CI"]
            let cells =
                [header]
                + rows.map { row in
                    let change = row.changes[0]
                    return [row.label(in: style)] + row.levels.map(style.plain)
                        + [style.plain(change?.estimate ?? ""), style.plain(change?.interval ?? "")]
                }
            // Points have no interval beside them, so they may run into its column and do not widen their own.
            let spills = [false] + rows.map { $0.changes[0]?.isPoints ?? false }
            let widths = header.indices.map { column in
                zip(cells, spills).filter { column != 3 || !$1 }.map { $0.0[column].columns }.max() ?? 0
            }
            let verdicts = rows.map { style.plain($0.changes[0]?.words ?? "") }
            let word = verdicts.map(\.columns).max() ?? 0
            let columns = widths.reduce(0, +)
            // A table that a little is missing for stands closer.
            let gap = [TextTable.gap, " "].first { columns + $0.count * widths.count + word <= style.width }
            isWide = gap != nil && style.width >= TextTable.leastForIntervals
            if !isWide {
                let points = zip(cells, spills).filter { $1 }.map { $0.0[3].columns }.max() ?? 0
                let first = widths[0...2].reduce(0, +) + max(widths[3], points) + 3 * TextTable.gap.count
                let second = widths[0] + widths[4] + word + 2 * TextTable.gap.count
                guard max(first, second) <= style.width else { return nil }
            }
            self.rows = rows
            self.cells = cells
            self.verdicts = verdicts
            self.style = style
            self.widths = widths
            self.gap = isWide ? gap ?? TextTable.gap : TextTable.gap
        }

        /// The names of the columns, and a line or two a row.
        var lines: [String] {
            var names = padded(cells[0])
            names[3] = cells[0][3].padded(to: widths[3])
            return set(names, interval: cells[0][4], word: "")
                + zip(rows, zip(cells.dropFirst(), verdicts)).flatMap { row, texts in
                    var cells = padded(texts.0)
                    if row.changes[0]?.isPoints ?? false { cells[3...] = [spilled(texts.0[3])] }
                    let word = style.colored(texts.1, row.changes[0]?.role)
                    return set(cells, interval: texts.0[4], word: word)
                }
        }

        /// Changes line up at their decimals, everything else at its start.
        private func padded(_ cells: [String]) -> [String] {
            cells.indices.map { cells[$0].padded(to: widths[$0], isRight: $0 == 3) }
        }

        private func set(_ cells: [String], interval: String, word: String) -> [String] {
            if isWide { return [(cells + [word]).joined(separator: gap).trimmedEnd] }
            let second = [interval, word].filter { !$0.isEmpty }.joined(separator: gap)
            let first = cells.prefix(4).joined(separator: gap).trimmedEnd
            let indent = String(repeating: " ", count: widths[0] + gap.count)
            return second.isEmpty ? [first] : [first, indent + second]
        }

        /// A change over two columns, its number in line with those that end in " %".
        private func spilled(_ change: String) -> String {
            let number = change.prefix { $0 != " " }
            let aligned =
                String(number).padded(to: widths[3] - 2, isRight: true) + change.dropFirst(number.count)
            return aligned.padded(to: widths[3] + gap.count + widths[4])
        }
    }
}

extension ReportTable.Row {
    /// Label and unit, as a terminal shows them.
    fileprivate func label(in style: TerminalStyle) -> String {
        style.plain((isDetail ? "  " : "") + (unit.isEmpty ? label : "\(label) \(unit)"))
    }

    /// A line that only names the rows under it.
    fileprivate init(heading: String, of table: ReportTable) {
        self.init(
            label: heading,
            unit: "",
            levels: table.targets.map { _ in "" },
            changes: table.candidates.map { _ in nil }
        )
    }
}

extension ReportTable.Change {
    /// The verdict and its sign.
    fileprivate var words: String {
        let symbol = verdict.symbol
        return symbol == " " ? verdict.rawValue : "\(symbol) \(verdict.rawValue)"
    }

    fileprivate var role: TerminalStyle.Role {
        switch verdict {
        case .better: .better
        case .worse: .worse
        default: .note
        }
    }
}
