import Glibc

/// A point of a distribution, by nearest rank: always a value that was measured, never one in between.
///
/// Ranks are found in whole numbers: 0.999 × 1000 in binary is a little above 999, and a ceiling after
/// it would take the wrong sample.
package struct Percentile: Sendable, Hashable, Comparable {
    /// The share of samples at or below it, in millionths: 990 000 is p99.
    package let partsPerMillion: Int

    package static let p50 = Percentile(partsPerMillion: 500_000)
    package static let p90 = Percentile(partsPerMillion: 900_000)
    package static let p95 = Percentile(partsPerMillion: 950_000)
    package static let p99 = Percentile(partsPerMillion: 990_000)
    package static let p999 = Percentile(partsPerMillion: 999_000)
    package static let maximum = Percentile(partsPerMillion: 1_000_000)

    /// Makes a percentile.
    ///
    /// - Parameter partsPerMillion: The share in millionths, held within 0 … 1 000 000.
    package init(partsPerMillion: Int) {
        self.partsPerMillion = min(max(0, partsPerMillion), 1_000_000)
    }

    package static func < (left: Percentile, right: Percentile) -> Bool {
        left.partsPerMillion < right.partsPerMillion
    }

    /// The rank of the sample it names.
    ///
    /// - Parameter count: How many samples there are.
    /// - Returns: A rank from 1 to `count`; 1 without samples.
    package func rank(of count: Int) -> Int {
        max(1, (count * partsPerMillion + 999_999) / 1_000_000)
    }

    /// Its value in a sample.
    ///
    /// - Parameter sorted: The samples, rising.
    /// - Returns: The sample of its rank; nil without samples.
    package func value<Element>(in sorted: [Element]) -> Element? {
        sorted.isEmpty ? nil : sorted[rank(of: sorted.count) - 1]
    }

    /// How many samples lie at or above it: what an estimate of it rests on.
    ///
    /// - Parameter count: How many samples there are.
    /// - Returns: At least 1 when there are samples.
    package func tailSamples(of count: Int) -> Int {
        count - rank(of: count) + 1
    }

    /// The fewest independent samples that bound it from both sides with 95 % confidence.
    ///
    /// Above the median the upper bound is the scarce one: the largest of n samples lies below the
    /// quantile q with probability qⁿ, which must not exceed 2.5 %.
    package var leastCountForInterval: Int {
        let share = Double(partsPerMillion) / 1e6
        let scarce = max(share, 1 - share)
        return scarce < 1 ? Int((log(0.025) / log(scarce)).rounded(.up)) : .max
    }

    /// The ranks between which the true value lies with 95 % confidence, by order statistics.
    ///
    /// Equal tails, conservative: lower is the largest l with P(B < l) ≤ 2.5 %, upper the smallest u
    /// with P(B < u) ≥ 97.5 %, B binomial.
    ///
    /// - Parameter count: How many samples there are.
    /// - Returns: Ranks from 1 to `count`; nil where too few samples leave a side open.
    package func confidenceRanks(of count: Int) -> (lower: Int?, upper: Int?) {
        let share = Double(partsPerMillion) / 1e6
        guard count > 0, share > 0, share < 1 else { return (nil, nil) }
        var lower: Int?
        var below = 0.0
        for rank in 1...count {
            below += Self.binomial(successes: rank - 1, trials: count, share: share)
            if below <= 0.025 { lower = rank }
            if below >= 0.975 { return (lower, rank) }
        }
        return (lower, nil)
    }

    /// The probability of a number of successes, through logarithms so that no factor overflows.
    private static func binomial(successes: Int, trials: Int, share: Double) -> Double {
        let ways =
            logFactorial(trials) - logFactorial(successes) - logFactorial(trials - successes)
        return exp(ways + Double(successes) * log(share) + Double(trials - successes) * log1p(-share))
    }
}

extension Percentile: CustomStringConvertible {
    /// Its name, as in "p50", "p99" and "p99.9".
    package var description: String {
        let whole = partsPerMillion / 10_000
        let rest = partsPerMillion % 10_000
        if rest == 0 { return "p\(whole)" }
        let digits = String(10_000 + rest).dropFirst()
        let trailing = digits.reversed().prefix { $0 == "0" }.count
        return "p\(whole).\(digits.dropLast(trailing))"
    }
}

/// The natural logarithm of n!.
func logFactorial(_ number: Int) -> Double {
    lgamma(Double(number) + 1)
}
