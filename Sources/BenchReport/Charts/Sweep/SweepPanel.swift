import Glibc
import Measurements

/// One quantity of all targets over the load, drawn.
struct SweepPanel {
    /// One target.
    struct Line {
        var target: Int
        var points: [Value]
        /// Which point is ringed; nil for none.
        var knee: Load?
    }

    /// The quantity at one load.
    struct Value {
        var load: Load
        var level: SummaryChart.Level
    }

    let title: String
    let lines: [Line]
    let scale: SweepScale
    /// Whether rings mark the knees here: once a chart is enough.
    let isUpperBetter: Bool

    /// The number that stands at the end of a line.
    func note(of line: Line) -> String {
        guard let last = line.points.last?.level else { return "" }
        return (last.isLowerBound ? "≥ " : last.isThin ? "~" : "")
            + (scale.isTime ? DurationFormat.text(seconds: last.value) : FixedPoint.significant(last.value))
    }

    /// Draws the panel.
    func draw(
        in plot: Rectangle,
        loads: [Load],
        names: [String],
        nameGap: Double,
        on canvas: inout ChartCanvas
    ) {
        canvas.text(title + scale.remark, x: ChartCanvas.margin, baseline: plot.y - 14, style: .panel)
        canvas.levels(scale.ticks, in: plot, isLabelled: true)
        let axis = Axis(loads: loads, plot: plot)
        axis.draw(on: &canvas)
        for line in lines {
            draw(line, axis: axis, in: plot, on: &canvas)
        }
        if isUpperBetter { drawKnees(axis: axis, in: plot, on: &canvas) }
        let labels = lines.compactMap { line in
            line.points.last.map { last in
                EndLabels.Label(
                    name: names[line.target],
                    note: note(of: line),
                    target: line.target,
                    height: y(last, in: plot) + 2
                )
            }
        }
        EndLabels.draw(labels, x: plot.maxX + nameGap, beside: plot, on: &canvas)
    }

    private func y(_ value: Value, in plot: Rectangle) -> Double {
        plot.maxY - plot.height * scale.position(of: value.level.value)
    }

    private func draw(_ line: Line, axis: Axis, in plot: Rectangle, on canvas: inout ChartCanvas) {
        let color = ColorRole.target(line.target)
        for value in line.points {
            guard let interval = value.level.interval else { continue }
            let ends = [interval.lowerBound, interval.upperBound].map { bound in
                plot.maxY - plot.height * scale.position(of: bound)
            }
            let x = axis.x(value.load)
            canvas.line(from: Point(x: x, y: ends[0]), to: Point(x: x, y: ends[1]), color: color, width: 1.6)
            for end in ends {
                canvas.line(
                    from: Point(x: x - 4, y: end),
                    to: Point(x: x + 4, y: end),
                    color: color,
                    width: 1.6
                )
            }
        }
        let points = line.points.map { Point(x: axis.x($0.load), y: y($0, in: plot)) }
        canvas.polyline(points, color: color, width: 2.4)
        for point in points {
            canvas.dot(point, radius: 4.6, shape: .target(line.target), fill: color)
        }
    }

    /// Rings the knees and names them where there is room.
    private func drawKnees(axis: Axis, in plot: Rectangle, on canvas: inout ChartCanvas) {
        let knees = lines.compactMap { line in
            line.points.first { $0.load == line.knee }.map { knee in
                (line: line, knee: knee, point: Point(x: axis.x(knee.load), y: y(knee, in: plot)))
            }
        }
        // Texts may stand above the plot, beside the panel's title.
        let bounds = Rectangle(x: plot.x, y: plot.y - 24, width: plot.width, height: plot.height + 24)
        let titleEnd = ChartCanvas.margin + canvas.width(title + scale.remark, .panel) + 12
        let heading = Rectangle(x: 0, y: plot.y - 30, width: titleEnd, height: 26)
        var placer = LabelPlacer(bounds: bounds, distance: 13)
        placer.taken =
            [heading]
            + lines.flatMap { line in
                line.points.map { value in
                    Rectangle(x: axis.x(value.load) - 5, y: y(value, in: plot) - 5, width: 10, height: 10)
                }
            }
        for (_, _, point) in knees {
            canvas.dot(point, radius: 9, shape: .ring, fill: .text)
            placer.taken.append(Rectangle(x: point.x - 9, y: point.y - 9, width: 18, height: 18))
        }
        for (line, knee, point) in knees {
            let others = lines.filter { $0.target != line.target }.compactMap { other in
                other.points.first { $0.load == line.knee }?.level.value
            }
            let isUpper = others.allSatisfy { $0 <= knee.level.value }
            placer.draw(
                knee.load.rate == nil ? "knee c=\(knee.load.amountText)" : "knee \(knee.load.name)",
                at: point,
                sides: isUpper
                    ? [.above, .aboveRight, .below, .belowRight]
                    : [.below, .belowRight, .above, .aboveRight],
                style: .bodyBold,
                color: .target(line.target),
                on: &canvas
            )
        }
    }

