import Measurements

extension SweepChart {
    /// How to read the chart, part by part.
    package var subtitle: [String] {
        let levels = series.flatMap(\.points).map(\.throughput)
        let whiskers =
            levels.contains { $0.interval != nil } ? "bars = 95 % CI" : "no intervals below 6 rounds"
        let knee =
            series.contains { $0.saturation != nil } ? ["ring = first point with ≥ 95 % of the peak"] : []
        return [load, "\(rounds) \(rounds == 1 ? "round" : "rounds") per point", whiskers] + knee
    }

    /// What the chart shows, with its numbers, for those who can't see it.
    package var altText: String {
        let parts = series.map { series in
            let points = series.points.map { point in
                let p99 = point.p99.map { ", p99 \(DurationFormat.text(seconds: $0.value))" } ?? ""
                return "\(FixedPoint.significant(point.throughput.value)) req/s\(p99) \(point.load.phrase)"
            }
            return "\(TextMeasure.shortName(series.name)): \(points.joined(separator: "; "))"
        }
        return "Throughput and p99 by \(axis.lowercased()). \(title). \(parts.joined(separator: ". "))."
    }

    private static let axisWidth = 58.0
    private static let nameGap = 14.0

    /// Lays the chart out.
    ///
    /// - Parameter measure: How wide text is.
    /// - Returns: What to draw.
    package func displayList(measure: TextMeasure) -> DisplayList {
        var canvas = ChartCanvas(measure: measure)
        let top = frame.drawHeading(title: title, subtitle: subtitle, on: &canvas) + 18
        let rate = SweepPanel(
            title: "Throughput (req/s)",
            lines: lines { $0.throughput },
            scale: .linear(upTo: highest { $0.throughput }),
            isUpperBetter: true
        )
        let tail = SweepPanel(
            title: "p99 response time",
            lines: lines { $0.p99 },
            scale: .logarithmic(series.flatMap(\.points).compactMap(\.p99)),
            isUpperBetter: false
        )
        let notes = (rate.lines + tail.lines).enumerated().map { index, line in
            (index < rate.lines.count ? rate : tail).note(of: line)
        }
        let names = series.map { ChartCanvas.cleaned(TextMeasure.shortName($0.name)) }
        let right =
            ChartCanvas.width - ChartCanvas.margin - Self.nameGap
            - EndLabels.width(names: names, notes: notes, on: canvas)
        let left = ChartCanvas.margin + Self.axisWidth
        var plot = Rectangle(x: left, y: top + 24, width: right - left, height: 150)
        rate.draw(in: plot, loads: loads, names: names, nameGap: Self.nameGap, on: &canvas)
        plot.y = plot.maxY + 66
        tail.draw(in: plot, loads: loads, names: names, nameGap: Self.nameGap, on: &canvas)
        canvas.text(
            axis + " (log scale)",
            x: plot.x + plot.width / 2,
            baseline: plot.maxY + 40,
            anchor: .middle,
            color: .muted
        )
        let height = frame.drawFooter(top: plot.maxY + 58, on: &canvas)
        return DisplayList(
            name: "sweep",
            title: title,
            altText: altText,
            width: ChartCanvas.width,
            height: height.rounded(.up),
            items: canvas.items
        )
    }

    private func lines(_ level: (Point) -> SummaryChart.Level?) -> [SweepPanel.Line] {
        series.enumerated().map { index, series in
            SweepPanel.Line(
                target: index,
                points: series.points.compactMap { point in
                    level(point).map { SweepPanel.Value(load: point.load, level: $0) }
                },
                knee: series.saturation?.load
            )
        }
    }

    private func highest(_ level: (Point) -> SummaryChart.Level) -> Double {
        series.flatMap(\.points).map(level).map { max($0.value, $0.interval?.upperBound ?? 0) }.max() ?? 0
    }
}
