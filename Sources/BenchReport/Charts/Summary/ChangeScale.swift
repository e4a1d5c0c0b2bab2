import Glibc
import Measurements

/// The axis of changes: linear while they are moderate, by factors once one of them is large.
///
/// On a linear axis a change of +900 % leaves no room to tell −20 % from +20 %.
struct ChangeScale: Equatable {
    /// The ticks as changes: 0.2 is +20 %.
    let ticks: [Double]
    /// Whether equal steps are equal factors.
    let isLogarithmic: Bool
    private let ends: ClosedRange<Double>

    /// The largest change that a linear axis shows.
    private static let linearLimit = 1.6
    /// The least span of an axis, so that noise does not fill it.
    private static let leastSpan = 0.02
    /// The most ticks there is room for.
    private static let mostTicks = 7

    /// Chooses the axis for changes; zero is always on it.
    init(covering changes: [Double]) {
        let low = min(0, changes.min() ?? 0)
        let high = max(0, changes.max() ?? 0)
        isLogarithmic = high > Self.linearLimit
        let (first, last) = isLogarithmic ? (Self.measure(low), Self.measure(high)) : (low, high)
        let margin = max(0.04 * (last - first), isLogarithmic ? 0 : (Self.leastSpan - (high - low)) / 2)
        ends = (first - margin)...(last + margin)
        ticks = isLogarithmic ? Self.factorTicks(within: ends) : Self.linearTicks(within: ends)
    }

    /// Where a change lies, 0 at the left end and 1 at the right one.
    func position(of change: Double) -> Double {
        let value = isLogarithmic ? Self.measure(change) : change
        return min(1, max(0, (value - ends.lowerBound) / (ends.upperBound - ends.lowerBound)))
    }

    /// How a tick is written.
    static func label(_ tick: Double) -> String {
        let percent = NumberText.trimmed(abs(tick) * 100, decimals: 2)
        return tick == 0 ? "0" : "\(tick < 0 ? "−" : "+")\(percent) %"
    }

    private static func measure(_ change: Double) -> Double {
        log(max(1e-6, 1 + change))
    }

    private static func linearTicks(within ends: ClosedRange<Double>) -> [Double] {
        TickScale.inside((ends.lowerBound * 100)...(ends.upperBound * 100), most: mostTicks).ticks
            .map { $0 / 100 }
            // No change is below −100 %.
            .filter { $0 >= -1 }
    }

    /// Factors of 2, 4, 10 and powers of 10, up and down; of 10 alone where that would crowd the axis.
    private static func factorTicks(within ends: ClosedRange<Double>) -> [Double] {
        let decades = [0, 1, 2, 3, 4, 5, 6].map { pow(10.0, $0) }
        for factors in [decades + [2, 4], decades] {
            let changes = factors.sorted().flatMap { $0 == 1 ? [0] : [1 / $0 - 1, $0 - 1] }.sorted()
            let shown = changes.filter { ends.contains(measure($0)) }
            if shown.count <= mostTicks { return shown }
        }
        return [0]
    }
}
