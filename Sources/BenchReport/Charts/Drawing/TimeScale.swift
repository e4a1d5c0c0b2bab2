import Measurements

/// An axis of time from zero, which all panels of a chart share.
struct TimeScale {
    private let scale: TickScale
    let unit: AxisUnit

    /// Chooses ticks and unit.
    init(upTo seconds: Double, count: Int) {
        unit = AxisUnit.time(upTo: seconds)
        scale = TickScale(low: 0, high: seconds > 0 ? seconds / unit.size : 1, count: count)
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

    /// Where a time lies, 0…1.
    func position(of seconds: Double) -> Double {
        min(1, max(0, seconds / unit.size / (scale.ticks.last ?? 1)))
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
