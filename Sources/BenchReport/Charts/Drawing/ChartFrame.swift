/// What stands around every chart: what it says, how far to trust it, and where it comes from.
package struct ChartFrame: Sendable, Equatable {
    /// What must be read before any number: an interrupted run, doubts about it, failures.
    package var cautions: [String]
    /// Version, date and machine, part by part.
    package var origin: [String]
    /// The command, its secrets masked.
    package var command: String

    /// Makes a frame.
    ///
    /// - Parameters:
    ///   - cautions: What must be read before any number.
    ///   - origin: Version, date and machine, part by part.
    ///   - command: The command, its secrets masked.
    package init(cautions: [String] = [], origin: [String], command: String) {
        self.cautions = cautions
        self.origin = origin
        self.command = command
    }

    /// The most cautions that a picture shows; the report lists them all.
    private static let mostCautions = 3

    /// Draws the title, what it is about, and the cautions.
    ///
    /// - Parameters:
    ///   - title: What the chart says; it shrinks before it wraps.
    ///   - subtitle: What was measured and how to read the chart, part by part.
    ///   - canvas: What to draw on.
    /// - Returns: The bottom of what was drawn.
    func drawHeading(title: String, subtitle: [String], on canvas: inout ChartCanvas) -> Double {
        let title = ChartCanvas.cleaned(title)
        let sizes = stride(from: 22.0, through: 18, by: -0.5).map { TextStyle(size: $0, isBold: true) }
        let style = sizes.first { canvas.width(title, $0) <= ChartCanvas.innerWidth }
        var y = canvas.paragraph(
            canvas.measure.balanced(
                title,
                style: style ?? TextStyle(size: 18, isBold: true),
                width: ChartCanvas.innerWidth,
                limit: 4
            ),
            top: 18,
            style: style ?? TextStyle(size: 18, isBold: true),
            color: .text,
            lineHeight: style == nil ? 24 : 28
        )
        let subtitleStyle = TextStyle(size: 14)
        y = canvas.paragraph(
            canvas.measure.joined(
                subtitle.enumerated().map { index, part in
                    let text = ChartCanvas.cleaned(part)
                    return index == 0 ? text.prefix(1).uppercased() + text.dropFirst() : text
                },
                by: " · ",
                style: subtitleStyle,
                width: ChartCanvas.innerWidth
            ),
            top: y + 1,
            style: subtitleStyle,
            color: .muted,
            lineHeight: 20
        )
        return drawCautions(top: y, on: &canvas)
    }

    private func drawCautions(top: Double, on canvas: inout ChartCanvas) -> Double {
        guard !cautions.isEmpty else { return top }
        let padding = 10.0
        let hidden = cautions.count - Self.mostCautions
        let shown =
            cautions.prefix(Self.mostCautions) + (hidden > 0 ? ["and \(hidden) more in the report"] : [])
        let lines = shown.flatMap { caution in
            canvas.measure.wrapped(
                ChartCanvas.cleaned(caution),
                style: .bodyBold,
                width: ChartCanvas.innerWidth - 2 * padding,
                limit: 3
            )
        }
        let box = Rectangle(
            x: ChartCanvas.margin,
            y: top + 8,
            width: ChartCanvas.innerWidth,
            height: Double(lines.count) * 19 + 10
        )
        canvas.rectangle(box, fill: .cautionFill)
        canvas.rectangle(Rectangle(x: box.x, y: box.y, width: 3, height: box.height), fill: .cautionText)
        _ = canvas.paragraph(
            lines,
            x: box.x + padding,
            top: box.y + 5,
            style: .bodyBold,
            color: .cautionText,
            lineHeight: 19
        )
        return box.maxY
    }

    /// Draws a rule and the footer below it.
    ///
    /// - Parameters:
    ///   - top: Where the chart ends.
    ///   - canvas: What to draw on.
    /// - Returns: The height of the whole chart.
    func drawFooter(top: Double, on canvas: inout ChartCanvas) -> Double {
        canvas.line(
            from: Point(x: ChartCanvas.margin, y: top),
            to: Point(x: ChartCanvas.width - ChartCanvas.margin, y: top),
            color: .grid
        )
        let width = ChartCanvas.innerWidth
        let lines =
            canvas.measure.joined(origin.map(ChartCanvas.cleaned), by: " · ", style: .footer, width: width)
            + canvas.measure.wrapped(ChartCanvas.cleaned(command), style: .footer, width: width, limit: 3)
        return canvas.paragraph(lines, top: top + 7, style: .footer, color: .muted, lineHeight: 16) + 9
    }
}
