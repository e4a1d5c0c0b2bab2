import Cairo

/// Draws display lists with cairo, whatever the surface is.
struct CairoDrawing {
    let fonts: ChartFonts
    let palette: Palette

    /// Draws a chart on its background.
    ///
    /// - Parameters:
    ///   - list: What to draw.
    ///   - context: The pen, scaled so that it takes logical pixels.
    func draw(_ list: DisplayList, on context: borrowing Context) {
        setColor(.background, on: context)
        context.paint()
        for item in list.items {
            draw(item, on: context)
        }
    }

    private func draw(_ item: DisplayItem, on context: borrowing Context) {
        switch item {
        case .rectangle(let rectangle, let fill, let texture):
            setColor(fill, on: context)
            addPath(rectangle, on: context)
            context.fill()
            drawTexture(texture, on: rectangle, context: context)
        case .line(let from, let to, let stroke):
            draw([from, to], stroke, on: context)
        case .polyline(let points, let stroke):
            draw(points, stroke, on: context)
        case .text(let line):
            draw(line, on: context)
        case .dot(let center, let radius, let shape, let fill):
            setColor(fill, on: context)
            addPath(shape, center: center, radius: radius, on: context)
            if shape == .ring {
                context.stroke(width: Marker.ringWidth)
            } else {
                context.fill()
            }
        }
    }

    private func draw(_ points: [Point], _ stroke: Stroke, on context: borrowing Context) {
        guard let first = points.first else { return }
        setColor(stroke.color, on: context)
        context.move(x: first.x, y: first.y)
        for point in points.dropFirst() {
            context.addLine(x: point.x, y: point.y)
        }
        context.stroke(width: stroke.width, dashes: stroke.dashes)
    }

    private func draw(_ line: TextLine, on context: borrowing Context) {
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
            setColor(.background, on: context)
            context.addOutline(of: text, x: x, baseline: line.position.y)
            context.stroke(width: TextLine.haloWidth)
        }
        setColor(line.color, on: context)
        context.show(text, x: x, baseline: line.position.y)
    }

    private func drawTexture(_ texture: Texture, on rectangle: Rectangle, context: borrowing Context) {
        let lines = texture.lines(in: rectangle)
        guard !lines.isEmpty else { return }
        addPath(rectangle, on: context)
        context.beginClip()
        for (from, to) in lines {
            context.move(x: from.x, y: from.y)
            context.addLine(x: to.x, y: to.y)
        }
        setColor(.background, share: Texture.opacity, on: context)
        context.stroke(width: Texture.lineWidth)
        context.endClip()
    }
}

extension CairoDrawing {
    private func setColor(_ role: ColorRole, share: Double = 1, on context: borrowing Context) {
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
        guard shape != .circle, shape != .ring else {
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
