/// Finds room for short texts beside marks.
struct LabelPlacer {
    /// Where a text stands, seen from its mark.
    enum Side {
        case above, below, aboveLeft, belowLeft, aboveRight, belowRight
        /// So high that a line that rises to the right passes below.
        case highAbove
    }

    /// Where texts may stand.
    let bounds: Rectangle
    /// What is taken already.
    var taken: [Rectangle] = []
    /// What had better not be covered, but may be if there is no other room.
    var lines: [Rectangle] = []
    /// The distance from a mark's middle to a text.
    var distance = 9.0

    /// Draws a text on the first side with room for it, beside all lines if possible; leaves it out if there is
    /// none.
    mutating func draw(
        _ string: String,
        at point: Point,
        sides: [Side],
        style: TextStyle,
        color: ColorRole,
        on canvas: inout ChartCanvas
    ) {
        let places = sides.map { side in
            line(string, at: point, side: side, style: style, width: canvas.width(string, style))
        }.filter { place in
            let box = place.bounds
            return box.x >= bounds.x && box.maxX <= bounds.maxX && box.y >= bounds.y
                && box.maxY <= bounds.maxY && !taken.contains { $0.intersects(box) }
        }
        let clear = places.first { place in !lines.contains { $0.intersects(place.bounds) } }
        guard let place = clear ?? places.first else { return }
        taken.append(place.bounds.grown(by: 1))
        canvas.text(
            string,
            x: place.position.x,
            baseline: place.position.y,
            anchor: place.anchor,
            style: style,
            color: color,
            halo: true
        )
    }

    private func line(
        _ string: String,
        at point: Point,
        side: Side,
        style: TextStyle,
        width: Double
    ) -> TextLine {
        let (upper, lower) = (point.y - distance, point.y + distance + style.ascent)
        let (anchor, x, y): (TextLine.Anchor, Double, Double) =
            switch side {
            case .above: (.middle, point.x, upper)
            case .highAbove: (.middle, point.x, upper - 14)
            case .below: (.middle, point.x, lower)
            case .aboveLeft: (.end, point.x - 4, upper + 2)
            case .belowLeft: (.end, point.x - 4, lower)
            case .aboveRight: (.start, point.x + 4, upper)
            case .belowRight: (.start, point.x + 8, lower - 2)
            }
        return TextLine(
            string: string,
            position: Point(x: x, y: y),
            anchor: anchor,
            style: style,
            color: .text,
            width: width
        )
    }
}
