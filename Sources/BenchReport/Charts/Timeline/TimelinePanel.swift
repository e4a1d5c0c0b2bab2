import Measurements

/// The round of one target, drawn: replies, replies per time, and the probe, one below the other.
struct TimelinePanel {
    /// The axes that all targets share, so that their panels compare.
    struct Scales {
        let time: TimeScale
        let response: TimeScale
        let wait: TimeScale
        /// How long a bar of completions lasts.
        let interval: Double
        let completions: TickScale

        init(of panels: [TimelineChart.Panel]) {
            let marks = panels.flatMap { $0.uploads + $0.probes }
            let time = TimeScale(upTo: marks.map(\.time).max() ?? 0, count: 5)
            response = TimeScale(upTo: panels.flatMap(\.uploads).map(\.wait).max() ?? 0, count: 5)
            wait = TimeScale(upTo: panels.flatMap(\.probes).map(\.wait).max() ?? 0, count: 3)
            self.time = time
            interval = TimelinePanel.interval(of: time)
            let most =
                panels.map { TimelinePanel.counts(of: $0, on: time).values.max() ?? 0 }.max() ?? 0
            completions = TickScale(low: 0, high: Double(max(1, most)), count: 3)
        }
    }

    /// A quarter of the distance between two ticks.
    private static func interval(of time: TimeScale) -> Double { time.step / 4 }

    let panel: TimelineChart.Panel
    let target: Int
    let scales: Scales
    let frame: Rectangle

    private static let nameHeight = 28.0
    private static let labelHeight = 26.0
    private static let gap = 14.0
    private static let responseHeight = 130.0
    private static let lowHeight = 66.0
    private static let footHeight = 28.0

    /// More dots than this are drawn once a cell of two pixels.
    private static let mostDots = 2000

    /// The height of a panel.
    static func height(hasProbes: Bool) -> Double {
        let uploads = responseHeight + lowHeight + 2 * labelHeight + gap
        let probes = hasProbes ? lowHeight + labelHeight + gap : 0
        return nameHeight + uploads + probes + footHeight
    }

    /// How many uploads were done in each interval that saw any; the last one includes its end.
    private static func counts(of panel: TimelineChart.Panel, on time: TimeScale) -> [Int: Int] {
        let interval = interval(of: time)
        let last = Int((time.end / interval).rounded()) - 1
        return panel.uploads.reduce(into: [:]) { counts, mark in
            counts[min(last, Int(mark.time / interval)), default: 0] += 1
        }
    }

    /// Draws the panel.
    func draw(labelsAxes: Bool, hasProbes: Bool, on canvas: inout ChartCanvas) {
        drawHead(on: &canvas)
        var y = frame.y + Self.nameHeight
        let response = plot(below: &y, height: Self.responseHeight)
        drawLabel("Response time of each upload, by completion", above: response, on: &canvas)
        drawLevels(scales.response.ticks, in: response, isLabelled: labelsAxes, on: &canvas)
        scales.time.drawAcross(response, isLabelled: false, on: &canvas)
        drawDots(panel.uploads, in: response, scale: scales.response, radius: 2.2, on: &canvas)
        let completions = plot(below: &y, height: Self.lowHeight)
        let every = DurationFormat.text(seconds: scales.interval)
        drawLabel("Completions per \(every)", above: completions, on: &canvas)
        drawCompletions(in: completions, isLabelled: labelsAxes, on: &canvas)
        scales.time.drawAcross(completions, isLabelled: !hasProbes, on: &canvas)
        guard hasProbes else { return }
        let probes = plot(below: &y, height: Self.lowHeight)
        drawProbeLabel(above: probes, on: &canvas)
        drawLevels(scales.wait.ticks, in: probes, isLabelled: labelsAxes, on: &canvas)
        scales.time.drawAcross(probes, isLabelled: true, on: &canvas)
        drawDots(panel.probes, in: probes, scale: scales.wait, radius: 1.4, on: &canvas)
    }

