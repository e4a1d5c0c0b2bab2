/// Finds room for short texts beside marks.
struct LabelPlacer {
    /// Where a text stands, seen from its mark.
    enum Side {
        case above, below, aboveLeft, belowLeft, aboveRight, belowRight
    }

    /// Where texts may stand.
    let bounds: Rectangle
    /// What is taken already.
    var taken: [Rectangle] = []
    /// The distance from a mark's middle to a text.
    var distance = 9.0

    /// Draws a text on the first side with room for it; leaves it out if there is none.
    mutating func draw(
        _ string: String,
        at point: Point,
        sides: [Side],
        style: TextStyle,
        color: ColorRole,
        on canvas: inout ChartCanvas
    ) {
        for side in sides {
            let line = line(string, at: point, side: side, style: style, width: canvas.width(string, style))
            let box = line.bounds
            let isInside =
                box.x >= bounds.x && box.maxX <= bounds.maxX && box.y >= bounds.y && box.maxY <= bounds.maxY
            guard isInside, !taken.contains(where: { $0.intersects(box) }) else { continue }
            taken.append(box.grown(by: 1))
            canvas.text(
                string,
                x: line.position.x,
                baseline: line.position.y,
                anchor: line.anchor,
                style: style,
                color: color,
                halo: true
            )
            return
        }
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
