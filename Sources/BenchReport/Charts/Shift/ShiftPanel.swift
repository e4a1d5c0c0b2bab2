import Measurements

/// The differences of one candidate, drawn around zero.
struct ShiftPanel {
    let panel: ShiftChart.Panel
    let unit: AxisUnit
    /// What the axis covers, in its unit: all differences with their intervals, and zero.
    let range: ClosedRange<Double>
    /// Whether the axis is named below it.
    let namesAxis: Bool

    /// The space for tick labels left of the axis.
    private static let axisWidth = 64.0
    /// The space beyond the outermost differences, for the numbers on the marks.
    private static let inset = 24.0
    private static let footHeight = 24.0
    private static let axisTitleHeight = 20.0

    /// Draws the panel.
    ///
    /// - Returns: Its bottom.
    func draw(top: Double, height: Double, on canvas: inout ChartCanvas) -> Double {
        let plot = Rectangle(
            x: ChartCanvas.margin + Self.axisWidth,
            y: top + Self.inset,
            width: ChartCanvas.innerWidth - Self.axisWidth,
            height: height - 2 * Self.inset - Self.footHeight - (namesAxis ? Self.axisTitleHeight : 0)
        )
        drawLevels(in: plot, on: &canvas)
        let slot = plot.width / 9
        let points = panel.deciles.map { decile in
            Point(x: plot.x + (Double(decile.tenth) - 0.5) * slot, y: y(of: decile.difference, in: plot))
        }
        canvas.polyline(points, color: .muted, width: 1.2, dashes: [4, 3])
        for (decile, point) in zip(panel.deciles, points) {
            draw(decile, at: point, in: plot, on: &canvas)
        }
        for tenth in 1...9 {
            canvas.text(
                "p\(tenth)0",
                x: plot.x + (Double(tenth) - 0.5) * slot,
                baseline: plot.maxY + Self.inset + 16,
                anchor: .middle,
                color: .muted
            )
        }
        guard namesAxis else { return top + height }
        canvas.text(
            "Decile of the response time",
            x: plot.x + plot.width / 2,
            baseline: top + height - 2,
            anchor: .middle,
            style: .note,
            color: .muted
        )
        return top + height
    }

    private func y(of seconds: Double, in plot: Rectangle) -> Double {
        let share = (seconds / unit.size - range.lowerBound) / (range.upperBound - range.lowerBound)
        return plot.maxY - plot.height * share
    }

    private func drawLevels(in plot: Rectangle, on canvas: inout ChartCanvas) {
        let scale = TickScale.inside(range, most: 6)
        for tick in scale.ticks {
            let y = y(of: tick * unit.size, in: plot)
            canvas.line(
                from: Point(x: plot.x, y: y),
                to: Point(x: plot.maxX, y: y),
                color: tick == 0 ? .axis : .grid,
                width: tick == 0 ? 2 : 1
            )
            let text = (tick > 0 ? "+" : "") + AxisUnit.tick(tick, step: scale.step)
            canvas.text(
                tick == scale.ticks.last ? "\(text) \(unit.symbol)" : text,
                x: plot.x - 8,
                baseline: y + 4.5,
                anchor: .end,
                color: .muted
            )
        }
    }

    private func draw(
        _ decile: ShiftChart.Decile,
        at point: Point,
        in plot: Rectangle,
        on canvas: inout ChartCanvas
    ) {
        let (upper, lower) = (
            y(of: decile.interval.upperBound, in: plot), y(of: decile.interval.lowerBound, in: plot)
        )
        let color = decile.tone.color
        canvas.line(
            from: Point(x: point.x, y: upper),
            to: Point(x: point.x, y: lower),
            color: color,
            width: 2.4
        )
        for end in [upper, lower] {
            canvas.line(
                from: Point(x: point.x - 5, y: end),
                to: Point(x: point.x + 5, y: end),
                color: color,
                width: 2
            )
        }
        canvas.dot(point, radius: 5, shape: decile.tone.marker, fill: color)
        // Beyond a short interval there is room; at the end of a long one a number would seem to be that end's.
        let isAbove = decile.difference >= 0
        let end = isAbove ? min(upper, point.y - 5) : max(lower, point.y + 5)
        let isNear = abs(end - point.y) <= 18
        // The last one has its place on the left.
        let (side, anchor) = decile.tenth < 9 ? (9.0, TextLine.Anchor.start) : (-9, .end)
        canvas.text(
            ShiftChart.text(decile.difference, in: unit),
            x: isNear ? point.x : point.x + side,
            baseline: isNear ? end + (isAbove ? -6 : 15) : point.y + (isAbove ? -6 : 15),
            anchor: isNear ? .middle : anchor,
            style: .bodyBold,
            color: color,
            halo: true
        )
    }
}
