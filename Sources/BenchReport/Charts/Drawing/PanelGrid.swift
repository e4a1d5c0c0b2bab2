/// Where the panels of several targets stand: two abreast at most, with room for tick labels on the left.
struct PanelGrid {
    /// The space left of the first panel of a line for tick labels.
    let axisWidth: Double
    /// The height of the panels of each line with all that belongs to them.
    let lineHeights: [Double]
    let top: Double
    let count: Int

    private static let gap = 26.0
    private static let lineGap = 14.0

    private var columns: Int { max(1, min(2, count)) }

    /// How many lines a number of panels takes.
    static func lines(of count: Int) -> Int { (count + 1) / 2 }

    /// The bottom of the last line.
    var bottom: Double { lineTop(lineHeights.count) - Self.lineGap }

    private func lineTop(_ line: Int) -> Double {
        lineHeights.prefix(line).reduce(top) { $0 + $1 + Self.lineGap }
    }

    /// The place of a panel, tick labels not included.
    func frame(of index: Int) -> Rectangle {
        let free = ChartCanvas.innerWidth - axisWidth - Double(columns - 1) * Self.gap
        let width = free / Double(columns)
        return Rectangle(
            x: ChartCanvas.margin + axisWidth + Double(index % 2) * (width + Self.gap),
            y: lineTop(index / 2),
            width: width,
            height: lineHeights[index / 2]
        )
    }

    /// Whether a panel carries the tick labels of its line.
    func isFirst(_ index: Int) -> Bool { index.isMultiple(of: 2) }
}
