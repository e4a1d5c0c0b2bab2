/// Samples of one interval, of which a limited number is kept, evenly spread.
///
/// A full series drops every second sample and doubles the step, so that an interval of any length is seen
/// from its start to its end.
package struct SampleSeries<Sample> {
    /// How many are kept at the most.
    package let capacity: Int
    /// The time between two samples.
    package private(set) var step: Duration
    /// The samples, in order.
    package private(set) var samples: [Sample] = []

    /// Makes an empty series.
    ///
    /// - Parameters:
    ///   - step: The time between two samples.
    ///   - capacity: How many are kept at the most, at least 2.
    package init(step: Duration, capacity: Int = 32) {
        self.step = step
        self.capacity = max(2, capacity)
        samples.reserveCapacity(self.capacity)
    }

    /// Adds a sample, after making room for it.
    ///
    /// - Parameter sample: The sample.
    package mutating func add(_ sample: Sample) {
        if samples.count == capacity {
            let kept = stride(from: 0, to: samples.count, by: 2).map { samples[$0] }
            samples.replaceSubrange(samples.indices, with: kept)
            step *= 2
        }
        samples.append(sample)
    }
}

extension SampleSeries: Sendable where Sample: Sendable {}
