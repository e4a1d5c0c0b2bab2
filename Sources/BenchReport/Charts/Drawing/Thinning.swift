/// Leaves out what no picture can show.
enum Thinning {
    /// Keeps of a line, column by column, its ends and its extremes: it looks the same.
    ///
    /// - Parameters:
    ///   - points: The line, from left to right.
    ///   - column: The width of a column.
    /// - Returns: At most four points a column, in order.
    static func line(_ points: [Point], column: Double) -> [Point] {
        guard points.count > 4 else { return points }
        var kept: [Point] = []
        var start = 0
        while start < points.count {
            let place = (points[start].x / column).rounded(.down)
            var end = start + 1
            while end < points.count, (points[end].x / column).rounded(.down) == place { end += 1 }
            var chosen = [start, end - 1]
            let indices = start..<end
            if let low = indices.min(by: { points[$0].y < points[$1].y }) { chosen.append(low) }
            if let high = indices.max(by: { points[$0].y < points[$1].y }) { chosen.append(high) }
            kept += Set(chosen).sorted().map { points[$0] }
            start = end
        }
        return kept
    }
}
