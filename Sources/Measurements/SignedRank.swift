import Glibc

/// The centre of paired differences with its interval and test.
///
/// Both are exact up to 100 differences and normal above, where the two agree.
struct SignedRank: Equatable {
    /// The Hodges-Lehmann estimate: the median of all Walsh averages.
    let estimate: Double
    /// The ends of the 95 % interval; nil below 6 differences.
    let low: Double?
    let high: Double?
    /// The two-sided p over the signs of mid-ranks, zeros dropped.
    let p: Double

    /// The most differences for which the distribution is counted, in time of the third power.
    private static let exactCount = 100

    /// Summarises differences, one a block; nil without any.
    init?(differences: [Double]) {
        let averages = Self.walshAverages(differences).sorted()
        guard let median = RoundLevel.medianOfSorted(averages) else { return nil }
        estimate = median
        if let k = Self.intervalIndex(count: differences.count) {
            low = averages[k]
            high = averages[averages.count - 1 - k]
        } else {
            low = nil
            high = nil
        }
        p = Self.p(differences)
    }

    /// The means of all pairs, each difference with itself too.
    private static func walshAverages(_ differences: [Double]) -> [Double] {
        var averages: [Double] = []
        averages.reserveCapacity(differences.count * (differences.count + 1) / 2)
        for (index, first) in differences.enumerated() {
            for second in differences[index...] {
                averages.append((first + second) / 2)
            }
        }
        return averages
    }

    /// The largest k with P(T⁺ ≤ k) ≤ 2.5 %: how many Walsh averages lie outside on each side.
    ///
    /// - Parameter count: How many differences there are.
    /// - Returns: 0, 8, 52 at 6, 10, 20; nil below 6, where even k = 0 is too likely.
    static func intervalIndex(count: Int) -> Int? {
        count <= exactCount ? exactIndex(count: count) : normalIndex(count: count)
    }

    /// The index of ``intervalIndex(count:)`` from the exact distribution.
    ///
    /// - Parameter count: How many differences there are.
    /// - Returns: The index; nil where the interval is open.
    static func exactIndex(count: Int) -> Int? {
        lowerTailIndex(sumDistribution(ranks: Array(1...max(1, count))))
    }

    /// The index of ``intervalIndex(count:)`` from the normal distribution.
    ///
    /// - Parameter count: How many differences there are.
    /// - Returns: The index; nil where the interval is open.
    static func normalIndex(count: Int) -> Int? {
        let n = Double(count)
        let deviation = (n * (n + 1) * (2 * n + 1) / 24).squareRoot()
        return lowerTailIndex(mean: n * (n + 1) / 4, deviation: deviation)
    }

    /// min(1, 2 P(W ≤ min(W⁺, W⁻))); ranks are doubled, so that mid-ranks of ties are whole.
    private static func p(_ differences: [Double]) -> Double {
        let signed = differences.filter { $0 != 0 }
        guard !signed.isEmpty else { return 1 }
        let ranks = doubledMidRanks(signed.map(abs))
        let positive = zip(signed, ranks).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
        let smaller = min(positive, ranks.reduce(0, +) - positive)
        return signed.count <= exactCount
            ? exactP(smaller: smaller, ranks: ranks) : normalP(smaller: smaller, ranks: ranks)
    }

    /// The p of a smaller rank sum from the exact distribution.
    ///
    /// - Parameters:
    ///   - smaller: The smaller of the two sums of doubled ranks.
    ///   - ranks: All doubled ranks.
    /// - Returns: From 0 to 1.
    static func exactP(smaller: Int, ranks: [Int]) -> Double {
        min(1, 2 * sumDistribution(ranks: ranks).prefix(smaller + 1).reduce(0, +))
    }

    /// The p of a smaller rank sum from the normal distribution, with corrections for ties and continuity.
    ///
    /// - Parameters:
    ///   - smaller: The smaller of the two sums of doubled ranks.
    ///   - ranks: All doubled ranks.
    /// - Returns: From 0 to 1.
    static func normalP(smaller: Int, ranks: [Int]) -> Double {
        let mean = Double(ranks.reduce(0, +)) / 2
        let deviation = ranks.reduce(0.0) { $0 + Double($1 * $1) / 4 }.squareRoot()
        // Half a rank is 1 in doubled ones.
        return min(1, erfc((mean - Double(smaller) - 1) / deviation / 2.0.squareRoot()))
    }

    /// How likely each sum is when every rank counts with probability one half.
    private static func sumDistribution(ranks: [Int]) -> [Double] {
        var probabilities = [1.0]
        for rank in ranks {
            var next = [Double](repeating: 0, count: probabilities.count + rank)
            for (sum, probability) in probabilities.enumerated() {
                next[sum] += probability / 2
                next[sum + rank] += probability / 2
            }
            probabilities = next
        }
        return probabilities
    }
}

/// Twice the rank of each value, ties sharing the mean of theirs.
func doubledMidRanks(_ values: [Double]) -> [Int] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Int](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
        var end = start
        while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
        // The ranks start + 1 … end + 1 have the mean (start + end + 2) ÷ 2.
        for place in start...end { ranks[order[place]] = start + end + 2 }
        start = end + 1
    }
    return ranks
}
