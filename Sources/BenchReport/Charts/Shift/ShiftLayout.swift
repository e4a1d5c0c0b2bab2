import Measurements

extension ShiftChart {
    /// What the chart says.
    package var title: String {
        "Response time at every decile, \(panels.count == 1 ? shortName(0) : "each") minus \(shortBaseline)"
    }

    /// How to read the chart, part by part.
    package var subtitle: [String] {
        [
            "Shift function: Hodges-Lehmann estimate of the \(rounds) per-round differences",
            "bars = 95 % CI",
        ]
    }

    /// What the chart shows, with its numbers, for those who can't see it.
    package var altText: String {
        let parts = panels.indices.map { index in
            let deciles = panels[index].deciles.map { decile in
                "p\(decile.tenth)0 \(Self.text(decile.difference, in: unit)) \(unit.symbol)"
            }
            return "\(shortName(index)): \(deciles.joined(separator: ", "))"
        }
        return "Differences of response time to \(shortBaseline) by decile, \(rounds) rounds. "
            + parts.joined(separator: "; ") + "."
    }

    private func shortName(_ index: Int) -> String {
        TextMeasure.shortName(panels[index].candidate)
    }

    private var shortBaseline: String { TextMeasure.shortName(baseline) }

    private var bounds: [Double] {
        panels.flatMap(\.deciles).flatMap { [$0.difference, $0.interval.lowerBound, $0.interval.upperBound] }
    }

    /// The unit that all panels share.
    private var unit: AxisUnit { .time(upTo: bounds.map(abs).max() ?? 0) }

    /// A difference with its sign.
    static func text(_ seconds: Double, in unit: AxisUnit) -> String {
        let text = unit.text(abs(seconds))
        guard text.contains(where: { ("1"..."9").contains($0) }) else { return text }
        return (seconds < 0 ? "−" : "+") + text
    }

    /// Writes what lies above zero and what below it, each in its colour, at the right end of a line.
    ///
    /// The name has a space at its end, and is empty where the candidate is named already.
    private func drawSides(_ name: String, baseline: Double, on canvas: inout ChartCanvas) {
        let sides: [(String, ColorRole)] = [
            ("below 0: faster", .better), (" · ", .muted), ("above 0: \(name)slower", .worse),
        ]
        var x = ChartCanvas.width - ChartCanvas.margin
        for (text, color) in sides {
            canvas.text(text, x: x, baseline: baseline, anchor: .end, style: .bodyBold, color: color)
            x -= canvas.width(text, .bodyBold)
        }
    }

    /// Lays the chart out.
    ///
    /// - Parameter measure: How wide text is.
    /// - Returns: What to draw.
    package func displayList(measure: TextMeasure) -> DisplayList {
        var canvas = ChartCanvas(measure: measure)
        var y = frame.drawHeading(title: title, subtitle: subtitle, on: &canvas) + 14
        let (unit, bounds) = (unit, bounds)
        let (low, high) = (min(0, bounds.min() ?? 0), max(0, bounds.max() ?? 0))
        // Where nothing differs at all, the axis still has a length.
        let range = (low / unit.size)...((high > low ? high : low + unit.size) / unit.size)
        for (index, panel) in panels.enumerated() {
            if panels.count > 1 {
                canvas.text(
                    shortName(index),
                    x: ChartCanvas.margin,
                    baseline: y + 14,
                    style: .panel,
                    color: .target(panel.target)
                )
            }
            drawSides(panels.count == 1 ? "\(shortName(index)) " : "", baseline: y + 14, on: &canvas)
            y += 16
            let drawing = ShiftPanel(
                panel: panel,
                unit: unit,
                range: range,
                namesAxis: index == panels.count - 1
            )
            y =
                drawing.draw(
                    top: y,
                    height: (panels.count > 1 ? 195 : 270) + (drawing.namesAxis ? 20 : 0),
                    on: &canvas
                ) + 14
        }
        let height = frame.drawFooter(top: y, on: &canvas)
        return DisplayList(
            name: "shift",
            title: title,
            altText: altText,
            width: ChartCanvas.width,
            height: height.rounded(.up),
            items: canvas.items
        )
    }
}
