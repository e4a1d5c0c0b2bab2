/// The centre of paired differences with its exact interval and test.
struct SignedRank: Equatable {
    /// The Hodges-Lehmann estimate: the median of all Walsh averages.
    let estimate: Double
    /// The ends of the 95 % interval; nil below 6 differences.
    let low: Double?
    let high: Double?
    /// The exact two-sided p over the signs of mid-ranks, zeros dropped.
    let p: Double

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
        p = Self.exactP(differences)
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
        let probabilities = sumDistribution(ranks: Array(1...max(1, count)))
        var total = 0.0
        var index: Int?
        for (k, probability) in probabilities.enumerated() {
            total += probability
            guard total <= 0.025 else { break }
            index = k
        }
        return index
    }

    /// min(1, 2 P(W ≤ min(W⁺, W⁻))); ranks are doubled, so that mid-ranks of ties are whole.
    private static func exactP(_ differences: [Double]) -> Double {
        let signed = differences.filter { $0 != 0 }
        guard !signed.isEmpty else { return 1 }
        let ranks = doubledMidRanks(signed.map(abs))
        let positive = zip(signed, ranks).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
        let smaller = min(positive, ranks.reduce(0, +) - positive)
        return min(1, 2 * sumDistribution(ranks: ranks).prefix(smaller + 1).reduce(0, +))
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
