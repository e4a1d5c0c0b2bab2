import Measurements

/// The round of one target, drawn: replies, replies per time, loop blocks and the probe, one below the other.
struct TimelinePanel {
    /// The axes that all targets share, so that their panels compare.
    struct Scales {
        let time: TimeScale
        let response: TimeScale
        let block: TimeScale
        let wait: TimeScale
        /// How long a bar of completions lasts.
        let interval: Double
        let completions: TickScale

        init(of panels: [TimelineChart.Panel]) {
            let blocks = panels.flatMap { $0.loops?.blocks ?? [] }
            let parts = blocks.flatMap(\.parts)
            let times =
                panels.compactMap(\.completions.last) + panels.flatMap(\.probes).map(\.time)
                + parts.map { $0.time + $0.wait }
            let time = TimeScale(upTo: times.max() ?? 0, most: 6)
            let waits = panels.flatMap { $0.uploads + $0.cells.map(\.mark) }.map(\.wait)
            response = TimeScale(upTo: waits.max() ?? 0, most: 6)
            block = TimeScale(upTo: blocks.map(\.wait).max() ?? 0, most: 4)
            wait = TimeScale(upTo: panels.flatMap(\.probes).map(\.wait).max() ?? 0, most: 4)
            self.time = time
            // A quarter of the distance between two ticks, or half of it where ticks are close.
            interval = time.step / (time.end / time.step > 4 ? 2 : 4)
            let (interval, end) = (interval, time.end)
            let most =
                panels.map { Self.counts(of: $0, every: interval, until: end).values.max() ?? 0 }.max() ?? 0
            completions = TickScale.tight(upTo: Double(max(1, most)), most: 4)
        }

        /// How many uploads of a target were done in each interval that saw any.
        func counts(of panel: TimelineChart.Panel) -> [Int: Int] {
            Self.counts(of: panel, every: interval, until: time.end)
        }

        /// The last interval includes its end.
        private static func counts(
            of panel: TimelineChart.Panel,
            every interval: Double,
            until end: Double
        ) -> [Int: Int] {
            let last = Int((end / interval).rounded()) - 1
            return panel.completions.reduce(into: [:]) { counts, time in
                counts[min(last, Int(time / interval)), default: 0] += 1
            }
        }
    }

    /// What stands below the uploads in the panels of a line, so that panels side by side match.
    struct Rows {
        let hasLoops: Bool
        let hasProbes: Bool

        init(of panels: some Sequence<TimelineChart.Panel>) {
            // Where nothing was blocked an empty frame would say less than the title.
            hasLoops = panels.contains { $0.loops?.blocks.isEmpty == false }
            hasProbes = panels.contains { !$0.probes.isEmpty }
        }
    }

    let panel: TimelineChart.Panel
    let target: Int
    let scales: Scales
    let frame: Rectangle

    private static let nameHeight = 24.0
    private static let labelHeight = 26.0
    private static let blameHeight = 16.0
    private static let gap = 12.0
    private static let responseHeight = 130.0
    private static let lowHeight = 62.0
    private static let footHeight = 26.0

    /// The height of a panel.
    static func height(rows: Rows) -> Double {
        let low = labelHeight + gap + lowHeight
        return nameHeight + labelHeight + responseHeight + low
            + (rows.hasLoops ? low + blameHeight : 0) + (rows.hasProbes ? low : 0) + footHeight
    }

    /// Draws the panel.
    func draw(_ rows: Rows, labelsAxes: Bool, on canvas: inout ChartCanvas) {
        drawHead(on: &canvas)
        var y = frame.y + Self.nameHeight
        let response = plot(below: &y, height: Self.responseHeight)
        drawLabel("Response time of each upload, by completion", above: response, on: &canvas)
        drawShades(in: response, on: &canvas)
        scales.response.drawLevels(in: response, isLabelled: labelsAxes, on: &canvas)
        scales.time.drawAcross(response, isLabelled: false, on: &canvas)
        drawCells(in: response, on: &canvas)
        drawDots(panel.uploads, in: response, scale: scales.response, radius: 2.2, on: &canvas)
        let completions = plot(below: &y, height: Self.lowHeight)
        let every = NumberText.limit(scales.interval)
        drawLabel("Completions per \(every)", above: completions, on: &canvas)
        drawCompletions(in: completions, isLabelled: labelsAxes, on: &canvas)
        scales.time.drawAcross(completions, isLabelled: !rows.hasLoops && !rows.hasProbes, on: &canvas)
        if rows.hasLoops {
            y += Self.blameHeight
            drawLoops(
                in: plot(below: &y, height: Self.lowHeight),
                isLast: !rows.hasProbes,
                labelsAxes,
                on: &canvas
            )
        }
        if rows.hasProbes {
            drawProbes(in: plot(below: &y, height: Self.lowHeight), labelsAxes, on: &canvas)
        }
    }

