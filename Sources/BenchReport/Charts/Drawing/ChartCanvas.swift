/// What a chart draws on: it collects the display list and knows the page's measures.
struct ChartCanvas {
    /// The width of every chart.
    static let width = 800.0
    /// The space left free at each side.
    static let margin = 24.0
    /// The space between the margins.
    static let innerWidth = width - 2 * margin

    let measure: TextMeasure
    private(set) var items: [DisplayItem] = []

    init(measure: TextMeasure) {
        self.measure = measure
    }

    /// The width of one line of text, after the cleaning that drawing does.
    func width(_ text: String, _ style: TextStyle) -> Double {
        measure.width(Self.cleaned(text), style)
    }

    /// Draws one line of text.
    mutating func text(
        _ string: String,
        x: Double,
        baseline: Double,
        anchor: TextLine.Anchor = .start,
        style: TextStyle = .body,
        color: ColorRole = .text,
        halo: Bool = false
    ) {
        let cleaned = Self.cleaned(string)
        guard !cleaned.isEmpty else { return }
        items.append(
            .text(
                TextLine(
                    string: cleaned,
                    position: Point(x: x, y: baseline),
                    anchor: anchor,
                    style: style,
                    color: color,
                    hasHalo: halo,
                    width: measure.width(cleaned, style)
                )
            )
        )
    }

    /// Draws a filled rectangle; one without an area leaves no trace.
    mutating func rectangle(_ rectangle: Rectangle, fill: ColorRole, texture: Texture = .plain) {
        guard rectangle.width > 0, rectangle.height > 0 else { return }
        items.append(.rectangle(rectangle, fill: fill, texture: texture))
    }

    /// Draws a straight line.
    mutating func line(
        from start: Point,
        to end: Point,
        color: ColorRole,
        width: Double = 1,
        dashes: [Double] = []
    ) {
        items.append(.line(from: start, to: end, Stroke(color: color, width: width, dashes: dashes)))
    }

    /// Draws a line through many points.
    mutating func polyline(_ points: [Point], color: ColorRole, width: Double, dashes: [Double] = []) {
        items.append(.polyline(points, Stroke(color: color, width: width, dashes: dashes)))
    }

    /// Draws a mark.
    mutating func dot(_ center: Point, radius: Double, shape: Marker, fill: ColorRole) {
        items.append(.dot(center, radius: radius, shape: shape, fill: fill))
    }

    /// Draws lines of text one below the other.
    ///
    /// - Returns: The bottom of the last line.
    mutating func paragraph(
        _ lines: [String],
        x: Double = margin,
        top: Double,
        style: TextStyle,
        color: ColorRole,
        lineHeight: Double
    ) -> Double {
        for (index, line) in lines.enumerated() {
            let lineTop = top + Double(index) * lineHeight
            let baseline = lineTop + (lineHeight + style.ascent - style.descent) / 2
            text(line, x: x, baseline: baseline, style: style, color: color)
        }
        return top + Double(lines.count) * lineHeight
    }

    /// Draws level grid lines and, left of them, their numbers; the first one is the axis.
    ///
    /// - Parameters:
    ///   - ticks: Where each lies, 0…1 from the bottom, and how it is written.
    ///   - plot: The plot they cross.
    ///   - isLabelled: Whether the numbers are drawn.
    mutating func levels(_ ticks: [(position: Double, text: String)], in plot: Rectangle, isLabelled: Bool) {
        for (index, tick) in ticks.enumerated() {
            let y = plot.maxY - plot.height * tick.position
            line(
                from: Point(x: plot.x, y: y),
                to: Point(x: plot.maxX, y: y),
                color: index == 0 ? .axis : .grid
            )
            guard isLabelled else { continue }
            text(tick.text, x: plot.x - 7, baseline: y + 4.5, anchor: .end, color: .muted)
        }
    }

    /// Removes what no picture can show: control characters, direction overrides and the like.
    ///
    /// Names and replies come from outside; an override could turn the rest of a line around.
    static func cleaned(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: " "
            case .format where scalar != "\u{200D}": "\u{FFFD}"
            case .unassigned, .privateUse: "\u{FFFD}"
            default: scalar
            }
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
