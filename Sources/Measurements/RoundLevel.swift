/// Where a metric stands over the rounds of one target: the median round and its 95 % interval.
package struct RoundLevel: Sendable, Equatable {
    /// The median over rounds; the mean of the middle two for an even number.
    package let value: Double
    /// The interval's lower end, by order statistics; nil below 6 rounds.
    package let low: Double?
    /// The interval's upper end; nil below 6 rounds.
    package let high: Double?

    /// Summarises the rounds of one target; nil without rounds.
    ///
    /// - Parameter rounds: One value a round, in any order.
    package init?(rounds: [Double]) {
        guard let median = Self.median(rounds) else { return nil }
        value = median
        let sorted = rounds.sorted()
        if case (let lower?, let upper?) = Percentile.p50.confidenceRanks(of: rounds.count) {
            low = sorted[lower - 1]
            high = sorted[upper - 1]
        } else {
            low = nil
            high = nil
        }
    }

    /// The middle value.
    ///
    /// - Parameter values: Values in any order.
    /// - Returns: The mean of the middle two for an even number; nil without values.
    package static func median(_ values: [Double]) -> Double? {
        let sorted = values.sorted()
        return medianOfSorted(sorted)
    }

    /// The middle of values that are sorted already.
    static func medianOfSorted(_ sorted: [Double]) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
