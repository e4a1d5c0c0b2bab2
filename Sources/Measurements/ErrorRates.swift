import Glibc

/// Fisher's exact test of two failure counts.
package enum FisherExact {
    /// How likely equal failure rates are to give counts at least as uneven as these.
    ///
    /// The sum over all tables with the same margins that are no likelier than the one seen.
    ///
    /// - Parameters:
    ///   - failures: How many of the first failed.
    ///   - count: How many the first were.
    ///   - otherFailures: How many of the second failed.
    ///   - otherCount: How many the second were.
    /// - Returns: The two-sided p, from 0 to 1.
    package static func p(failures: Int, of count: Int, against otherFailures: Int, of otherCount: Int)
        -> Double
    {
        let total = failures + otherFailures
        func likelihood(_ first: Int) -> Double {
            exp(
                logChoices(count, first) + logChoices(otherCount, total - first)
                    - logChoices(count + otherCount, total)
            )
        }
        // Tables that are equally likely differ in their last bits.
        let limit = likelihood(failures) * (1 + 1e-7)
        let possible = max(0, total - otherCount)...min(total, count)
        return min(1, possible.lazy.map(likelihood).filter { $0 <= limit }.reduce(0, +))
    }

    private static func logChoices(_ number: Int, _ chosen: Int) -> Double {
        logFactorial(number) - logFactorial(chosen) - logFactorial(number - chosen)
    }
}

/// Holm's adjustment of several p for being read together.
package enum HolmAdjustment {
    /// Adjusts p so that the chance of any false alarm among them stays what it is for one.
    ///
    /// Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979.
    ///
    /// - Parameter values: The p of each test.
    /// - Returns: The adjusted ones, in the same order.
    package static func adjusted(_ values: [Double]) -> [Double] {
        var adjusted = values
        var least = 0.0
        for (place, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
            least = max(least, min(1, Double(values.count - place) * values[index]))
            adjusted[index] = least
        }
        return adjusted
    }
}