    /// The loads, equal factors apart.
    struct Axis {
        let loads: [Load]
        let plot: Rectangle

        func x(_ load: Load) -> Double {
            guard let first = loads.first?.amount, let last = loads.last?.amount, last > first else {
                return plot.x
            }
            let share = log(load.amount / first) / log(last / first)
            return plot.x + 6 + (plot.width - 6) * share
        }

        /// Draws the numbers that there is room for; the last and the first come first.
        func draw(on canvas: inout ChartCanvas) {
            var taken: [ClosedRange<Double>] = []
            for load in loads.suffix(1) + loads.dropLast() {
                let x = x(load)
                canvas.line(from: Point(x: x, y: plot.maxY), to: Point(x: x, y: plot.maxY + 4), color: .axis)
                let half = canvas.width(load.amountText, .body) / 2 + 4
                guard !taken.contains(where: { $0.overlaps((x - half)...(x + half)) }) else { continue }
                taken.append((x - half)...(x + half))
                canvas.text(load.amountText, x: x, baseline: plot.maxY + 18, anchor: .middle, color: .muted)
            }
        }
    }
}

/// The upright axis of a sweep: from zero, or by factors.
struct SweepScale {
    /// Where each tick lies, 0…1, and how it is written.
    let ticks: [(position: Double, text: String)]
    /// What follows the panel's title: unit and kind of scale.
    let remark: String
    /// Whether the values are times.
    let isTime: Bool
    private let ends: ClosedRange<Double>

    /// The most ticks of an axis of factors.
    private static let mostTicks = 7

    /// From zero to the tick above the highest value.
    static func linear(upTo highest: Double) -> SweepScale {
        let scale = TickScale.tight(upTo: highest > 0 ? highest : 1, most: 6)
        let last = scale.ticks.last ?? 1
        return SweepScale(
            ticks: scale.ticks.map { ($0 / last, AxisUnit.tick($0, step: scale.step)) },
            remark: "",
            isTime: false,
            ends: 0...last
        )
    }

    /// Times by factors: ticks at 1, 2 and 5 of each power of ten, or at the powers alone.
    static func logarithmic(_ levels: [SummaryChart.Level]) -> SweepScale {
        let bounds = levels.flatMap { [$0.value, $0.interval?.lowerBound, $0.interval?.upperBound] }
            .compactMap { $0 }.filter { $0 > 0 }
        let ends = tickValues([1, 2, 5], around: bounds)
        let times = ends.count <= mostTicks ? ends : tickValues([1], around: bounds)
        let unit = AxisUnit.time(upTo: times.last ?? 1)
        let chosen = times.map { $0 / unit.size }
        let (low, high) = (chosen.first ?? 1, max(chosen.last ?? 10, (chosen.first ?? 1) * 2))
        return SweepScale(
            ticks: chosen.map { tick in
                let text = NumberText.trimmed(tick, decimals: 6)
                return (
                    log(tick / low) / log(high / low), tick == chosen.last ? "\(text) \(unit.symbol)" : text
                )
            },
            remark: " (log scale)",
            isTime: true,
            ends: (low * unit.size)...(high * unit.size)
        )
    }

    /// Where a value lies, 0…1.
    func position(of value: Double) -> Double {
        guard isTime else { return min(1, max(0, value / ends.upperBound)) }
        let share = log(max(value, 1e-12) / ends.lowerBound) / log(ends.upperBound / ends.lowerBound)
        return min(1, max(0, share))
    }

    /// The ticks from the last one below all values to the first one above them.
    private static func tickValues(_ steps: [Double], around values: [Double]) -> [Double] {
        let (low, high) = (values.min() ?? 1, values.max() ?? 10)
        let decades = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
        let all = decades.flatMap { decade in steps.map { $0 * pow(10, Double(decade)) } }
        let first = all.last { $0 <= low * (1 + 1e-9) } ?? low
        let last = all.first { $0 >= high * (1 - 1e-9) } ?? high
        return all.filter { (first...last).contains($0) }
    }
}
