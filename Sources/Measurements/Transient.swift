/// The part of a round after which its response times are others than before: it had not settled in its first half.
///
/// MSER over 20 batches of the response times in the order of completion, tried up to the 15th cut. Batches of five,
/// which are right for estimating a mean, cut up to a third of short stationary series in the second half, and hardly a
/// long one that rises with noise. Two conditions more hold chance off: the means before and after the cut are four
/// standard errors apart, and a tenth of the later one.
package struct Transient: Sendable, Equatable {
    /// The share of the completions before the cut.
    package var share: Double
    /// Whether response times are longer after the cut.
    package var isRising: Bool

    /// How many batches a round is cut into.
    static let batches = 20
    /// The fewest that must be left after a cut.
    static let fewestLeft = 5
    /// The fewest completions of a batch.
    static let leastBatch = 5
    private static let standardErrors = 4.0
    private static let leastChange = 0.1

    /// Describes one.
    ///
    /// - Parameters:
    ///   - share: The share of the completions before the cut.
    ///   - isRising: Whether response times are longer after it.
    package init(share: Double, isRising: Bool) {
        self.share = share
        self.isRising = isRising
    }

    /// Looks for one; nil of a series that settles in its first half, or is too short to tell.
    ///
    /// - Parameter means: The mean response time of each batch.
    package init?(of means: [Double]) {
        guard means.count > 2 * Self.fewestLeft,
            let cut = Truncation(of: means, upTo: means.count - Self.fewestLeft)?.cut, 2 * cut > means.count
        else { return nil }
        let (before, after) = (Self.moments(means[..<cut]), Self.moments(means[cut...]))
        let apart = abs(before.mean - after.mean)
        guard apart > Self.standardErrors * (before.squaredError + after.squaredError).squareRoot(),
            apart > Self.leastChange * after.mean
        else { return nil }
        self.init(share: Double(cut) / Double(means.count), isRising: after.mean > before.mean)
    }

    private static func moments(_ values: ArraySlice<Double>) -> (mean: Double, squaredError: Double) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, squares / (count - 1) / count)
    }
}

/// Response times in the order of completion, as sums over short stretches of a round: no sorting, no list.
struct CompletionOrder {
    private static let stretches = 4096

    private let width: Nanoseconds
    private var counts = [Int](repeating: 0, count: stretches)
    private var sums = [Double](repeating: 0, count: stretches)
    private var lastStart: Nanoseconds = 0

    /// Makes an empty one.
    ///
    /// - Parameter makespan: When the last upload ended.
    init(makespan: Nanoseconds) {
        width = max(1, makespan / Nanoseconds(Self.stretches - 1))
    }

    /// Adds an upload; one that failed counts only as one that was started.
    mutating func add(_ sample: Sample) {
        lastStart = max(lastStart, sample.intended)
        guard sample.isTimed else { return }
        let stretch = place(of: sample.done)
        counts[stretch] += 1
        sums[stretch] += Double(sample.responseTime)
    }

    private func place(of time: Nanoseconds) -> Int {
        min(Int(max(0, time) / width), Self.stretches - 1)
    }

    /// The mean response times of batches that are as large as one another, but for what ended at the same time.
    ///
    /// What ends after the last upload was started is left out: the load was going down.
    ///
    /// - Parameter batches: How many.
    /// - Returns: nil where completions are too few for that many, or too many ended at once.
    func means(of batches: Int) -> [Double]? {
        let places = 0...place(of: lastStart)
        let total = places.reduce(0) { $0 + counts[$1] }
        guard total >= batches * Transient.leastBatch else { return nil }
        var means: [Double] = []
        var (passed, count, sum) = (0, 0, 0.0)
        for stretch in places where counts[stretch] > 0 {
            passed += counts[stretch]
            count += counts[stretch]
            sum += sums[stretch]
            guard passed * batches >= (means.count + 1) * total else { continue }
            means.append(sum / Double(count))
            (count, sum) = (0, 0)
        }
        return means.count == batches ? means : nil
    }
}
