import Glibc

/// What a candidate changes against its baseline when rounds are not paired: the cross-check.
///
/// The two-sample Hodges-Lehmann shift of logarithms with the rank-sum interval and test (Hollander,
/// Wolfe, Chicken, "Nonparametric Statistical Methods", 4.1–4.3).
package struct UnpairedComparison: Sendable, Equatable {
    /// The ratio of candidate to baseline, minus 1, or their difference.
    package let estimate: Double
    /// The lower end of its 95 % interval; nil where too few rounds leave it open.
    package let low: Double?
    /// The upper end of its 95 % interval.
    package let high: Double?
    /// The two-sided rank-sum p.
    package let p: Double

    /// Compares two sets of rounds; nil when one is empty or holds a value that has no logarithm.
    ///
    /// - Parameters:
    ///   - baseline: One value a round, all above 0.
    ///   - candidate: One value a round, all above 0.
    package init?(baseline: [Double], candidate: [Double]) {
        guard (baseline + candidate).allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        let shift = Shift(baseline.map { log($0) }, candidate.map { log($0) })
        guard let shift else { return nil }
        self.init(
            estimate: expm1(shift.estimate),
            low: shift.low.map { expm1($0) },
            high: shift.high.map { expm1($0) },
            p: shift.p
        )
    }

    private init(estimate: Double, low: Double?, high: Double?, p: Double) {
        self.estimate = estimate
        self.low = low
        self.high = high
        self.p = p
    }

    /// Compares two sets of rounds by their plain difference, for metrics that may be 0.
    ///
    /// - Parameters:
    ///   - baseline: One value a round.
    ///   - candidate: One value a round.
    /// - Returns: The candidate's value minus the baseline's; nil when a set is empty.
    package static func difference(baseline: [Double], candidate: [Double]) -> UnpairedComparison? {
        Shift(baseline, candidate).map { shift in
            UnpairedComparison(estimate: shift.estimate, low: shift.low, high: shift.high, p: shift.p)
        }
    }

    /// How far the values of one sample lie above those of another.
    private struct Shift {
        let estimate: Double
        let low: Double?
        let high: Double?
        let p: Double

        init?(_ before: [Double], _ after: [Double]) {
            let shifts = after.flatMap { later in before.map { later - $0 } }.sorted()
            guard let median = RoundLevel.medianOfSorted(shifts) else { return nil }
            estimate = median
            if let k = RankSum.intervalIndex(before.count, after.count) {
                low = shifts[k]
                high = shifts[shifts.count - 1 - k]
            } else {
                low = nil
                high = nil
            }
            p = RankSum.p(before, after)
        }
    }
}