    private func plot(below y: inout Double, height: Double) -> Rectangle {
        let plot = Rectangle(x: frame.x, y: y + Self.labelHeight, width: frame.width, height: height)
        y = plot.maxY + Self.gap
        return plot
    }

    private func drawHead(on canvas: inout ChartCanvas) {
        let style = TextStyle(size: 15, isBold: true)
        let name = ChartCanvas.cleaned(TextMeasure.shortName(panel.name))
        let rest = frame.width - canvas.width(name, style) - 14
        let spans = [TimelineChart.span(of: panel), TimelineChart.end(of: panel)]
        let figures = spans.first { canvas.width($0, .body) <= rest } ?? spans[1]
        let free = frame.width - canvas.width(figures, .body) - 14
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

    /// Draws a label and, at the right end, figures; of the label what there is room for.
    private func drawLabel(
        _ label: String,
        short: String,
        figures: String,
        above plot: Rectangle,
        raised: Double = 0,
        on canvas: inout ChartCanvas
    ) {
        let baseline = plot.y - 8 - raised
        let free = plot.width - canvas.width(figures, .bodyBold) - 12
        canvas.text(canvas.width(label, .body) <= free ? label : short, x: plot.x, baseline: baseline)
        canvas.text(
            figures,
            x: plot.maxX,
            baseline: baseline,
            anchor: .end,
            style: .bodyBold,
            color: .target(target)
        )
    }
}

extension TimelinePanel {
    private func x(_ seconds: Double, in plot: Rectangle) -> Double {
        plot.x + plot.width * scales.time.position(of: seconds)
    }

    /// Shades the time that the loop was blocked behind the uploads that waited for it.
    private func drawShades(in plot: Rectangle, on canvas: inout ChartCanvas) {
        // Blocks of several loops may overlap, and neighbours touch: what touches is one.
        let spans = (panel.loops?.blocks ?? []).flatMap(\.parts).map {
            (x($0.time, in: plot), x($0.time + $0.wait, in: plot))
        }
        let joined: [(Double, Double)] = spans.sorted { $0.0 < $1.0 }.reduce(into: []) { joined, span in
            if let last = joined.last, span.0 <= last.1 + 0.5 {
                joined[joined.count - 1].1 = max(last.1, span.1)
            } else {
                joined.append(span)
            }
        }
        for (left, right) in joined {
            canvas.rectangle(
                Rectangle(x: left, y: plot.y, width: max(1, right - left), height: plot.height),
                fill: .targetFaint(target)
            )
        }
    }

