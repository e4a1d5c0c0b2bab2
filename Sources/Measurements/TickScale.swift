import Glibc

/// Round tick values that enclose a range: 1, 2 or 5 times a power of ten apart.
///
/// Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990.
package struct TickScale: Sendable, Equatable {
    /// The ticks, rising; the first is at or below the range, the last at or above it.
    package let ticks: [Double]
    /// The distance between two of them.
    package let step: Double

    /// Chooses ticks for a range.
    ///
    /// - Parameters:
    ///   - low: The range's lower end.
    ///   - high: Its upper end; equal ends give a range one `low` wide.
    ///   - count: About how many ticks are wanted, 2 at the least.
    package init(low: Double, high: Double, count: Int) {
        let top = high == low ? low + (low == 0 ? 1 : abs(low)) : high
        let span = Self.nice(top - low, rounding: false)
        let step = Self.nice(span / Double(max(2, count) - 1), rounding: true)
        let first = (low / step).rounded(.down)
        let last = (top / step).rounded(.up)
        self.step = step
        ticks = stride(from: first, through: last, by: 1).map { Self.tidied($0 * step, step: step) }
    }

    /// The nearest nice number, or the next one up.
    private static func nice(_ value: Double, rounding: Bool) -> Double {
        let power = pow(10, log10(value).rounded(.down))
        let fraction = value / power
        let nice: Double =
            if rounding {
                fraction < 1.5 ? 1 : fraction < 3 ? 2 : fraction < 7 ? 5 : 10
            } else {
                fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10
            }
        return nice * power
    }

    /// A multiple of the step without the dust of its multiplication: 0.15, not 0.15000000000000002.
    private static func tidied(_ value: Double, step: Double) -> Double {
        let decimals = Int(max(0, -log10(step).rounded(.down))) + 1
        return Double(FixedPoint.text(value, decimals: decimals)) ?? value
    }
}