/// The Wilcoxon-Mann-Whitney test.
package enum RankSum {
    /// The most pairs of values for which p and the interval are counted exactly.
    private static let exactPairs = 2500

    /// The two-sided p that two samples come from one distribution.
    ///
    /// Exact without ties up to 2500 pairs, else normal with corrections for ties and continuity.
    ///
    /// - Parameters:
    ///   - first: A sample.
    ///   - second: The other one.
    /// - Returns: From 0 to 1; 1 when a sample is empty.
    package static func p(_ first: [Double], _ second: [Double]) -> Double {
        guard !first.isEmpty, !second.isEmpty else { return 1 }
        let pooled = first + second
        let ranks = doubledMidRanks(pooled)
        let pairs = first.count * second.count
        // Twice U, so that the half ranks of ties stay whole.
        let doubledU = ranks.prefix(first.count).reduce(0, +) - first.count * (first.count + 1)
        let smaller = min(doubledU, 2 * pairs - doubledU)
        let isTied = Set(pooled).count < pooled.count
        if !isTied, pairs <= exactPairs {
            let tail = probabilities(first.count, second.count).prefix(smaller / 2 + 1).reduce(0, +)
            return min(1, 2 * tail)
        }
        return normalP(doubledU: 2 * pairs - smaller, pooled: pooled, first.count, second.count)
    }

    /// The largest k with P(U ≤ k) ≤ 2.5 %: how many pairwise shifts lie outside on each side.
    ///
    /// Exact up to 2500 pairs, else normal.
    ///
    /// - Parameters:
    ///   - first: How many values the first sample has.
    ///   - second: How many the second has.
    /// - Returns: 23 for 10 and 10; nil where the interval is open.
    static func intervalIndex(_ first: Int, _ second: Int) -> Int? {
        first * second <= exactPairs ? exactIndex(first, second) : normalIndex(first, second)
    }

    /// The index of ``intervalIndex(_:_:)`` from the exact distribution, in time of the fourth power.
    ///
    /// - Parameters:
    ///   - first: How many values the first sample has.
    ///   - second: How many the second has.
    /// - Returns: The index; nil where the interval is open.
    static func exactIndex(_ first: Int, _ second: Int) -> Int? {
        lowerTailIndex(probabilities(first, second))
    }

    /// The index of ``intervalIndex(_:_:)`` from the normal distribution.
    ///
    /// - Parameters:
    ///   - first: How many values the first sample has.
    ///   - second: How many the second has.
    /// - Returns: The index; nil where the interval is open.
    static func normalIndex(_ first: Int, _ second: Int) -> Int? {
        let pairs = Double(first) * Double(second)
        let deviation = (pairs * Double(first + second + 1) / 12).squareRoot()
        return lowerTailIndex(mean: pairs / 2, deviation: deviation)
    }

    private static func normalP(doubledU: Int, pooled: [Double], _ first: Int, _ second: Int) -> Double {
        let counts = pooled.reduce(into: [Double: Double]()) { $0[$1, default: 0] += 1 }
        let ties = counts.values.reduce(0) { $0 + ($1 * $1 * $1 - $1) }
        let total = Double(first + second)
        let pairs = Double(first) * Double(second)
        let variance = pairs / 12 * (total + 1 - ties / (total * (total - 1)))
        guard variance > 0 else { return 1 }
        let z = (Double(doubledU) / 2 - pairs / 2 - 0.5) / variance.squareRoot()
        return min(1, erfc(z / 2.0.squareRoot()))
    }

    /// How likely each U is, built one value at a time.
    ///
    /// The largest of all values belongs to one sample or the other; if to the smaller sample, it lies
    /// above every value of the larger one.
    private static func probabilities(_ first: Int, _ second: Int) -> [Double] {
        let smaller = min(first, second)
        let larger = max(first, second)
        let size = smaller * larger + 1
        // rows[j][u]: probability of U = u for j values of the smaller and the larger ones so far.
        var rows = (0...smaller).map { _ in [1.0] }
        for added in 1...max(1, larger) where larger > 0 {
            for count in stride(from: 1, through: smaller, by: 1) {
                var next = [Double](repeating: 0, count: min(size, count * added + 1))
                let fromAdded = Double(added) / Double(added + count)
                for (u, probability) in rows[count].enumerated() { next[u] += probability * fromAdded }
                for (u, probability) in rows[count - 1].enumerated() {
                    next[u + added] += probability * (1 - fromAdded)
                }
                rows[count] = next
            }
        }
        return rows[smaller]
    }
}

/// The largest index whose cumulative probability is at most 2.5 %.
///
/// - Parameter probabilities: How likely each index is.
/// - Returns: The index; nil if even the first is likelier.
func lowerTailIndex(_ probabilities: [Double]) -> Int? {
    var total = 0.0
    var index: Int?
    for (k, probability) in probabilities.enumerated() {
        total += probability
        guard total <= 0.025 else { break }
        index = k
    }
    return index
}

/// The index below which a normal distribution has 2.5 %.
///
/// - Parameters:
///   - mean: The distribution's mean.
///   - deviation: Its standard deviation.
/// - Returns: The index; nil if it were below 0.
func lowerTailIndex(mean: Double, deviation: Double) -> Int? {
    let index = (mean - 1.959963984540054 * deviation).rounded(.down)
    return index >= 0 ? Int(index) : nil
}