    private func plot(below y: inout Double, height: Double) -> Rectangle {
        let plot = Rectangle(x: frame.x, y: y + Self.labelHeight, width: frame.width, height: height)
        y = plot.maxY + Self.gap
        return plot
    }

    private func drawHead(on canvas: inout ChartCanvas) {
        let style = TextStyle(size: 15, isBold: true)
        let figures = TimelineChart.span(of: panel)
        let free = frame.width - canvas.width(figures, .body) - 14
        let name = ChartCanvas.cleaned(TextMeasure.middleTruncated(panel.name, to: 24))
        canvas.text(
            canvas.measure.fitted(name, style: style, width: free),
            x: frame.x,
            baseline: frame.y + 14,
            style: style,
            color: .target(target)
        )
        canvas.text(figures, x: frame.maxX, baseline: frame.y + 14, anchor: .end, color: .muted)
    }

    private func drawLabel(_ text: String, above plot: Rectangle, on canvas: inout ChartCanvas) {
        canvas.text(
            canvas.measure.fitted(text, style: .body, width: plot.width),
            x: plot.x,
            baseline: plot.y - 8
        )
    }

    private func drawProbeLabel(above plot: Rectangle, on canvas: inout ChartCanvas) {
        let figures = TimelineChart.waits(of: panel) ?? "no answer"
        let free = plot.width - canvas.width(figures, .bodyBold) - 12
        let label = "Probe response time"
        canvas.text(
            canvas.width(label, .body) <= free ? label : "Probe",
            x: plot.x,
            baseline: plot.y - 8
        )
        canvas.text(
            figures,
            x: plot.maxX,
            baseline: plot.y - 8,
            anchor: .end,
            style: .bodyBold,
            color: .target(target)
        )
    }
}

extension TimelinePanel {
    private func drawLevels(
        _ ticks: [(position: Double, text: String)],
        in plot: Rectangle,
        isLabelled: Bool,
        on canvas: inout ChartCanvas
    ) {
        for (index, tick) in ticks.enumerated() {
            let y = plot.maxY - plot.height * tick.position
            canvas.line(
                from: Point(x: plot.x, y: y),
                to: Point(x: plot.maxX, y: y),
                color: index == 0 ? .axis : .grid
            )
            guard isLabelled else { continue }
            canvas.text(tick.text, x: plot.x - 7, baseline: y + 4.5, anchor: .end, color: .muted)
        }
    }

    private func drawCompletions(in plot: Rectangle, isLabelled: Bool, on canvas: inout ChartCanvas) {
        let scale = scales.completions
        let most = scale.ticks.last ?? 1
        let ticks = scale.ticks.map { (position: $0 / most, text: AxisUnit.tick($0, step: scale.step)) }
        drawLevels(ticks, in: plot, isLabelled: isLabelled, on: &canvas)
        let width = plot.width * scales.interval / scales.time.end
        for (index, count) in Self.counts(of: panel, on: scales.time).sorted(by: { $0.key < $1.key }) {
            let height = plot.height * Double(count) / most
            let x = plot.x + Double(index) * width
            canvas.rectangle(
                Rectangle(
                    x: x + 0.5,
                    y: plot.maxY - height,
                    width: min(width, plot.maxX - x) - 1,
                    height: height
                ),
                fill: .target(target)
            )
        }
    }

    private func drawDots(
        _ marks: [TimelineChart.Mark],
        in plot: Rectangle,
        scale: TimeScale,
        radius: Double,
        on canvas: inout ChartCanvas
    ) {
        var taken: Set<[Int]> = []
        for mark in marks {
            let x = plot.x + plot.width * scales.time.position(of: mark.time)
            let y = plot.maxY - plot.height * scale.position(of: mark.wait)
            let isNew = taken.insert([Int(x / 2), Int(y / 2)]).inserted
            guard isNew || marks.count <= Self.mostDots else { continue }
            canvas.dot(Point(x: x, y: y), radius: radius, shape: .circle, fill: .target(target))
        }
    }
}
