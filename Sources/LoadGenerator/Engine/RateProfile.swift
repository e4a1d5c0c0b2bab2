import Measurements

/// A rate that changes in straight lines, and the times at which its integral reaches a number of arrivals.
struct RateProfile: Equatable {
    /// A stretch in which the rate changes evenly.
    private struct Segment: Equatable {
        /// When it begins, in seconds.
        let start: Double
        /// How long it is, in seconds; infinite for a rate that never ends.
        let duration: Double
        /// Arrivals a second at its begin and at its end.
        let first: Double
        let last: Double
        /// Arrivals expected before it, and up to its end.
        let before: Double
        let after: Double
    }

    private var segments: [Segment] = []
    /// The segment of the last answer: questions come in rising order.
    private var current = 0

    /// Makes the profile of a schedule.
    ///
    /// - Parameter rate: How the rate goes on.
    init(_ rate: ArrivalSchedule.Rate) {
        switch rate {
        case .constant(let rate): append(seconds: .infinity, to: rate, from: rate)
        case .stages(let stages):
            var before = 0.0
            for stage in stages {
                let seconds = Double(stage.duration.nanoseconds) / 1e9
                if seconds > 0 { append(seconds: seconds, to: stage.rate, from: before) }
                before = stage.rate
            }
        }
    }

    private mutating func append(seconds: Double, to last: Double, from first: Double) {
        let start = segments.last.map { $0.start + $0.duration } ?? 0
        let before = segments.last?.after ?? 0
        segments.append(
            Segment(
                start: start,
                duration: seconds,
                first: first,
                last: last,
                before: before,
                after: before + (first + last) / 2 * seconds
            )
        )
    }

    /// When so many arrivals are expected: the integral of the rate, inverted.
    ///
    /// With a rate a that changes by k a second, a·t + k·t²/2 = n has the root t = 2n ÷ (a + √(a² + 2kn)),
    /// which cancels nothing. Where the rate falls it is taken from the end, where a root would be lost.
    ///
    /// - Parameter count: How many, never fewer than the time before.
    /// - Returns: The time from go; nil if the rate ends before.
    mutating func time(of count: Double) -> Nanoseconds? {
        while current < segments.count, count >= segments[current].after { current += 1 }
        guard current < segments.count else { return nil }
        let segment = segments[current]
        let slope = segment.duration.isFinite ? abs(segment.last - segment.first) / segment.duration : 0
        let isFalling = segment.last < segment.first
        let arrivals = isFalling ? segment.after - count : count - segment.before
        let slow = isFalling ? segment.last : segment.first
        guard arrivals > 0 else { return Nanoseconds((segment.start * 1e9).rounded()) }
        let offset = 2 * arrivals * 1e9 / (slow + (slow * slow + 2 * slope * arrivals).squareRoot())
        let time =
            isFalling
            ? (segment.start + segment.duration) * 1e9 - offset : segment.start * 1e9 + offset
        return time < RateProfile.latest ? Nanoseconds(time.rounded()) : nil
    }

    /// No schedule goes on for longer than 30 years.
    private static let latest = 1e18
}
