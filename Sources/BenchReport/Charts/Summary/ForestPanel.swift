/// The changes of one candidate, a row each: a mark with its interval, the numbers, and a word.
struct ForestPanel {
    let title: String
    let changes: [SummaryChart.Change]
    let scale: ChangeScale
    let columns: Columns

    static let rowHeight = 24.0
    private static let headHeight = 28.0
    private static let footHeight = 22.0

    /// The height of a panel.
    static func height(rows: Int) -> Double {
        headHeight + Double(rows) * rowHeight + footHeight
    }

    /// Where the columns of all panels stand, measured from all their texts.
    struct Columns: Equatable {
        let labelEnd: Double
        let plot: ClosedRange<Double>
        let estimateEnd: Double
        let lowEnd: Double
        let highEnd: Double
        let verdictEnd: Double

        /// The space between two columns.
        private static let gap = 14.0
        /// The space that a tick's label takes beyond either end of the axis.
        private static let overhang = 22.0

        init(of changes: [SummaryChart.Change], on canvas: ChartCanvas) {
            func widest(_ texts: [String], _ style: TextStyle) -> Double {
                texts.map { canvas.width($0, style) }.max() ?? 0
            }
            let verdict = widest(changes.map(\.verdict), .bodyBold)
            let estimate = widest(changes.map { NumberText.percent($0.estimate) }, .bodyBold)
            let intervals = changes.compactMap(\.interval)
            let low = widest(intervals.map { NumberText.signed($0.lowerBound * 100) }, .note)
            let high = widest(intervals.map { NumberText.signed($0.upperBound * 100) }, .note)
            let dots = intervals.isEmpty ? 0 : ForestPanel.dotsWidth
            verdictEnd = ChartCanvas.width - ChartCanvas.margin
            highEnd = verdictEnd - verdict - Self.gap
            lowEnd = highEnd - high - dots
            estimateEnd = lowEnd - low - (intervals.isEmpty ? 0 : Self.gap)
            labelEnd = ChartCanvas.margin + widest(changes.map(\.rowLabel), .body)
            let start = labelEnd + Self.overhang
            plot = start...max(start + 60, estimateEnd - estimate - Self.overhang - 6)
        }
    }

    /// The space for the dots between the ends of an interval.
    private static let dotsWidth = 22.0

    /// Draws the panel.
    ///
    /// - Returns: Its bottom.
    func draw(top: Double, on canvas: inout ChartCanvas) -> Double {
        canvas.text(
            canvas.measure.fitted(title, style: .panel, width: ChartCanvas.innerWidth),
            x: ChartCanvas.margin,
            baseline: top + 14,
            style: .panel
        )
        let first = top + Self.headHeight
        let bottom = first + Double(changes.count) * Self.rowHeight
        drawAxis(top: first, bottom: bottom, on: &canvas)
        for (index, change) in changes.enumerated() {
            draw(change, middle: first + (Double(index) + 0.5) * Self.rowHeight, on: &canvas)
        }
        return bottom + Self.footHeight
    }

    private func drawAxis(top: Double, bottom: Double, on canvas: inout ChartCanvas) {
        for tick in labelledTicks(on: canvas) {
            let x = x(of: tick)
            canvas.line(
                from: Point(x: x, y: top),
                to: Point(x: x, y: bottom),
                color: tick == 0 ? .axis : .grid,
                width: tick == 0 ? 2 : 1
            )
            canvas.text(
                ChangeScale.label(tick),
                x: x,
                baseline: bottom + 16,
                anchor: .middle,
                style: .note,
                color: .muted
            )
        }
    }

    /// The ticks that there is room to label; zero and the outermost come first.
    private func labelledTicks(on canvas: ChartCanvas) -> [Double] {
        let outermost = [scale.ticks.last, scale.ticks.first].compactMap { $0 }
        var chosen: [Double] = []
        for tick in [0] + outermost + scale.ticks where !chosen.contains(tick) {
            let half = canvas.width(ChangeScale.label(tick), .note) / 2 + 4
            let isFree = chosen.allSatisfy { other in
                let otherHalf = canvas.width(ChangeScale.label(other), .note) / 2
                return abs(x(of: tick) - x(of: other)) >= half + otherHalf
            }
            if isFree { chosen.append(tick) }
        }
        return chosen
    }

    private func x(of change: Double) -> Double {
        let width = columns.plot.upperBound - columns.plot.lowerBound
        return columns.plot.lowerBound + scale.position(of: change) * width
    }

    private func draw(_ change: SummaryChart.Change, middle: Double, on canvas: inout ChartCanvas) {
        let color = change.tone.color
        let baseline = middle + 4.7
        canvas.text(change.rowLabel, x: columns.labelEnd, baseline: baseline, anchor: .end)
        if let interval = change.interval {
            let (low, high) = (x(of: interval.lowerBound), x(of: interval.upperBound))
            canvas.line(
                from: Point(x: low, y: middle),
                to: Point(x: high, y: middle),
                color: color,
                width: 2.4
            )
            for end in [low, high] {
                canvas.line(
                    from: Point(x: end, y: middle - 5),
                    to: Point(x: end, y: middle + 5),
                    color: color,
                    width: 2
                )
            }
            drawBounds(of: interval, baseline: baseline, on: &canvas)
        }
        canvas.dot(
            Point(x: x(of: change.estimate), y: middle),
            radius: 4.4,
            shape: change.tone.marker,
            fill: color
        )
        canvas.text(
            NumberText.percent(change.estimate),
            x: columns.estimateEnd,
            baseline: baseline,
            anchor: .end,
            style: .bodyBold,
            color: color
        )
        canvas.text(
            change.verdict,
            x: columns.verdictEnd,
            baseline: baseline,
            anchor: .end,
            style: .bodyBold,
            color: color
        )
    }

    private func drawBounds(of interval: ClosedRange<Double>, baseline: Double, on canvas: inout ChartCanvas)
    {
        let texts: [(String, Double, TextLine.Anchor)] = [
            (NumberText.signed(interval.lowerBound * 100), columns.lowEnd, .end),
            ("…", columns.lowEnd + Self.dotsWidth / 2, .middle),
            (NumberText.signed(interval.upperBound * 100), columns.highEnd, .end),
        ]
        for (text, x, anchor) in texts {
            canvas.text(text, x: x, baseline: baseline, anchor: anchor, style: .note, color: .muted)
        }
    }
}

extension SummaryChart.Change.Tone {
    /// The colour that says what a change means.
    var color: ColorRole {
        switch self {
        case .better: .better
        case .worse: .worse
        case .unchanged: .unchanged
        }
    }

    /// The shape that repeats what the colour says.
    var marker: Marker {
        switch self {
        case .better: .circle
        case .worse: .square
        case .unchanged: .diamond
        }
    }
}
