import Measurements

/// Groups of bars over one axis that starts at zero, with whiskers and numbers.
struct BarPanel {
    let title: String
    let direction: String
    let groups: [SummaryChart.BarGroup]
    let unit: AxisUnit

    /// The space for the tick labels left of the axis.
    private static let axisWidth = 36.0
    /// The height of the two lines above the topmost tick.
    private static let headHeight = 62.0
    /// The height of the labels below the axis.
    private static let footHeight = 26.0
    /// The space between the bars of one group.
    private static let barGap = 4.0

    /// Draws the panel.
    func draw(in frame: Rectangle, on canvas: inout ChartCanvas) {
        canvas.text(title, x: frame.x, baseline: frame.y + 14, style: .panel)
        canvas.text(direction, x: frame.x, baseline: frame.y + 31, style: .note, color: .muted)
        let plot = Rectangle(
            x: frame.x + Self.axisWidth,
            y: frame.y + Self.headHeight,
            width: frame.width - Self.axisWidth,
            height: frame.height - Self.headHeight - Self.footHeight
        )
        let highest = groups.flatMap(\.levels).compactMap { $0.map { top(of: $0) } }.max() ?? 0
        let scale = TickScale.tight(upTo: highest > 0 ? highest / unit.size : 1, most: 6)
        let ceiling = scale.ticks.last ?? 1
        for tick in scale.ticks {
            let y = plot.maxY - plot.height * tick / ceiling
            canvas.line(
                from: Point(x: plot.x, y: y),
                to: Point(x: plot.maxX, y: y),
                color: tick == 0 ? .axis : .grid
            )
            let label = AxisUnit.tick(tick, step: scale.step)
            canvas.text(label, x: plot.x - 7, baseline: y + 4.5, anchor: .end, color: .muted)
        }
        let style = labelStyle(in: plot, on: canvas)
        for (index, bars) in groups.enumerated() {
            let width = plot.width / Double(groups.count)
            let group = Rectangle(
                x: plot.x + Double(index) * width,
                y: plot.y,
                width: width,
                height: plot.height
            )
            drawGroup(bars, in: group, top: ceiling, style: style, on: &canvas)
        }
    }

    /// What the axis must reach for a level.
    private func top(of level: SummaryChart.Level) -> Double {
        max(level.value, level.interval?.upperBound ?? 0)
    }

    /// The width of one bar: all bars take most of their group, but a lone bar is no slab.
    private func barWidth(in groupWidth: Double) -> Double {
        let count = Double(groups.first?.levels.count ?? 1)
        let free = groupWidth * (groups.count > 1 ? 0.84 : 0.92) - (count - 1) * Self.barGap
        return min(46, free / count)
    }

    /// The largest size in which every number fits above its bar.
    private func labelStyle(in plot: Rectangle, on canvas: ChartCanvas) -> TextStyle {
        let slot = barWidth(in: plot.width / Double(groups.count)) + Self.barGap - 1
        let widest = groups.flatMap(\.levels).map { canvas.width(text(of: $0), .body) }.max() ?? 0
        return TextStyle(size: max(11.5, min(13, 13 * slot / max(1, widest))))
    }

    private func text(of level: SummaryChart.Level?) -> String {
        guard let level else { return "–" }
        return (level.isLowerBound ? "≥" : level.isThin ? "~" : "") + unit.text(level.value)
    }

    private func drawGroup(
        _ bars: SummaryChart.BarGroup,
        in group: Rectangle,
        top: Double,
        style: TextStyle,
        on canvas: inout ChartCanvas
    ) {
        let width = barWidth(in: group.width)
        let count = Double(bars.levels.count)
        let center = group.x + group.width / 2
        let left = center - (count * width + (count - 1) * Self.barGap) / 2
        for (index, level) in bars.levels.enumerated() {
            let x = left + Double(index) * (width + Self.barGap)
            let height = group.height * (level?.value ?? 0) / unit.size / top
            canvas.rectangle(
                Rectangle(x: x, y: group.maxY - height, width: width, height: height),
                fill: .target(index),
                texture: .target(index)
            )
            let whiskerTop = drawWhisker(
                level,
                x: x + width / 2,
                bar: width,
                in: group,
                top: top,
                on: &canvas
            )
            let number = text(of: level)
            let baseline = labelBaseline(bar: group.maxY - height, whisker: whiskerTop)
            let half = canvas.width(number, style) / 2
            // Whatever passes here, a whisker at the most, must not strike the number out.
            canvas.rectangle(
                Rectangle(
                    x: x + width / 2 - half,
                    y: baseline - style.ascent,
                    width: 2 * half,
                    height: whiskerTop < baseline - style.ascent ? style.ascent + 2 : 0
                ),
                fill: .background
            )
            canvas.text(
                number,
                x: x + width / 2,
                baseline: baseline,
                anchor: .middle,
                style: style,
                color: level == nil || level?.isThin == true ? .muted : .text,
                halo: true
            )
        }
        let label = canvas.measure.fitted(
            ChartCanvas.cleaned(bars.label),
            style: .body,
            width: group.width + 30
        )
        canvas.text(label, x: center, baseline: group.maxY + 19, anchor: .middle)
    }

    /// The line a bar's number stands on: above its interval or, where that is long, above the bar itself.
    ///
    /// At the end of a long whisker a number would seem to be that end's.
    private func labelBaseline(bar: Double, whisker: Double) -> Double {
        (whisker >= bar - 18 ? min(bar, whisker) : bar) - 5
    }

    /// Draws the interval and returns its upper end on the page.
    private func drawWhisker(
        _ level: SummaryChart.Level?,
        x: Double,
        bar: Double,
        in group: Rectangle,
        top: Double,
        on canvas: inout ChartCanvas
    ) -> Double {
        guard let interval = level?.interval else { return group.maxY }
        let scale = group.height / unit.size / top
        let upper = group.maxY - interval.upperBound * scale
        let lower = group.maxY - max(0, interval.lowerBound) * scale
        let half = min(5, bar / 4)
        // The rim keeps the whisker visible on the bar's own colour.
        for (color, width, rim) in [(ColorRole.background, 3.4, 0.9), (.text, 1.6, 0)] {
            canvas.line(
                from: Point(x: x, y: upper),
                to: Point(x: x, y: lower),
                color: color,
                width: width
            )
            for y in [upper, lower] {
                canvas.line(
                    from: Point(x: x - half - rim, y: y),
                    to: Point(x: x + half + rim, y: y),
                    color: color,
                    width: width
                )
            }
        }
        return upper
    }
}
