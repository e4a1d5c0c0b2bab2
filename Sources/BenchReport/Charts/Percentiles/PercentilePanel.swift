import Glibc
import Measurements

/// The curves of all targets, drawn.
struct PercentilePanel {
    let chart: PercentileChart
    let scale: TimeScale
    let plot: Rectangle

    /// Up to so many values a round the steps between them are drawn.
    private static let mostSteps = 250

    /// Draws grid, cautions, curves and labels, in this order.
    func draw(on canvas: inout ChartCanvas) {
        // A text may touch the axis.
        let bounds = Rectangle(x: plot.x - 5, y: plot.y, width: plot.width + 5, height: plot.height)
        var placer = LabelPlacer(bounds: bounds)
        drawThinPart(on: &canvas)
        scale.drawLevels(in: plot, isLabelled: true, on: &canvas)
        drawShares(on: &canvas)
        drawThinWords(&placer, on: &canvas)
        drawCurves(on: &canvas)
        placer.lines = chart.curves.flatMap { boxes(along: $0.median.map(point)) }
        placer.taken += chart.curves.flatMap(\.marks).map { mark in
            let point = point(mark.quantile)
            return Rectangle(x: point.x - 4, y: point.y - 4, width: 8, height: 8)
        }
        drawCrossing(&placer, on: &canvas)
        for (index, curve) in chart.curves.enumerated() {
            for mark in curve.marks {
                canvas.dot(point(mark.quantile), radius: 4.6, shape: .target(index), fill: .target(index))
            }
        }
        drawMarkTexts(&placer, on: &canvas)
    }

    /// Where a quantile stands.
    func point(_ quantile: PercentileChart.Quantile) -> Point {
        Point(x: x(quantile.share), y: plot.maxY - plot.height * scale.position(of: quantile.seconds))
    }

    private func x(_ share: Double) -> Double {
        let rarity = log(1 / max(1e-12, 1 - share)) / log(chart.rarest)
        return plot.x + plot.width * min(1, max(0, rarity))
    }

    private func drawThinPart(on canvas: inout ChartCanvas) {
        let left = x(chart.thinFrom)
        canvas.rectangle(
            Rectangle(x: left, y: plot.y, width: plot.maxX - left, height: plot.height),
            fill: .cautionFill
        )
    }

    /// The percentiles on the axis, as far as there is room; the rarest come first.
    private func drawShares(on canvas: inout ChartCanvas) {
        let decades = stride(from: 6, through: 1, by: -1).map { 1 - pow(10, -Double($0)) }
        let shares = decades + [0, 0.5, 0.75, 0.95].filter { $0 < 1 }
        var taken: [ClosedRange<Double>] = []
        for share in shares where 1 / (1 - share) <= chart.rarest * (1 + 1e-9) {
            let text = share == 0 ? "0" : "\(NumberText.trimmed(share * 100, decimals: 4)) %"
            let x = x(share)
            let half = canvas.width(text, .body) / 2 + 5
            guard !taken.contains(where: { $0.overlaps((x - half)...(x + half)) }) else { continue }
            taken.append((x - half)...(x + half))
            canvas.line(
                from: Point(x: x, y: plot.y),
                to: Point(x: x, y: plot.maxY),
                color: share == 0 ? .axis : .grid
            )
            canvas.text(text, x: x, baseline: plot.maxY + 18, anchor: .middle, color: .muted)
        }
    }

    private func drawThinWords(_ placer: inout LabelPlacer, on canvas: inout ChartCanvas) {
        let left = x(chart.thinFrom)
        let lines = canvas.measure.balanced(
            "fewer than 10 samples beyond here: indicative only",
            style: .note,
            width: plot.maxX - left - 16,
            limit: 5
        )
        let height = 16 * Double(lines.count)
        // As low as there is room between the curves.
        let heights = chart.curves.flatMap { $0.tail + $0.median.filter { $0.share >= chart.thinFrom } }
            .map { point($0).y }
        let tops = stride(from: plot.maxY - height - 8, through: plot.y + 4, by: -6)
        let top =
            tops.first { top in
                heights.allSatisfy { !((top - 8)...(top + height + 4)).contains($0) }
            } ?? plot.maxY - height - 8
        for (index, line) in lines.enumerated() {
            canvas.text(
                line,
                x: (left + plot.maxX) / 2,
                baseline: top + 16 * Double(index) + 12,
                anchor: .middle,
                style: .note,
                color: .cautionText
            )
        }
        let widest = lines.map { canvas.width($0, .note) }.max() ?? 0
        placer.taken.append(
            Rectangle(x: (left + plot.maxX - widest) / 2, y: top, width: widest, height: height)
        )
    }

    private func drawCurves(on canvas: inout ChartCanvas) {
        for (index, curve) in chart.curves.enumerated() where curve.rounds.count > 1 {
            for round in curve.rounds {
                let points = Thinning.line(round.map(point), column: 2)
                canvas.polyline(points, color: .targetPale(index), width: 1)
            }
        }
        for (index, curve) in chart.curves.enumerated() {
            if !curve.tail.isEmpty {
                let points = Thinning.line(curve.tail.map(point), column: 1)
                canvas.polyline(points, color: .target(index), width: 1.8, dashes: [6, 4])
            }
            canvas.polyline(
                Thinning.line(steps(of: curve.median), column: 1),
                color: .target(index),
                width: 2.6
            )
        }
    }

