import BenchReport
import Measurements

extension DisplayList {
    /// The list as text, a line an item, coordinates to 0.01.
    var transcript: String {
        ["\(name) \(number(width)) × \(number(height))"].joined()
            + items.map { "\n" + line(for: $0) }.joined()
    }

    private func line(for item: DisplayItem) -> String {
        switch item {
        case .rectangle(let area, let fill, let texture):
            "rectangle \(place(area)) \(fill.name)" + (texture == .plain ? "" : " \(texture.rawValue)")
        case .line(let from, let to, let stroke):
            "line \(place(from)) → \(place(to)) \(pen(stroke))"
        case .polyline(let points, let stroke):
            "polyline \(points.map(place).joined(separator: " ")) \(pen(stroke))"
        case .text(let line):
            "text \(place(line.position)) \(line.anchor.rawValue) \(number(line.style.size))"
                + (line.style.isBold ? " bold" : "") + " \(line.color.name)" + (line.hasHalo ? " halo" : "")
                + ": \(line.string)"
        case .dot(let center, let radius, let shape, let fill):
            "dot \(place(center)) \(number(radius)) \(shape.rawValue) \(fill.name)"
        }
    }

    private func pen(_ stroke: Stroke) -> String {
        "\(stroke.color.name) \(number(stroke.width))"
            + (stroke.dashes.isEmpty ? "" : " dashed \(stroke.dashes.map(number).joined(separator: " "))")
    }

    private func place(_ point: Point) -> String { "\(number(point.x)),\(number(point.y))" }

    private func place(_ area: Rectangle) -> String {
        "\(number(area.x)),\(number(area.y)) \(number(area.width))×\(number(area.height))"
    }

    private func number(_ value: Double) -> String { NumberText.trimmed(value, decimals: 2) }
}
