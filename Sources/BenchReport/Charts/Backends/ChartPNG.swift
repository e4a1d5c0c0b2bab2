package import Cairo

/// Draws a display list as PNG: two pixels each logical one, told apart from a larger picture by its density.
package struct ChartPNG {
    /// Pixels of a logical pixel.
    private static let scale = 2.0

    private let fonts: ChartFonts

    /// Makes a back end.
    ///
    /// - Parameter fonts: The fonts, with whose measure the display lists were laid out.
    package init(fonts: ChartFonts) {
        self.fonts = fonts
    }

    /// Draws a chart.
    ///
    /// - Parameters:
    ///   - list: What to draw.
    ///   - palette: In which colours.
    ///   - origin: What the file says about where it comes from.
    /// - Returns: The bytes of the file; the same for the same input and font.
    /// - Throws: ``CairoError`` if cairo can't draw it.
    package func encode(
        _ list: DisplayList,
        palette: Palette,
        origin: ChartOrigin
    ) throws(CairoError) -> [UInt8] {
        let surface = try ImageSurface(
            width: Int(list.width * Self.scale),
            height: Int(list.height * Self.scale)
        )
        let context = try Context(drawingOn: surface, scale: Self.scale)
        setColor(.background, in: palette, on: context)
        context.paint()
        for item in list.items {
            draw(item, palette: palette, on: context)
        }
        try context.finish()
        return PNGMetadata(title: list.title, description: list.altText, origin: origin)
            .inserted(into: try surface.png())
    }

    private func draw(_ item: DisplayItem, palette: Palette, on context: borrowing Context) {
        switch item {
        case .rectangle(let rectangle, let fill, let texture):
            setColor(fill, in: palette, on: context)
            addPath(rectangle, on: context)
            context.fill()
            drawTexture(texture, on: rectangle, palette: palette, context: context)
        case .line(let from, let to, let stroke):
            draw([from, to], stroke, palette: palette, on: context)
        case .polyline(let points, let stroke):
            draw(points, stroke, palette: palette, on: context)
        case .text(let line):
            draw(line, palette: palette, on: context)
        case .dot(let center, let radius, let shape, let fill):
            setColor(fill, in: palette, on: context)
            addPath(shape, center: center, radius: radius, on: context)
            context.fill()
        }
    }

    private func draw(_ points: [Point], _ stroke: Stroke, palette: Palette, on context: borrowing Context) {
        guard let first = points.first else { return }
        setColor(stroke.color, in: palette, on: context)
        context.move(x: first.x, y: first.y)
        for point in points.dropFirst() {
            context.addLine(x: point.x, y: point.y)
        }
        context.stroke(width: stroke.width, dashes: stroke.dashes)
    }

    private func draw(_ line: TextLine, palette: Palette, on context: borrowing Context) {
        let text = fonts.drawable(line.string)
        fonts.select(line.style, on: context)
        let width = fonts.advance(of: text, line.style)
        let x =
            switch line.anchor {
            case .start: line.position.x
            case .middle: line.position.x - width / 2
            case .end: line.position.x - width
            }
        if line.hasHalo {
            setColor(.background, in: palette, on: context)
            context.addOutline(of: text, x: x, baseline: line.position.y)
            context.stroke(width: TextLine.haloWidth)
        }
        setColor(line.color, in: palette, on: context)
        context.show(text, x: x, baseline: line.position.y)
    }

    private func drawTexture(
        _ texture: Texture,
        on rectangle: Rectangle,
        palette: Palette,
        context: borrowing Context
    ) {
        let lines = texture.lines(in: rectangle)
        guard !lines.isEmpty else { return }
        addPath(rectangle, on: context)
        context.beginClip()
        for (from, to) in lines {
            context.move(x: from.x, y: from.y)
            context.addLine(x: to.x, y: to.y)
        }
        setColor(.background, in: palette, share: Texture.opacity, on: context)
        context.stroke(width: Texture.lineWidth)
        context.endClip()
    }
}

extension ChartPNG {
    private func setColor(
        _ role: ColorRole,
        in palette: Palette,
        share: Double = 1,
        on context: borrowing Context
    ) {
        let color = palette.color(role)
        context.setColor(
            red: Double(color.red) / 255,
            green: Double(color.green) / 255,
            blue: Double(color.blue) / 255,
            alpha: share
        )
    }

    private func addPath(_ rectangle: Rectangle, on context: borrowing Context) {
        context.addRectangle(
            x: rectangle.x,
            y: rectangle.y,
            width: rectangle.width,
            height: rectangle.height
        )
    }

    private func addPath(_ shape: Marker, center: Point, radius: Double, on context: borrowing Context) {
        guard shape != .circle else {
            context.addCircle(x: center.x, y: center.y, radius: radius)
            return
        }
        for (index, corner) in shape.corners(center: center, radius: radius).enumerated() {
            if index == 0 {
                context.move(x: corner.x, y: corner.y)
            } else {
                context.addLine(x: corner.x, y: corner.y)
            }
        }
        context.closePath()
    }
}
