import Measurements

extension PercentileChart {
    private static let plotHeight = 270.0
    /// The space between the end of a line and its name.
    private static let nameGap = 9.0

    /// Lays the chart out.
    ///
    /// - Parameter measure: How wide text is.
    /// - Returns: What to draw.
    package func displayList(measure: TextMeasure) -> DisplayList {
        var canvas = ChartCanvas(measure: measure)
        let top = frame.drawHeading(title: title, subtitle: subtitle, on: &canvas) + 28
        let names = curves.map { ChartCanvas.cleaned(TextMeasure.shortName($0.name)) }
        let scale = TimeScale(upTo: curves.map(\.worst).max() ?? 0, most: 7)
        let notes = curves.map { "worst " + scale.unit.text($0.worst) }
        let left = ChartCanvas.margin + TimeScale.axisWidth(of: [scale], least: 46, on: canvas)
        let right =
            ChartCanvas.width - ChartCanvas.margin - Self.nameGap
            - EndLabels.width(names: names, notes: notes, on: canvas)
        let plot = Rectangle(x: left, y: top, width: right - left, height: Self.plotHeight)
        let drawing = PercentilePanel(chart: self, scale: scale, plot: plot)
        drawing.draw(on: &canvas)
        let labels = curves.indices.map { index in
            let last = curves[index].tail.last ?? curves[index].median.last
            return EndLabels.Label(
                name: names[index],
                note: notes[index],
                target: index,
                height: drawing.point(last ?? Quantile(share: 0, seconds: curves[index].worst)).y + 2
            )
        }
        EndLabels.draw(labels, x: right + Self.nameGap, beside: plot, on: &canvas)
        let axis = "Percentile, log scale of 1/(1−q): from 90 % to 99 % is as far as from 99 % to 99.9 %"
        canvas.text(
            canvas.measure.fitted(axis, style: .note, width: ChartCanvas.innerWidth),
            x: ChartCanvas.width / 2,
            baseline: plot.maxY + 42,
            anchor: .middle,
            style: .note,
            color: .muted
        )
        let height = frame.drawFooter(top: plot.maxY + 58, on: &canvas)
        return DisplayList(
            name: "percentiles",
            title: title,
            altText: altText,
            width: ChartCanvas.width,
            height: height.rounded(.up),
            items: canvas.items
        )
    }
}
