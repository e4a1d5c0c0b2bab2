/// Columns beside labels; those that have no room go on below, with the labels again.
struct TextGrid {
    /// One column from top to bottom, its name the first cell.
    struct Column {
        var cells: [String]
        var isRight = false
    }

    /// What stands at the left of each line, its own name first.
    let labels: [String]
    /// Columns that stay together.
    let groups: [[Column]]
    var areLabelsRight = false

    /// What stands between two columns.
    static let gap = "  "

    /// The lines, as many groups side by side as there is room for.
    ///
    /// - Parameter width: How wide a line may be.
    /// - Returns: Tables of as many lines as there are labels, one after the other.
    func lines(width: Int) -> [String] {
        let first = labels.map(\.columns).max() ?? 0
        var lines: [String] = []
        var taken: [Column] = []
        var used = first
        func flush() {
            lines += labels.indices.map { row in
                let cells = taken.map { $0.cells[row].padded(to: $0.width, isRight: $0.isRight) }
                let label = labels[row].padded(to: first, isRight: areLabelsRight)
                return ([label] + cells).joined(separator: Self.gap).trimmedEnd
            }
        }
        for group in groups {
            let needed = group.reduce(0) { $0 + Self.gap.count + $1.width }
            if used + needed > width, !taken.isEmpty {
                flush()
                taken = []
                used = first
            }
            taken += group
            used += needed
        }
        flush()
        return lines
    }
}

extension TextGrid.Column {
    fileprivate var width: Int { cells.map(\.columns).max() ?? 0 }
}
