/// Where a series is best cut so that what is left tells its mean most surely: MSER.
///
/// K. P. White, "An effective truncation heuristic for bias reduction in simulation output", 1997; over means of
/// five: White, Cobb and Spratt, "A comparison of five steady-state truncation heuristics for simulation", 2000.
struct Truncation: Equatable {
    /// How many values are cut off at the beginning.
    let cut: Int
    /// The squared standard error of the mean of those that are left, were they independent.
    let statistic: Double

    /// Finds the cut with the least statistic, the first of equals; nil without a value that is left.
    ///
    /// - Parameters:
    ///   - values: The series, usually means of batches.
    ///   - last: The latest cut that is tried. The literature stops in the middle; a cut beyond it says that the
    ///     series has not settled.
    init?(of values: [Double], upTo last: Int) {
        var best: (cut: Int, statistic: Double)?
        var mean = 0.0
        var squares = 0.0
        // From the end, each value once (Welford): sums of squares would lose the digits that matter.
        for (place, value) in values.enumerated().reversed() {
            let count = Double(values.count - place)
            let difference = value - mean
            mean += difference / count
            squares += difference * (value - mean)
            guard place <= last else { continue }
            let statistic = squares / (count * count)
            if statistic <= best?.statistic ?? .infinity { best = (place, statistic) }
        }
        guard let best else { return nil }
        (cut, statistic) = best
    }
}
