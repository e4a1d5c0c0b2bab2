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
}

/// An axis of time from zero, which all panels of a chart share.
struct TimeScale {
    private let scale: TickScale
    let unit: AxisUnit

    /// Chooses ticks, at most so many, and unit.
    init(upTo seconds: Double, most: Int) {
        unit = AxisUnit.time(upTo: seconds)
        scale = TickScale.tight(upTo: seconds > 0 ? seconds / unit.size : 1, most: most)
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
        for (index, tick) in ticks.enumerated() {
            let x = plot.x + plot.width * tick.position
            canvas.line(
                from: Point(x: x, y: plot.y),
                to: Point(x: x, y: plot.maxY),
                color: index == 0 ? .axis : .grid
            )
            guard isLabelled else { continue }
            canvas.text(
                tick.text,
                x: x,
                baseline: plot.maxY + 18,
                anchor: index == ticks.count - 1 ? .end : .middle,
                color: .muted
            )
        }
    }
}