    private func drawCompletions(in plot: Rectangle, isLabelled: Bool, on canvas: inout ChartCanvas) {
        let scale = scales.completions
        let most = scale.ticks.last ?? 1
        let ticks = scale.ticks.map { (position: $0 / most, text: AxisUnit.tick($0, step: scale.step)) }
        canvas.levels(ticks, in: plot, isLabelled: isLabelled)
        let width = plot.width * scales.interval / scales.time.end
        for (index, count) in scales.counts(of: panel).sorted(by: { $0.key < $1.key }) {
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

    /// Draws each block as wide and as high as it is long; a target without such data has no panel.
    private func drawLoops(
        in plot: Rectangle,
        isLast: Bool,
        _ labelsAxes: Bool,
        on canvas: inout ChartCanvas
    ) {
        guard let loops = panel.loops else { return }
        let figures = TimelineChart.figures(of: loops)
        drawLabel(
            "Loop blocks",
            short: "Loop",
            figures: figures,
            above: plot,
            raised: Self.blameHeight,
            on: &canvas
        )
        if let blame = loops.blame {
            let text = canvas.measure.fitted("worst: \(blame)", style: .note, width: plot.width)
            canvas.text(text, x: plot.x, baseline: plot.y - 8, style: .note, color: .muted)
        }
        scales.block.drawLevels(in: plot, isLabelled: labelsAxes, on: &canvas)
        scales.time.drawAcross(plot, isLabelled: isLast, on: &canvas)
        // A block is as high as it is long; a hairline stands where it goes on in another place.
        for block in loops.blocks {
            let height = plot.height * scales.block.position(of: block.wait)
            for (left, right) in spans(of: block, in: plot) {
                let width = max(1, right - left - 0.6)
                canvas.rectangle(
                    Rectangle(x: left, y: plot.maxY - height, width: width, height: height),
                    fill: .target(target)
                )
            }
        }
    }

    /// The parts of a block; of short ones so many in one that there is more block to see than hairlines.
    private func spans(of block: TimelineChart.Block, in plot: Rectangle) -> [(left: Double, right: Double)] {
        block.parts.reduce(into: []) { spans, part in
            let (left, right) = (x(part.time, in: plot), x(part.time + part.wait, in: plot))
            if let last = spans.last, last.right - last.left < 8 {
                spans[spans.count - 1].right = right
            } else {
                spans.append((left, right))
            }
        }
    }

    private func drawProbes(in plot: Rectangle, _ labelsAxes: Bool, on canvas: inout ChartCanvas) {
        guard !panel.probes.isEmpty else { return }
        let figures = TimelineChart.waits(of: panel) ?? "no answer"
        drawLabel("Probe response time", short: "Probe", figures: figures, above: plot, on: &canvas)
        scales.wait.drawLevels(in: plot, isLabelled: labelsAxes, on: &canvas)
        scales.time.drawAcross(plot, isLabelled: true, on: &canvas)
        drawDots(panel.probes, in: plot, scale: scales.wait, radius: 1.4, on: &canvas)
    }

    /// Draws where very many uploads lie as a grid of two pixels, the darker the more of them.
    private func drawCells(in plot: Rectangle, on canvas: inout ChartCanvas) {
        let columns = Int(plot.width / 2) + 1
        let counts = panel.cells.reduce(into: [Int: Int]()) { counts, cell in
            let x = x(cell.mark.time, in: plot) - plot.x
            let y = plot.height * (1 - scales.response.position(of: cell.mark.wait))
            counts[Int(y / 2) * columns + Int(x / 2), default: 0] += cell.count
        }
        let most = counts.values.max() ?? 0
        let cells = counts.sorted { $0.key < $1.key }
        for shade in [ColorRole.targetPale(target), .targetMid(target), .target(target)] {
            for (place, count) in cells {
                let own: ColorRole =
                    count * 8 < most
                    ? .targetPale(target) : count * 2 < most ? .targetMid(target) : .target(target)
                guard own == shade else { continue }
                let (x, y) = (plot.x + Double(place % columns) * 2, plot.y + Double(place / columns) * 2)
                canvas.rectangle(
                    Rectangle(x: x, y: y, width: min(2, plot.maxX - x), height: min(2, plot.maxY - y)),
                    fill: shade
                )
            }
        }
    }

    /// Draws marks; more than fit one by one are drawn once a cell of two pixels.
    private func drawDots(
        _ marks: [TimelineChart.Mark],
        in plot: Rectangle,
        scale: TimeScale,
        radius: Double,
        on canvas: inout ChartCanvas
    ) {
        var taken: Set<Int> = []
        let columns = Int(plot.width)
        for mark in marks {
            let x = x(mark.time, in: plot)
            let y = plot.maxY - plot.height * scale.position(of: mark.wait)
            let isNew = taken.insert(Int((y - plot.y) / 2) * columns + Int((x - plot.x) / 2)).inserted
            guard isNew || marks.count <= Self.mostDots else { continue }
            canvas.dot(Point(x: x, y: y), radius: radius, shape: .circle, fill: .target(target))
        }
    }

    /// More dots than this are drawn once a cell of two pixels.
    private static let mostDots = 2000
}
