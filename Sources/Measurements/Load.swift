/// How hard a round presses its target: one point of a sweep.
package struct Load: Sendable, Hashable, Comparable, Codable {
    /// How many uploads may be in flight.
    package var concurrency: Int
    /// Uploads that arrive a second; nil where no single rate says when they start.
    package var rate: Double?

    /// Makes a load.
    ///
    /// - Parameters:
    ///   - concurrency: How many uploads may be in flight.
    ///   - rate: Uploads that arrive a second.
    package init(concurrency: Int, rate: Double? = nil) {
        self.concurrency = concurrency
        self.rate = rate
    }

    package static func < (left: Load, right: Load) -> Bool {
        (left.rate ?? 0, left.concurrency) < (right.rate ?? 0, right.concurrency)
    }
}
