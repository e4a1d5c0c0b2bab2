import Glibc
import Measurements

/// The intended starts of an open loop, one after the other; they come from the schedule alone.
struct Arrivals {
    private var profile: RateProfile
    private var generator: SplitMix64?
    private var index = 0
    private var expected = 0.0

    /// Makes the arrivals of a block.
    ///
    /// - Parameters:
    ///   - schedule: Their rate and their spread.
    ///   - seed: What random ones are drawn from.
    ///   - block: Which block it is: its targets meet the same arrivals, other blocks meet others.
    init(_ schedule: ArrivalSchedule, seed: UInt64, block: Int) {
        profile = RateProfile(schedule.rate)
        guard schedule.spread == .poisson else { return }
        // A stream of its own, apart from those of files and of orders.
        var blocks = SplitMix64(seed: seed ^ 0x6172_7269_7661_6C73)
        for _ in 0..<block { _ = blocks.next() }
        generator = SplitMix64(seed: blocks.next())
    }

    /// Draws the next intended start.
    ///
    /// A Poisson process of any rate is one of rate 1 whose clock is the integral of that rate: the distances
    /// on that clock are exponential, −ln of a uniform fraction above zero.
    ///
    /// - Returns: The time from go; nil when the rate has ended.
    mutating func next() -> Nanoseconds? {
        if var drawing = generator.take() {
            expected -= log(1 - drawing.unit())
            generator = drawing
            return profile.time(of: expected)
        }
        defer { index += 1 }
        return profile.time(of: Double(index))
    }
}