    /// Small rectangles that a curve passes through, so that texts can keep away from it.
    private func boxes(along points: [Point]) -> [Rectangle] {
        zip(points, points.dropFirst()).flatMap { from, to -> [Rectangle] in
            let pieces = max(1, ((to.x - from.x) / 6).rounded(.up))
            let (width, rise) = ((to.x - from.x) / pieces, (to.y - from.y) / pieces)
            return stride(from: 0, to: pieces, by: 1).map { piece in
                Rectangle(
                    x: from.x + piece * width,
                    y: from.y + piece * rise + min(0, rise),
                    width: width,
                    height: abs(rise)
                ).grown(by: 1)
            }
        }
    }

    /// A nearest-rank curve is a staircase: each value holds from the share before it to its own.
    private func steps(of quantiles: [PercentileChart.Quantile]) -> [Point] {
        guard quantiles.count <= Self.mostSteps else { return quantiles.map(point) }
        var before = 0.0
        return quantiles.flatMap { quantile in
            defer { before = quantile.share }
            return [point(.init(share: before, seconds: quantile.seconds)), point(quantile)]
        }
    }

    private func drawCrossing(_ placer: inout LabelPlacer, on canvas: inout ChartCanvas) {
        guard let crossing = chart.crossing, let shift = chart.shifts.first else { return }
        let point = point(crossing)
        let names = chart.curves.map { TextMeasure.shortName($0.name) }
        let isSlowFirst = shift.deciles.first { $0.tone != .unchanged }?.tone == .worse
        let (left, right) = isSlowFirst ? (names[0], names[1]) : (names[1], names[0])
        let words = "left: \(left) faster · right: \(right) faster"
        let lines: [(text: String, style: TextStyle)] = [
            ("curves cross near p\(Int((crossing.share * 100).rounded()))", .body),
            (ChartCanvas.cleaned(words), .note),
        ]
        guard let (box, count) = crossingBox(of: lines, at: point, placer: placer, on: canvas) else { return }
        let isRight = box.x > point.x
        canvas.line(
            from: point,
            to: Point(x: point.x, y: box.y > point.y ? box.maxY : box.y),
            color: .text,
            width: 1.2,
            dashes: [3, 3]
        )
        for (index, line) in lines.prefix(count).enumerated() {
            canvas.text(
                line.text,
                x: isRight ? box.x : box.maxX,
                baseline: box.y + 12 + 17 * Double(index),
                anchor: isRight ? .start : .end,
                style: line.style,
                color: index == 0 ? .text : .muted,
                halo: true
            )
        }
        placer.taken.append(box)
    }

    /// Finds room for the words on the crossing: below it if possible, and all of them if possible.
    private func crossingBox(
        of lines: [(text: String, style: TextStyle)],
        at point: Point,
        placer: LabelPlacer,
        on canvas: ChartCanvas
    ) -> (box: Rectangle, lines: Int)? {
        for count in [lines.count, 1] {
            let width = lines.prefix(count).map { canvas.width($0.text, $0.style) }.max() ?? 0
            let height = 17 * Double(count)
            let lowest = plot.maxY - height - 6
            let below = stride(from: lowest, through: point.y + 24, by: -20)
            let tops = Array(below) + [plot.y + 6]
            for top in tops {
                for left in [point.x + 8, point.x - 8 - width] {
                    let box = Rectangle(x: left, y: top, width: width, height: height)
                    let isFree =
                        left >= plot.x && box.maxX <= plot.maxX
                        && !placer.taken.contains { $0.intersects(box) }
                    if isFree { return (box, count) }
                }
            }
        }
        return nil
    }

    /// The numbers of tables at their marks; where there is no room the mark stands alone.
    private func drawMarkTexts(_ placer: inout LabelPlacer, on canvas: inout ChartCanvas) {
        for (index, curve) in chart.curves.enumerated() {
            for mark in curve.marks {
                let others = chart.curves.indices.filter { $0 != index }.compactMap { other in
                    chart.curves[other].marks.first { $0.name == mark.name }?.quantile.seconds
                }
                let isUpper = others.allSatisfy { $0 <= mark.quantile.seconds }
                // Curves rise: what is above to the left and below to the right of them is free.
                let isEarly = mark.quantile.share <= 0.5
                let sides: [LabelPlacer.Side] =
                    isUpper
                    ? [.aboveLeft] + (isEarly ? [.belowRight, .highAbove] : [.above, .belowRight])
                    : (isEarly ? [.belowRight] : [.belowLeft, .belowRight]) + [.below, .aboveLeft]
                placer.draw(
                    "\(mark.name) \(mark.isThin ? "~" : "")\(scale.unit.text(mark.quantile.seconds))",
                    at: point(mark.quantile),
                    sides: sides,
                    style: .bodyBold,
                    color: mark.isThin ? .muted : .target(index),
                    on: &canvas
                )
            }
        }
    }
}
