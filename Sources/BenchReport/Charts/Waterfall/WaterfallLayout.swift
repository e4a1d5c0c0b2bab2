extension WaterfallChart {
    /// The space above a plot for its name and figures.
    private static let headHeight = 44.0
    /// The space below a plot for its ticks.
    private static let footHeight = 28.0

    /// Lays the chart out.
    ///
    /// - Parameter measure: How wide text is.
    /// - Returns: What to draw.
    package func displayList(measure: TextMeasure) -> DisplayList {
        var canvas = ChartCanvas(measure: measure)
        let top = frame.drawHeading(title: title, subtitle: subtitle, on: &canvas) + 16
        let lines = PanelGrid.lines(of: panels.count)
        let most = panels.map(\.rows.count).max() ?? 0
        let plotHeight = plotHeight(lines: lines)
        let grid = PanelGrid(
            axisWidth: max(34, (canvas.width(String(most), .body) + 8).rounded(.up)),
            lineHeights: Array(repeating: Self.headHeight + plotHeight + Self.footHeight, count: lines),
            top: top,
            count: panels.count
        )
        let scale = TimeScale(upTo: panels.flatMap(\.rows).map(\.done).max() ?? 0, most: 6)
        for (index, panel) in panels.enumerated() {
            var plot = grid.frame(of: index)
            plot.y += Self.headHeight
            plot.height = plotHeight
            let drawing = WaterfallPanel(chart: self, panel: panel, target: index, scale: scale, plot: plot)
            drawing.draw(numbersRows: grid.isFirst(index), on: &canvas)
        }
        let height = frame.drawFooter(top: grid.bottom + 14, on: &canvas)
        return DisplayList(
            name: "waterfall",
            title: title,
            altText: altText,
            width: ChartCanvas.width,
            height: height.rounded(.up),
            items: canvas.items
        )
    }

    /// Rows are 3 pixels high at least; few uploads get thicker rows and a lower plot.
    private func plotHeight(lines: Int) -> Double {
        let rows = panels.map {
            ($0.rows.count + Self.binSize(of: $0.rows.count) - 1) / Self.binSize(of: $0.rows.count)
        }
        let most = Double(max(1, rows.max() ?? 1))
        return most * min(22, max(3, (lines > 1 ? 240 : 350) / most))
    }
}
