/// Where more load brings nothing more.
package enum Knee {
    /// The share of the highest throughput that counts as all of it.
    package static let share = 0.95

    /// The first load that reaches nearly the highest throughput of a sweep.
    ///
    /// - Parameter points: The loads, rising, and the uploads a second that each gave.
    /// - Returns: The first with at least 95 % of the highest throughput; nil of a sweep that served nothing.
    package static func first(of points: [(load: Load, throughput: Double)]) -> Load? {
        guard let highest = points.map(\.throughput).max(), highest > 0 else { return nil }
        return points.first { $0.throughput >= share * highest }?.load
    }
}
