/// Writes a display list as one SVG file for both colour schemes.
///
/// Light colours stand as attributes, dark ones come by class where the reader prefers them: viewers without
/// style sheets still show the light chart. There is no script and no link.
package struct ChartSVG {
    private let list: DisplayList
    private var roles: Set<ColorRole> = [.background]
    private var textures: Set<TextureFill> = []
    private var body = ""
    /// Rectangles, or dots, of one colour that follow each other become one path: a row costs 25 bytes.
    private var pending: Run?

    /// Items that share one path.
    private struct Run {
        let color: ColorRole
        /// The radius, if they are dots: each is a line of no length with round ends.
        let radius: Double?
        var path: String
    }

    private struct TextureFill: Hashable {
        let texture: Texture
        let fill: ColorRole
    }

    /// Writes a chart.
    ///
    /// - Parameter list: What to draw.
    /// - Returns: The file's text; the same for the same input.
    package static func encode(_ list: DisplayList) -> String {
        var writer = ChartSVG(list: list)
        for item in list.items {
            writer.write(item)
        }
        writer.flush()
        return writer.document
    }

    private init(list: DisplayList) {
        self.list = list
    }

    private var document: String {
        let (width, height) = (Self.number(list.width), Self.number(list.height))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" role="img" \
            aria-labelledby="\(list.name)-title \(list.name)-desc" \
            font-family="DejaVu Sans, Verdana, sans-serif">
            <title id="\(list.name)-title">\(Self.escaped(list.title))</title>
            <desc id="\(list.name)-desc">\(Self.escaped(list.altText))</desc>
            <style>@media (prefers-color-scheme: dark) {
            \(darkRules)
            }</style>
            \(definitions)<rect width="\(width)" height="\(height)"\(fill(.background))/>
            \(body)</svg>

            """
    }

    private var darkRules: String {
        roles.map { role in
            let color = Palette.dark.color(role).hex
            return ".f-\(role.name){fill:\(color)}.s-\(role.name){stroke:\(color)}"
        }.sorted().joined(separator: "\n")
    }

    private var definitions: String {
        guard !textures.isEmpty else { return "" }
        let patterns = textures.map { used in
            let size = Self.number(Texture.spacing)
            return """
                <pattern id="\(id(of: used))" width="\(size)" height="\(size)" patternUnits="userSpaceOnUse">\
                <path d="M0 0h\(size)v\(size)h-\(size)z"\(fill(used.fill))/>\
                <path d="\(used.texture.tile)" fill="none" stroke-width="\(Self.number(Texture.lineWidth))" \
                stroke-opacity="\(Self.number(Texture.opacity))"\(stroke(.background))/></pattern>
                """
        }
        return "<defs>\(patterns.sorted().joined())</defs>\n"
    }

    private func id(of used: TextureFill) -> String {
        "\(list.name)-\(used.texture.rawValue)-\(used.fill.name)"
    }
}

extension ChartSVG {
    private mutating func write(_ item: DisplayItem) {
        switch item {
        case .rectangle(let rectangle, let color, .plain):
            add(Self.path(rectangle), color, radius: nil)
            return
        case .dot(let center, let radius, .circle, let color):
            add("M\(Self.number(center.x)) \(Self.number(center.y))h0", color, radius: radius)
            return
        default:
            flush()
        }
        switch item {
        case .rectangle(let rectangle, let color, let texture):
            roles.insert(color)
            let used = TextureFill(texture: texture, fill: color)
            textures.insert(used)
            body += "<path d=\"\(Self.path(rectangle))\" fill=\"url(#\(id(of: used)))\"/>\n"
        case .line(let from, let to, let line):
            writeStroke(line, path: Self.path([from, to]))
        case .polyline(let points, let line):
            writeStroke(line, path: Self.path(points))
        case .text(let line):
            write(line)
        case .dot(let center, let radius, let shape, let color):
            write(shape, center: center, radius: radius, color: color)
        }
    }

    private mutating func add(_ path: String, _ color: ColorRole, radius: Double?) {
        if pending?.color != color || pending?.radius != radius { flush() }
        roles.insert(color)
        if pending == nil {
            pending = Run(color: color, radius: radius, path: path)
        } else {
            pending?.path += path
        }
    }

    private mutating func flush() {
        guard let run = pending else { return }
        if let radius = run.radius {
            body += "<path d=\"\(run.path)\" fill=\"none\" stroke-width=\"\(Self.number(2 * radius))\""
            body += " stroke-linecap=\"round\"\(stroke(run.color))/>\n"
        } else {
            body += "<path d=\"\(run.path)\"\(fill(run.color))/>\n"
        }
        pending = nil
    }

    private mutating func writeStroke(_ line: Stroke, path: String) {
        roles.insert(line.color)
        let dashes = line.dashes.map(Self.number).joined(separator: " ")
        body += "<path d=\"\(path)\" fill=\"none\" stroke-width=\"\(Self.number(line.width))\""
        body += dashes.isEmpty ? "" : " stroke-dasharray=\"\(dashes)\""
        body += " stroke-linejoin=\"round\"\(stroke(line.color))/>\n"
    }

    private mutating func write(_ line: TextLine) {
        roles.insert(line.color)
        let anchor = line.anchor == .start ? "" : " text-anchor=\"\(line.anchor.rawValue)\""
        let weight = line.style.isBold ? " font-weight=\"bold\"" : ""
        let halo =
            line.hasHalo
            ? " paint-order=\"stroke\" stroke-width=\"\(Self.number(TextLine.haloWidth))\" stroke-linejoin=\"round\""
                + " stroke=\"\(Palette.light.color(.background).hex)\"" : ""
        let classes = "f-\(line.color.name)" + (line.hasHalo ? " s-background" : "")
        body += """
            <text x="\(Self.number(line.position.x))" y="\(Self.number(line.position.y))" \
            font-size="\(Self.number(line.style.size))"\(anchor)\(weight)\(halo) class="\(classes)" \
            fill="\(Palette.light.color(line.color).hex)">\(Self.escaped(line.string))</text>

            """
    }

    private mutating func write(_ shape: Marker, center: Point, radius: Double, color: ColorRole) {
        roles.insert(color)
        guard shape != .ring else {
            body += "<circle cx=\"\(Self.number(center.x))\" cy=\"\(Self.number(center.y))\""
            body += " r=\"\(Self.number(radius))\" fill=\"none\""
            body += " stroke-width=\"\(Self.number(Marker.ringWidth))\"\(stroke(color))/>\n"
            return
        }
        body += "<path d=\"\(Self.path(shape.corners(center: center, radius: radius)))z\"\(fill(color))/>\n"
    }
}

extension ChartSVG {
    private func fill(_ role: ColorRole) -> String {
        " fill=\"\(Palette.light.color(role).hex)\" class=\"f-\(role.name)\""
    }

    private func stroke(_ role: ColorRole) -> String {
        " stroke=\"\(Palette.light.color(role).hex)\" class=\"s-\(role.name)\""
    }

    private static func path(_ points: [Point]) -> String {
        points.enumerated().map { index, point in
            "\(index == 0 ? "M" : "L")\(number(point.x)) \(number(point.y))"
        }.joined()
    }

    private static func path(_ rectangle: Rectangle) -> String {
        let (width, height) = (number(rectangle.width), number(rectangle.height))
        return "M\(number(rectangle.x)) \(number(rectangle.y))h\(width)v\(height)h-\(width)z"
    }

    private static func number(_ value: Double) -> String {
        NumberText.trimmed(value, decimals: 2)
    }

    /// Text as XML has it: five characters by name, control characters not at all.
    static func escaped(_ text: String) -> String {
        ChartCanvas.cleaned(text).reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.append(character)
            }
        }
    }
}

extension Texture {
    /// One tile of the pattern, its corners filled by the lines of the neighbouring tiles.
    fileprivate var tile: String {
        switch self {
        case .plain: ""
        case .rising: "M-1 1l2 -2M0 6l6 -6M5 7l2 -2"
        case .falling: "M-1 5l2 2M0 0l6 6M5 -1l2 2"
        case .level: "M0 0h6M0 6h6"
        }
    }
}
