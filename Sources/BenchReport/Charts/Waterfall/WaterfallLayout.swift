import Measurements

extension WaterfallChart {
    /// The space above a plot for its name and figures.
    private static let headHeight = 44.0
    /// The space below a plot for its ticks.
    private static let footHeight = 28.0
    /// The space left of the first plot of a line for the rows' numbers.
    private static let axisWidth = 34.0

    /// Lays the chart out.
    ///
    /// - Parameter measure: How wide text is.
    /// - Returns: What to draw.
    package func displayList(measure: TextMeasure) -> DisplayList {
        var canvas = ChartCanvas(measure: measure)
        let top = frame.drawHeading(title: title, subtitle: subtitle, on: &canvas) + 16
        let columns = min(2, panels.count)
        let gap = 26.0
        let width =
            (ChartCanvas.innerWidth - Self.axisWidth - Double(columns - 1) * gap) / Double(max(1, columns))
        let lines = (panels.count + 1) / 2
        let plotHeight = plotHeight(lines: lines)
        let lineHeight = Self.headHeight + plotHeight + Self.footHeight
        let scale = timeScale
        for (index, panel) in panels.enumerated() {
            let (column, line) = (index % 2, index / 2)
            let plot = Rectangle(
                x: ChartCanvas.margin + Self.axisWidth + Double(column) * (width + gap),
                y: top + Double(line) * (lineHeight + 14) + Self.headHeight,
                width: width,
                height: plotHeight
            )
            let drawing = WaterfallPanel(chart: self, panel: panel, target: index, scale: scale, plot: plot)
            drawing.draw(numbersRows: column == 0, on: &canvas)
        }
        let bottom = top + Double(lines) * (lineHeight + 14) - 14
        let height = frame.drawFooter(top: bottom + 14, on: &canvas)
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

    /// The time axis that all panels share.
    private var timeScale: WaterfallPanel.TimeScale {
        let last = panels.flatMap(\.rows).map(\.done).max() ?? 0
        let unit = AxisUnit.time(upTo: last)
        return WaterfallPanel.TimeScale(
            scale: TickScale(low: 0, high: last > 0 ? last / unit.size : 1, count: 5),
            unit: unit
        )
    }
}
