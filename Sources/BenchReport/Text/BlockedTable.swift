import Measurements

/// Where the loop of a target was blocked, set for a terminal.
struct BlockedTable {
    private let ranking: BlockRanking
    private let style: TerminalStyle
    /// Whether the load need not be named.
    private let isOnly: Bool

    /// How many places stand on a terminal; report.md has more.
    private static let most = 3
    private static let header = ["share", "count", "longest"]
    /// What stands before each column of figures.
    private static let gaps = [" ", "   ", "  "]
    private static let words = "Where the loop was blocked ("
    /// The fewest columns that are left of a name.
    private static let narrowest = 6

    /// Prepares a table.
    init(_ ranking: BlockRanking, style: TerminalStyle, isOnly: Bool) {
        self.ranking = ranking
        self.style = style
        self.isOnly = isOnly
    }

    /// The lines of the table.
    var lines: [String] {
        let entries = ranking.entries.prefix(Self.most)
        let rows = entries.map { [$0.shareText, String($0.count), $0.longestText].map(style.plain) }
        let widths = Self.header.indices.map { column in
            ([Self.header] + rows).map { $0[column].columns }.max() ?? 0
        }
        let figures = zip(Self.gaps, widths).reduce(0) { $0 + $1.0.count + $1.1 }
        let room = style.width - figures
        // A share as wide as its column would come too close to the place before it.
        let apart = rows.contains { $0[0].columns >= widths[0] } ? 1 : 0
        let labels = entries.map { shortened("  " + style.plain(label($0)), to: room - apart) }
        // Where the title has no room beside the names of the columns, it stands above them.
        let isAbove = room < Self.words.count + Self.narrowest
        let title = title(in: isAbove ? style.width : room)
        let width = max(isAbove ? 0 : title.columns, (labels.map(\.columns).max() ?? 0) + apart)
        func line(_ label: String, _ cells: [String]) -> String {
            cells.indices.reduce(label.padded(to: width)) { line, column in
                line + Self.gaps[column] + cells[column].padded(to: widths[column], isRight: true)
            }
        }
        let heading = isAbove ? [title, line("", Self.header)] : [line(title, Self.header)]
        return heading + zip(labels, rows).map { line($0, $1) }
    }

    private func label(_ entry: BlockRanking.Entry) -> String {
        [entry.place ?? BlockRanking.unknownPlace, entry.callee].compactMap { $0 }.joined(separator: " → ")
    }

    /// The title; only the target's name gives way where there is no room.
    private func title(in room: Int) -> String {
        let flight = isOnly ? "" : ", \(ranking.load.name)"
        let left = room - Self.words.count - flight.count - 1
        return
            "\(Self.words)\(shortened(style.plain(ranking.target), to: max(Self.narrowest, left)))\(flight))"
    }

    private func shortened(_ text: String, to width: Int) -> String {
        text.shortened(to: width, mark: style.plain("…"))
    }
}
