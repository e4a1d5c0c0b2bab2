extension Snapshot {
    /// The blocked time by stack as one SVG file, without script, style sheet or font file.
    ///
    /// - Parameters:
    ///   - title: What stands above it.
    ///   - width: Its width in pixels, at least 200.
    /// - Returns: The file's text; the same for the same snapshot.
    public func flameGraph(title: String, width: Int = 1200) -> String {
        FlameGraph(FlameTree(blocks), title: title, width: width).svg
    }
}

/// Draws a flame graph: the outermost frames at the bottom, widths by blocked time.
package struct FlameGraph {
    private static let row = 16
    private static let margin = 10
    private static let head = 44
    /// A character of the 11 px monospace font, in hundredths of a pixel.
    private static let character: Int64 = 662
    /// Warm colours for the user's frames; dark text on each has a contrast of 7 to 1 or more.
    private static let warm = ["#ffb366", "#ffa64d", "#ffc285", "#ff9f5c", "#ffbe7a", "#ffd199"]
    private static let grey = ["#d9d9d9", "#e2e2e2", "#d0d0d0"]

    private let tree: FlameTree
    private let title: String
    private let width: Int

    /// Prepares a drawing.
    ///
    /// - Parameters:
    ///   - tree: What to draw.
    ///   - title: What stands above it.
    ///   - width: Its width in pixels, at least 200.
    package init(_ tree: FlameTree, title: String, width: Int) {
        self.tree = tree
        self.title = title
        self.width = max(200, width)
    }

    /// The file's text.
    package var svg: String {
        let height = Self.head + tree.depth * Self.row + 2 * Self.margin
        let inner = Int64(width - 2 * Self.margin) * 100
        let bottom = height - Self.margin - Self.row
        var frames: [String] = []
        append(tree.root, left: Int64(Self.margin) * 100, width: inner, top: bottom, to: &frames)
        let total = Duration.nanoseconds(tree.root.nanoseconds).shortText
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" role="img" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" \
            font-size="11" fill="#1a1a1a">
            <title>\(Self.escaped(title))</title>
            <desc>\(total) blocked. Orange: your code. Grey: other code. Dashed: waits for the frame above it.</desc>
            <rect width="\(width)" height="\(height)" fill="#ffffff"/>
            <text x="\(Self.margin)" y="20" font-size="14" font-weight="bold">\
            \(Self.escaped(shortened(title, to: inner * 11 / 14)))</text>
            <text x="\(Self.margin)" y="36" fill="#555555">\
            \(Self.escaped(shortened("\(total) blocked; orange: your code, dashed: async caller", to: inner)))</text>
            \(frames.joined(separator: "\n"))
            </svg>

            """
    }

    /// Adds a frame and those that it called.
    ///
    /// Lengths are in hundredths of a pixel, the top in pixels.
    private func append(
        _ node: FlameTree.Node,
        left: Int64,
        width: Int64,
        top: Int,
        to frames: inout [String]
    ) {
        frames.append(frame(node, left: left, width: width, top: top))
        guard node.nanoseconds > 0 else { return }
        var before: Int64 = 0
        for child in node.children {
            let start = left + Self.scaled(width, before, node.nanoseconds)
            before += child.nanoseconds
            let end = left + Self.scaled(width, before, node.nanoseconds)
            append(child, left: start, width: end - start, top: top - Self.row, to: &frames)
        }
    }

    private func frame(_ node: FlameTree.Node, left: Int64, width: Int64, top: Int) -> String {
        let place = node.place.map { " (\($0))" } ?? ""
        let time = Duration.nanoseconds(node.nanoseconds).shortText
        let label = shortened(node.name, to: width - 600)
        let dash = node.kind == .asyncCaller ? " stroke=\"#7a3e00\" stroke-dasharray=\"3 2\"" : ""
        let text =
            label.isEmpty
            ? ""
            : "<text x=\"\(Self.number(left + 300))\" y=\"\(top + 12)\">\(Self.escaped(label))</text>"
        return """
            <g><title>\(Self.escaped("\(node.name)\(place): \(time), \(share(node))"))</title>\
            <rect x="\(Self.number(left))" y="\(top)" width="\(Self.number(max(10, width - 20)))" \
            height="\(Self.row - 1)" fill="\(Self.color(node))"\(dash)/>\(text)</g>
            """
    }

    private func share(_ node: FlameTree.Node) -> String {
        guard tree.root.nanoseconds > 0 else { return "0 %" }
        let thousandths = Self.scaled(1000, node.nanoseconds, tree.root.nanoseconds)
        return "\(thousandths / 10).\(thousandths % 10) %"
    }

    /// The text, or as much of it as fits; nothing if that would be no more than two characters.
    private func shortened(_ text: String, to width: Int64) -> String {
        let room = Int(max(0, width) / Self.character)
        guard text.count > room else { return text }
        return room < 3 ? "" : text.prefix(room - 1) + "…"
    }

    /// A colour of its own for each name, the same in every graph (FNV-1a).
    private static func color(_ node: FlameTree.Node) -> String {
        let hash = node.name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let colors = node.isUserCode ? warm : grey
        return colors[Int(hash) % colors.count]
    }

    private static func scaled(_ value: Int64, _ part: Int64, _ whole: Int64) -> Int64 {
        guard part < whole else { return value }
        return whole.dividingFullWidth(value.multipliedFullWidth(by: part)).quotient
    }

    /// Hundredths as a decimal number.
    private static func number(_ hundredths: Int64) -> String {
        let fraction = hundredths % 100
        guard fraction != 0 else { return String(hundredths / 100) }
        let digits = fraction < 10 ? "0\(fraction)" : String(fraction)
        return "\(hundredths / 100).\(digits.hasSuffix("0") ? String(digits.dropLast()) : digits)"
    }

    /// Text as XML allows it; what XML can't hold at all is replaced.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\t", "\n", "\r": escaped += " "
            case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
