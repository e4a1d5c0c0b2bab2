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
        // Likelihoods rise up to the most likely table and fall from there on: all that is left out is a tail.
        let share = Double(count + 1) / Double(count + otherCount + 2)
        let peak = min(possible.upperBound, max(possible.lowerBound, Int(Double(total + 1) * share)))
        let below = first(in: possible.lowerBound...peak) { likelihood($0) > limit } - 1
        let above = first(in: peak...possible.upperBound) { likelihood($0) <= limit }
        return min(
            1,
            tail(from: below, by: -1, within: possible, likelihood)
                + tail(from: max(above, below + 1), by: 1, within: possible, likelihood)
        )
    }

    /// The first number that a condition holds for, which once it holds goes on to; the one after the range if
    /// it never does.
    private static func first(in range: ClosedRange<Int>, where holds: (Int) -> Bool) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound + 1)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Adds up likelihoods that fall, until they are too small to count.
    private static func tail(
        from start: Int,
        by step: Int,
        within range: ClosedRange<Int>,
        _ likelihood: (Int) -> Double
    ) -> Double {
        var sum = 0.0
        var place = start
        while range.contains(place) {
            let term = likelihood(place)
            guard term > sum * 1e-17 else { break }
            sum += term
            place += step
        }
        return sum
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
