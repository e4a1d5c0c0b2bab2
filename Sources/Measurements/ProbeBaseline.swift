/// How fast a service answers the probe while no upload runs.
package struct ProbeBaseline: Sendable, Equatable {
    /// How many requests were answered.
    package var count: Int
    /// Their median response time.
    package var p50: Nanoseconds
    /// Their p99: below 100 requests the slowest.
    package var p99: Nanoseconds

    /// Describes a baseline.
    ///
    /// - Parameters:
    ///   - count: How many requests were answered.
    ///   - p50: Their median response time.
    ///   - p99: Their p99.
    package init(count: Int, p50: Nanoseconds, p99: Nanoseconds) {
        self.count = count
        self.p50 = p50
        self.p99 = p99
    }

    /// Sums up the requests that were answered; nil without any.
    ///
    /// - Parameter probes: The requests.
    package init?(_ probes: [ProbeSample]) {
        let times = probes.filter { $0.outcome == .ok }.map(\.responseTime).sorted()
        guard let p50 = Percentile.p50.value(in: times), let p99 = Percentile.p99.value(in: times) else {
            return nil
        }
        self.init(count: times.count, p50: p50, p99: p99)
    }
}
