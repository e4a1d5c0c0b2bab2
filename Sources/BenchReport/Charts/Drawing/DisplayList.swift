/// Everything that a chart draws, in order, in logical pixels, with colours named by their role.
///
/// Both back ends read it, so a picture and its SVG can't disagree, and tests read it without a font.
package struct DisplayList: Sendable, Equatable {
    /// The chart's name, which its files carry: `summary`.
    package var name: String
    /// What the chart says, in words.
    package var title: String
    /// What the chart shows, with its numbers, for those who can't see it.
    package var altText: String
    /// The size in logical pixels.
    package var width: Double
    package var height: Double
    package var items: [DisplayItem]
}

/// One thing drawn.
package enum DisplayItem: Sendable, Equatable {
    /// A filled rectangle.
    case rectangle(Rectangle, fill: ColorRole, texture: Texture)
    /// A straight line.
    case line(from: Point, to: Point, Stroke)
    /// A line through many points.
    case polyline([Point], Stroke)
    /// One line of text.
    case text(TextLine)
    /// A mark on a value.
    case dot(Point, radius: Double, shape: Marker, fill: ColorRole)
}

/// A place: right of the left edge, down from the top.
package struct Point: Sendable, Equatable {
    package var x: Double
    package var y: Double
}

/// An upright rectangle.
package struct Rectangle: Sendable, Equatable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    /// The right edge.
    package var maxX: Double { x + width }
    /// The bottom edge.
    package var maxY: Double { y + height }

    /// Tells whether two rectangles share an area, edges excluded.
    ///
    /// - Parameter other: The other rectangle.
    /// - Returns: False if they only touch.
    package func intersects(_ other: Rectangle) -> Bool {
        x < other.maxX && other.x < maxX && y < other.maxY && other.y < maxY
    }

    /// The rectangle grown, or shrunk by negative amounts, on all sides.
    ///
    /// - Parameter amount: By how much on each side.
    /// - Returns: The rectangle.
    package func grown(by amount: Double) -> Rectangle {
        Rectangle(x: x - amount, y: y - amount, width: width + 2 * amount, height: height + 2 * amount)
    }
}

/// How a line is drawn.
package struct Stroke: Sendable, Equatable {
    package var color: ColorRole
    package var width: Double
    /// Lengths drawn and left out in turn; empty for an unbroken line.
    package var dashes: [Double] = []
}

/// What repeats a bar's colour for those who can't tell colours apart.
package enum Texture: String, Sendable, CaseIterable {
    case plain, rising, falling, level

    /// The texture of a target's bars.
    ///
    /// - Parameter index: The target's place; the baseline's is 0.
    /// - Returns: The texture; the second target is plain.
    package static func target(_ index: Int) -> Texture {
        [.rising, .plain, .falling, .level][index % 4]
    }
}

/// The shape of a mark.
package enum Marker: String, Sendable, CaseIterable {
    case square, circle, triangle, diamond
    /// A circle's outline, around another mark.
    case ring

    /// The mark of a target, which repeats what its colour says.
    ///
    /// - Parameter index: The target's place; the baseline's is 0.
    /// - Returns: The shape.
    package static func target(_ index: Int) -> Marker {
        [.square, .circle, .triangle, .diamond][index % 4]
    }
}

/// One line of text and where it stands.
package struct TextLine: Sendable, Equatable {
    /// Which end of the text its position names.
    package enum Anchor: String, Sendable {
        case start, middle, end
    }

    package var string: String
    /// The anchor, on the line that the letters stand on.
    package var position: Point
    package var anchor: Anchor = .start
    package var style: TextStyle
    package var color: ColorRole
    /// Whether a rim in the background's colour keeps it legible on data.
    package var hasHalo = false
    /// The width by the measurer that the layout used.
    package var width: Double

    /// The space that the letters take.
    package var bounds: Rectangle {
        let left =
            switch anchor {
            case .start: position.x
            case .middle: position.x - width / 2
            case .end: position.x - width
            }
        return Rectangle(
            x: left,
            y: position.y - style.ascent,
            width: width,
            height: style.ascent + style.descent
        )
    }
}

/// How large and how heavy letters are.
package struct TextStyle: Sendable, Hashable {
    package var size: Double
    package var isBold = false

    /// The height of letters such as A above the baseline; DejaVu's is 0.73.
    package var ascent: Double { 0.76 * size }
    /// The depth of letters such as g below the baseline; DejaVu's is 0.236.
    package var descent: Double { 0.24 * size }

    /// Names of panels.
    package static let panel = TextStyle(size: 14, isBold: true)
    /// Text that is not set otherwise.
    package static let body = TextStyle(size: 13)
    package static let bodyBold = TextStyle(size: 13, isBold: true)
    package static let note = TextStyle(size: 12)
    package static let footer = TextStyle(size: 11.5)
}
