extension SummaryChart {
    /// Lays the chart out.
    ///
    /// - Parameter measure: How wide text is.
    /// - Returns: What to draw.
    package func displayList(measure: TextMeasure) -> DisplayList {
        var canvas = ChartCanvas(measure: measure)
        var y = frame.drawHeading(title: title, subtitle: subtitle, on: &canvas)
        y = drawLegend(top: y + 12, on: &canvas)
        y = drawBars(top: y + 18, on: &canvas)
        y = drawForests(top: y + 14, on: &canvas)
        y = drawNotes(top: y + 8, on: &canvas)
        let height = frame.drawFooter(top: y + 12, on: &canvas)
        return DisplayList(
            name: "summary",
            title: title,
            altText: altText,
            width: ChartCanvas.width,
            height: height.rounded(.up),
            items: canvas.items
        )
    }

    private func drawLegend(top: Double, on canvas: inout ChartCanvas) -> Double {
        let style = TextStyle(size: 14, isBold: true)
        var (x, y) = (ChartCanvas.margin, top)
        for index in targets.indices {
            let name = shortName(index) + (index == 0 && targets.count > 1 ? " (baseline)" : "")
            let width = 19 + canvas.width(name, style)
            if x > ChartCanvas.margin, x + width > ChartCanvas.width - ChartCanvas.margin {
                (x, y) = (ChartCanvas.margin, y + 22)
            }
            canvas.rectangle(
                Rectangle(x: x, y: y + 2, width: 13, height: 13),
                fill: .target(index),
                texture: .target(index)
            )
            canvas.text(name, x: x + 19, baseline: y + 13.5, style: style, color: .target(index))
            x += width + 22
        }
        return y + 18
    }

    private func drawBars(top: Double, on canvas: inout ChartCanvas) -> Double {
        let values = times.flatMap(\.levels).compactMap { $0?.value }
        let timeUnit = AxisUnit.time(upTo: values.max() ?? 0)
        let response = BarPanel(
            title: "Response time (\(timeUnit.symbol))",
            direction: "lower is better",
            groups: times,
            unit: timeUnit
        )
        let rate = BarPanel(
            title: "Throughput",
            direction: "higher is better",
            groups: [throughput],
            unit: .plain("req/s")
        )
        let responsiveness = probe.map { probe in
            let unit = AxisUnit.times(probe.levels.compactMap { $0?.value })
            return BarPanel(
                title: "Probe p99 (\(unit.symbol))",
                direction: "lower is better",
                groups: [probe],
                unit: unit
            )
        }
        let side = [rate] + [responsiveness].compactMap { $0 }
        return targets.count > (side.count > 1 ? 2 : 3)
            ? drawStacked(response, above: side, top: top, on: &canvas)
            : drawAbreast(response, beside: side, top: top, on: &canvas)
    }

    /// One row: there is room for two bars a group, or three beside one panel.
    private func drawAbreast(
        _ main: BarPanel,
        beside side: [BarPanel],
        top: Double,
        on canvas: inout ChartCanvas
    ) -> Double {
        let (height, gap, sideWidth) = (300.0, 26.0, side.count > 1 ? 142.0 : 200)
        let mainWidth = ChartCanvas.innerWidth - Double(side.count) * (sideWidth + gap)
        main.draw(
            in: Rectangle(x: ChartCanvas.margin, y: top, width: mainWidth, height: height),
            on: &canvas
        )
        for (index, panel) in side.enumerated() {
            let x = ChartCanvas.margin + mainWidth + gap + Double(index) * (sideWidth + gap)
            panel.draw(in: Rectangle(x: x, y: top, width: sideWidth, height: height), on: &canvas)
        }
        return top + height
    }

    /// Two rows: three or four bars a group need the whole width.
    private func drawStacked(
        _ main: BarPanel,
        above side: [BarPanel],
        top: Double,
        on canvas: inout ChartCanvas
    ) -> Double {
        let (height, gap) = (250.0, 32.0)
        main.draw(
            in: Rectangle(x: ChartCanvas.margin, y: top, width: ChartCanvas.innerWidth, height: height),
            on: &canvas
        )
        let width = (ChartCanvas.innerWidth - gap) / 2
        for (index, panel) in side.enumerated() {
            let x = ChartCanvas.margin + Double(index) * (width + gap)
            panel.draw(
                in: Rectangle(x: x, y: top + height + 18, width: width, height: height),
                on: &canvas
            )
        }
        return top + 2 * height + 18
    }

    private func drawForests(top: Double, on canvas: inout ChartCanvas) -> Double {
        let shown = comparisons.filter { !$0.changes.isEmpty }
        let changes = shown.flatMap(\.changes)
        guard !changes.isEmpty else { return top - 10 }
        let bounds = changes.flatMap { [$0.estimate, $0.interval?.lowerBound, $0.interval?.upperBound] }
        let scale = ChangeScale(covering: bounds.compactMap { $0 })
        let columns = ForestPanel.Columns(of: changes, on: canvas)
        var y = top
        for comparison in shown {
            let panel = ForestPanel(
                title: forestTitle(of: comparison, scale: scale),
                changes: comparison.changes,
                scale: scale,
                columns: columns
            )
            y = panel.draw(top: y, on: &canvas) + 14
        }
        return y - 14
    }

    private func forestTitle(of comparison: Comparison, scale: ChangeScale) -> String {
        let hasIntervals = comparison.changes.contains { $0.interval != nil }
        let pairing = comparison.isPaired ? "paired by round" : "rounds of two runs"
        return "Change \(shortName(comparison.target)) vs \(shortName(0)), \(pairing)"
            + (hasIntervals ? ", 95 % CI" : "") + (scale.isLogarithmic ? ", log scale" : "")
    }

    private func drawNotes(top: Double, on canvas: inout ChartCanvas) -> Double {
        notes.reduce(top) { y, note in
            canvas.paragraph(
                canvas.measure.wrapped(
                    ChartCanvas.cleaned(note),
                    style: .note,
                    width: ChartCanvas.innerWidth,
                    limit: 3
                ),
                top: y,
                style: .note,
                color: .muted,
                lineHeight: 17
            )
        }
    }
}
