import Measurements

extension TickScale {
    /// Chooses the ticks from zero whose last one lies the least above a value, so that data fill their panel.
    ///
    /// - Parameters:
    ///   - high: The value.
    ///   - most: The most ticks there is room for, 2 at the least.
    /// - Returns: The ticks; of equally high ones the most.
    static func tight(upTo high: Double, most: Int) -> TickScale {
        let scales = (2...max(2, most + 6)).map { TickScale(low: 0, high: high, count: $0) }
        let fitting = scales.filter { $0.ticks.count <= max(2, most) }
        let best = fitting.min { first, second in
            (first.ticks.last ?? 0, -first.ticks.count) < (second.ticks.last ?? 0, -second.ticks.count)
        }
        return best ?? TickScale(low: 0, high: high, count: 2)
    }

    /// Chooses round values inside a range, so that no part of an axis lies beyond its data.
    ///
    /// - Parameters:
    ///   - range: The range.
    ///   - most: The most ticks there is room for.
    /// - Returns: As many as fit, and the distance between two of them.
    static func inside(_ range: ClosedRange<Double>, most: Int) -> (ticks: [Double], step: Double) {
        let choices = (2...most + 6).map { count -> (ticks: [Double], step: Double) in
            let scale = TickScale(low: range.lowerBound, high: range.upperBound, count: count)
            return (scale.ticks.filter { range.contains($0) }, scale.step)
        }
        let fitting = choices.filter { $0.ticks.count <= most }
        return fitting.max { $0.ticks.count < $1.ticks.count } ?? choices[0]
    }
}

/// An axis of time from zero, which all panels of a chart share.
struct TimeScale {
    private let scale: TickScale
    let unit: AxisUnit

    /// Chooses ticks, at most so many, and unit.
    init(upTo seconds: Double, most: Int) {
        let unit = AxisUnit.time(upTo: seconds)
        let scale = TickScale.tight(upTo: seconds > 0 ? seconds / unit.size : 1, most: most)
        // The last tick may lie where the next unit begins: it is 1 s, never 1000 ms.
        self.unit = AxisUnit.time(upTo: max(seconds, (scale.ticks.last ?? 1) * unit.size))
        self.scale =
            self.unit == unit ? scale : TickScale.tight(upTo: seconds / self.unit.size, most: most)
    }

    /// The distance between two ticks in seconds.
    var step: Double { scale.step * unit.size }

    /// The last tick in seconds.
    var end: Double { (scale.ticks.last ?? 1) * unit.size }

    /// The ticks: where each lies, 0…1, and how it is written; the last one carries the unit.
    var ticks: [(position: Double, text: String)] {
        let last = scale.ticks.last ?? 1
        return scale.ticks.map { tick in
            let text = AxisUnit.tick(tick, step: scale.step)
            return (tick / last, tick == last ? "\(text) \(unit.symbol)" : text)
        }
    }

    /// The space that the numbers left of a plot take, so that they begin at the margin at the earliest.
    static func axisWidth(of scales: [TimeScale], least: Double, on canvas: ChartCanvas) -> Double {
        let texts = scales.flatMap(\.ticks).map(\.text)
        return max(least, ((texts.map { canvas.width($0, .body) }.max() ?? 0) + 8).rounded(.up))
    }

    /// Where a time lies, 0…1.
    func position(of seconds: Double) -> Double {
        min(1, max(0, seconds / unit.size / (scale.ticks.last ?? 1)))
    }

    /// Draws level grid lines and, left of them, their times.
    func drawLevels(in plot: Rectangle, isLabelled: Bool, on canvas: inout ChartCanvas) {
        canvas.levels(ticks, in: plot, isLabelled: isLabelled)
    }

    /// Draws upright grid lines and, below them, their times.
    func drawAcross(_ plot: Rectangle, isLabelled: Bool, on canvas: inout ChartCanvas) {
        let ticks = ticks
        // The last one ends with the plot, and carries the unit: it may take the place of the one before it.
        let free = plot.maxX - canvas.width(ticks.last?.text ?? "", .body) - 5
        for (index, tick) in ticks.enumerated() {
            let x = plot.x + plot.width * tick.position
            let isLast = index == ticks.count - 1
            canvas.line(
                from: Point(x: x, y: plot.y),
                to: Point(x: x, y: plot.maxY),
                color: index == 0 ? .axis : .grid
            )
            guard isLabelled, isLast || x + canvas.width(tick.text, .body) / 2 <= free else { continue }
            canvas.text(
                tick.text,
                x: x,
                baseline: plot.maxY + 18,
                anchor: isLast ? .end : .middle,
                color: .muted
            )
        }
    }
}
