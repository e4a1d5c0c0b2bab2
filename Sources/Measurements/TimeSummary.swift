/// A number that stands for many lengths of time.
package enum TimeStatistic: Sendable, Hashable {
    case minimum
    case mean
    case percentile(Percentile)
    case maximum

    /// Its name, such as "min" or "p99.9".
    package var name: String {
        switch self {
        case .minimum: "min"
        case .mean: "mean"
        case .percentile(let percentile): percentile.description
        case .maximum: "max"
        }
    }

    /// Finds a statistic by its name; nil for any other text.
    ///
    /// - Parameter name: "min", "mean", "max", or "p" and a number above 0 and below 100 with at most four
    ///   decimals.
    package init?(name: some StringProtocol) {
        switch name {
        case "min": self = .minimum
        case "mean": self = .mean
        case "max": self = .maximum
        default:
            guard let percentile = Percentile(name: name) else { return nil }
            self = .percentile(percentile)
        }
    }
}

extension Percentile {
    /// Reads a percentile's name; nil for other text, and outside 0 … 100.
    ///
    /// - Parameter name: Such as "p50" or "p99.9".
    package init?(name: some StringProtocol) {
        guard name.first == "p" else { return nil }
        let parts = name.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let whole = parts.first.flatMap({ Int($0) }), whole < 100
        else { return nil }
        let decimals = parts.count == 2 ? String(parts[1]) : ""
        guard decimals.count <= 4, let rest = Int((decimals + "0000").prefix(4)) else { return nil }
        guard whole > 0 || rest > 0 else { return nil }
        self.init(partsPerMillion: whole * 10_000 + rest)
    }
}

/// Lengths of time of one round: all of them when they are few, else those at ranks that reports ask for.
package struct TimeSummary: Sendable, Equatable {
    /// The percentiles that a document keeps when it keeps no samples.
    package static let kept: [Percentile] = [.p50, .p90, .p95, .p99]
    /// From how many times on it keeps p99.9, too.
    package static let countOfThousandths = 1000
    /// Up to this number all times are kept, so that every percentile is known.
    package static let mostKept = 2000
    /// The percentiles that are known of more: each tenth of a percent, and above p99.9 each thousandth.
    package static let known: [Percentile] =
        (1...999).map { Percentile(partsPerMillion: $0 * 1000) }
        + (1..<100).map { Percentile(partsPerMillion: 999_000 + $0 * 10) }

    package var count: Int
    package var minimum: Nanoseconds
    package var mean: Double
    package var maximum: Nanoseconds
    /// The shortest time that is a lower bound; nil when all are exact.
    package var firstCensored: Nanoseconds?
    /// Every time, rising; empty when only some percentiles are known.
    private var sorted: [Nanoseconds]
    private var percentiles: [Percentile: Nanoseconds]

    /// Makes a summary of which only the given percentiles are known.
    ///
    /// - Parameters:
    ///   - count: How many times there are.
    ///   - minimum: The shortest.
    ///   - mean: Their mean, in nanoseconds.
    ///   - maximum: The longest.
    ///   - firstCensored: The shortest time that is a lower bound.
    ///   - percentiles: The percentiles.
    package init(
        count: Int,
        minimum: Nanoseconds,
        mean: Double,
        maximum: Nanoseconds,
        firstCensored: Nanoseconds? = nil,
        percentiles: [Percentile: Nanoseconds]
    ) {
        self.count = count
        self.minimum = minimum
        self.mean = mean
        self.maximum = maximum
        self.firstCensored = firstCensored
        self.percentiles = percentiles
        sorted = []
    }

    /// Makes a summary of times that only a histogram counted; nil without any.
    ///
    /// - Parameters:
    ///   - histogram: The times.
    ///   - sum: Their exact sum.
    ///   - firstCensored: The shortest time that is a lower bound.
    init?(_ histogram: Histogram, sum: Double, firstCensored: Nanoseconds?) {
        guard let minimum = histogram.minimum, let maximum = histogram.maximum else { return nil }
        let known = Self.known.map { ($0, histogram.value($0) ?? maximum) }
        self.init(
            count: histogram.count,
            minimum: minimum,
            mean: sum / Double(histogram.count),
            maximum: maximum,
            firstCensored: firstCensored,
            percentiles: Dictionary(uniqueKeysWithValues: known)
        )
    }

    private init?(sorted: [Nanoseconds], sum: Double, firstCensored: Nanoseconds?) {
        guard let first = sorted.first, let last = sorted.last else { return nil }
        count = sorted.count
        minimum = first
        maximum = last
        mean = sum / Double(sorted.count)
        self.firstCensored = firstCensored
        percentiles = [:]
        guard sorted.count > Self.mostKept else {
            self.sorted = sorted
            return
        }
        self.sorted = []
        percentiles.reserveCapacity(Self.known.count)
        for percentile in Self.known { percentiles[percentile] = percentile.value(in: sorted) }
    }

    /// A percentile by nearest rank.
    ///
    /// - Parameter percentile: Which one.
    /// - Returns: nil where only others are known.
    package func value(_ percentile: Percentile) -> Nanoseconds? {
        percentile.value(in: sorted) ?? percentiles[percentile]
    }

    /// A statistic, in seconds.
    ///
    /// - Parameter statistic: Which one.
    /// - Returns: nil where only others are known.
    package func seconds(of statistic: TimeStatistic) -> Double? {
        switch statistic {
        case .minimum: Double(minimum) / 1e9
        case .mean: mean / 1e9
        case .percentile(let percentile): value(percentile).map { Double($0) / 1e9 }
        case .maximum: Double(maximum) / 1e9
        }
    }

    /// Whether a statistic is only a lower bound.
    ///
    /// - Parameter statistic: Which one.
    /// - Returns: Whether its rank falls on or above the first time that was cut short.
    package func isCensored(_ statistic: TimeStatistic) -> Bool {
        guard let firstCensored else { return false }
        return switch statistic {
        case .minimum: minimum >= firstCensored
        case .mean, .maximum: true
        case .percentile(let percentile): (value(percentile) ?? maximum) >= firstCensored
        }
    }

    /// Collects times.
    package struct Builder {
        private var times: [Nanoseconds] = []
        private var sum = 0.0
        private var firstCensored: Nanoseconds?

        /// Makes an empty collection.
        ///
        /// - Parameter capacity: How many times will come.
        package init(capacity: Int) {
            times.reserveCapacity(capacity)
        }

        /// Adds a time.
        ///
        /// - Parameters:
        ///   - time: The time.
        ///   - isCensored: Whether it is a lower bound.
        package mutating func add(_ time: Nanoseconds, isCensored: Bool) {
            times.append(time)
            sum += Double(time)
            if isCensored { firstCensored = min(firstCensored ?? time, time) }
        }

        /// Sorts and sums up, and forgets the times.
        ///
        /// - Returns: nil without times.
        package mutating func summary() -> TimeSummary? {
            // In place, and gone afterwards: of a million times there is no room for a second copy.
            defer { times = [] }
            times.sort()
            return TimeSummary(sorted: times, sum: sum, firstCensored: firstCensored)
        }
    }
}
