import Measurements

/// What the progress line needs, kept up while uploads end.
struct RoundTally {
    private(set) var ok = 0
    private(set) var errors = 0
    private(set) var maximum: Nanoseconds?
    /// The response times of the successes.
    private var times = Histogram()

    var done: Int { ok + errors }

    /// Counts an upload that has ended.
    ///
    /// - Parameters:
    ///   - responseTime: Its response time.
    ///   - isOK: Whether it succeeded.
    mutating func add(responseTime: Nanoseconds, isOK: Bool) {
        guard isOK else {
            errors &+= 1
            return
        }
        ok &+= 1
        maximum = max(maximum ?? 0, responseTime)
        times.record(responseTime)
    }

    /// Adds what another thread counted.
    ///
    /// - Parameter other: Its tally.
    mutating func add(_ other: RoundTally) {
        ok += other.ok
        errors += other.errors
        if let longest = other.maximum { maximum = max(maximum ?? 0, longest) }
        times.merge(other.times)
    }

    /// The p99 of the successes so far; nil below 100 of them.
    var p99: Nanoseconds? {
        guard ok >= 100, let maximum, let value = times.value(.p99) else { return nil }
        return min(value, maximum)
    }
}
