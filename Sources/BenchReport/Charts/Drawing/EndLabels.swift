/// The names of lines at their right ends, each with a number below it.
struct EndLabels {
    /// One line's name.
    struct Label {
        var name: String
        var note: String
        var target: Int
        /// Where the line ends.
        var height: Double
    }

    private static let nameStyle = TextStyle(size: 14, isBold: true)
    /// From one name to the next; a name and its number take this much.
    private static let distance = 34.0

    /// The space that names and numbers take, whatever their place.
    static func width(names: [String], notes: [String], on canvas: ChartCanvas) -> Double {
        let widths = names.map { canvas.width($0, nameStyle) } + notes.map { canvas.width($0, .note) }
        return widths.max() ?? 0
    }

    /// Draws the labels beside a plot, no two on each other.
    static func draw(_ labels: [Label], x: Double, beside plot: Rectangle, on canvas: inout ChartCanvas) {
        // A label's middle lies between its two lines of text.
        let range = (plot.y + 4)...max(plot.y + 4, plot.maxY - 12)
        let heights = LabelSpread.heights(labels.map(\.height), gap: distance, within: range)
        for (label, height) in zip(labels, heights) {
            canvas.text(label.name, x: x, baseline: height, style: nameStyle, color: .target(label.target))
            canvas.text(label.note, x: x, baseline: height + 16, style: .note, color: .muted)
        }
    }
}
