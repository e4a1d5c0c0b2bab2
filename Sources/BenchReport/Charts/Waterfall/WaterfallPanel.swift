import Measurements

/// The uploads of one target, drawn.
struct WaterfallPanel {
    let chart: WaterfallChart
    let panel: WaterfallChart.Panel
    let target: Int
    let scale: TimeScale
    let plot: Rectangle

    /// Draws the panel: grid, rows, and what they add up to.
    func draw(numbersRows: Bool, on canvas: inout ChartCanvas) {
        drawHead(on: &canvas)
        scale.drawAcross(plot, isLabelled: true, on: &canvas)
        if numbersRows {
            drawRowNumbers(on: &canvas)
        }
        drawRows(on: &canvas)
        if let last = panel.rows.last(where: \.isOK) {
            let x = x(last.done)
            canvas.line(
                from: Point(x: x, y: plot.y - 4),
                to: Point(x: x, y: plot.maxY),
                color: .text,
                width: 1.2,
                dashes: [4, 3]
            )
            drawBaselineEnd(after: x, on: &canvas)
        }
    }

    /// Shows in a faster candidate's panel when the baseline is done, if there is room to say so.
    private func drawBaselineEnd(after end: Double, on canvas: inout ChartCanvas) {
        guard target > 0, let baseline = chart.panels.first, let last = baseline.rows.last(where: \.isOK),
            let replies = chart.replies(of: baseline)
        else { return }
        let x = x(last.done)
        let words = "\(chart.shortName(baseline)): \(replies.last)"
        guard x - end >= canvas.width(words, .body) + 16 else { return }
        canvas.line(
            from: Point(x: x, y: plot.y - 4),
            to: Point(x: x, y: plot.maxY),
            color: .target(0),
            width: 1.2,
            dashes: [4, 3]
        )
        canvas.text(
            words,
            x: x - 7,
            baseline: plot.maxY - 8,
            anchor: .end,
            color: .target(0),
            halo: true
        )
    }

    private func x(_ seconds: Double) -> Double {
        plot.x + plot.width * scale.position(of: seconds)
    }

    private func drawHead(on canvas: inout ChartCanvas) {
        let style = TextStyle(size: 15, isBold: true)
        let overlap = ServiceOverlap(rows: panel.rows)
        let service =
            chart.stages == .client
            ? ""
            : "in service: mean \(FixedPoint.text(overlap.mean, decimals: 1)), max \(overlap.most)"
        let free = plot.width - canvas.width(service, .body) - 14
        let name = canvas.measure.fitted(
            ChartCanvas.cleaned(chart.shortName(panel)),
            style: style,
            width: free
        )
        canvas.text(name, x: plot.x, baseline: plot.y - 28, style: style, color: .target(target))
        canvas.text(service, x: plot.maxX, baseline: plot.y - 28, anchor: .end, color: .muted)
        let failed = panel.rows.count { !$0.isOK }
        let figures = [
            chart.replies(of: panel).map { "first reply \($0.first) · last \($0.last)" },
            failed > 0 ? "\(failed) failed" : nil,
        ].compactMap { $0 }
        let text = figures.isEmpty ? "no upload" : figures.joined(separator: " · ")
        canvas.text(
            canvas.measure.fitted(text, style: .body, width: plot.width),
            x: plot.x,
            baseline: plot.y - 10
        )
    }

    private func drawRowNumbers(on canvas: inout ChartCanvas) {
        let count = panel.rows.count
        guard count > 0 else { return }
        let numbers = count <= 8 ? Array(1...count) : [1] + [1, 2, 3, 4].map { count * $0 / 4 }
        for number in numbers {
            let middle = plot.y + plot.height * (Double(number) - 0.5) / Double(count)
            canvas.text("\(number)", x: plot.x - 7, baseline: middle + 4.5, anchor: .end, color: .muted)
        }
    }

    /// Draws the middle upload of each bin; a row drawn is an upload that was measured.
    private func drawRows(on canvas: inout ChartCanvas) {
        let size = WaterfallChart.binSize(of: panel.rows.count)
        let rows = stride(from: 0, to: panel.rows.count, by: size).map { first in
            panel.rows[
                min(panel.rows.count, first + size) - 1 - (min(size, panel.rows.count - first) - 1) / 2
            ]
        }
        guard !rows.isEmpty else { return }
        let pitch = plot.height / Double(rows.count)
        let height = max(pitch * 0.76, 2)
        func bar(_ index: Int, from start: Double, to end: Double, least: Double) -> Rectangle {
            let (left, right) = (x(start), x(end))
            let y = plot.y + Double(index) * pitch + (pitch - height) / 2
            return Rectangle(x: left, y: y, width: max(least, right - left), height: height)
        }
        for (index, row) in rows.enumerated() {
            canvas.rectangle(
                bar(index, from: row.sent ?? row.done, to: row.done, least: 0),
                fill: row.isOK ? .targetPale(target) : .grid
            )
        }
        for stage in 0..<2 {
            for (index, row) in rows.enumerated() {
                for work in row.work where work.stage == stage {
                    canvas.rectangle(
                        bar(index, from: work.start, to: work.end, least: 1.2),
                        fill: stage == 0 ? .target(target) : .targetMid(target)
                    )
                }
            }
        }
        for (index, row) in rows.enumerated() where !row.isOK {
            let end = bar(index, from: row.done, to: row.done, least: 0)
            canvas.dot(
                Point(x: end.x, y: end.y + height / 2),
                radius: max(1.6, min(4, height / 2)),
                shape: .diamond,
                fill: .text
            )
        }
    }
}
