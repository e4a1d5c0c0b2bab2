extension Texture {
    /// The distance between two lines.
    static let spacing = 6.0
    /// The width of a line.
    static let lineWidth = 1.4
    /// How much of the background's colour a line carries.
    static let opacity = 0.5

    /// The lines that a rectangle carries, ends beyond its edges: clip them.
    ///
    /// They are placed on a grid of the page, so neighbouring bars match.
    func lines(in rectangle: Rectangle) -> [(Point, Point)] {
        let (top, bottom) = (rectangle.y, rectangle.maxY)
        switch self {
        case .plain:
            return []
        case .level:
            return positions(from: top, to: bottom).map { y in
                (Point(x: rectangle.x, y: y), Point(x: rectangle.maxX, y: y))
            }
        case .rising:
            return positions(from: rectangle.x + top, to: rectangle.maxX + bottom).map { sum in
                (Point(x: sum - bottom, y: bottom), Point(x: sum - top, y: top))
            }
        case .falling:
            return positions(from: rectangle.x - bottom, to: rectangle.maxX - top).map { difference in
                (Point(x: difference + top, y: top), Point(x: difference + bottom, y: bottom))
            }
        }
    }

    private func positions(from start: Double, to end: Double) -> StrideThrough<Double> {
        stride(from: (start / Self.spacing).rounded(.up) * Self.spacing, through: end, by: Self.spacing)
    }
}

extension Marker {
    /// The corners of a marker that has some; its area is about a circle's.
    func corners(center: Point, radius: Double) -> [Point] {
        let (x, y) = (center.x, center.y)
        switch self {
        case .circle, .ring:
            return []
        case .triangle:
            let half = radius * 1.2
            return [(0, -half), (half, 0.85 * half), (-half, 0.85 * half)].map {
                Point(x: x + $0.0, y: y + $0.1)
            }
        case .square:
            let half = radius * 0.9
            return [(-half, -half), (half, -half), (half, half), (-half, half)].map {
                Point(x: x + $0.0, y: y + $0.1)
            }
        case .diamond:
            let half = radius * 1.25
            return [(0, -half), (half, 0), (0, half), (-half, 0)].map { Point(x: x + $0.0, y: y + $0.1) }
        }
    }
}

extension Marker {
    /// The width of a ring's stroke.
    static let ringWidth = 2.0
}

extension TextLine {
    /// The width of the rim's stroke: half of it lies outside the letters.
    static let haloWidth = 4.0
}
