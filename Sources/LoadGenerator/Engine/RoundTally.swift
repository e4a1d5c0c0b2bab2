import Measurements

/// What the progress line needs, kept up while uploads end.
struct RoundTally {
    private(set) var ok = 0
    private(set) var errors = 0
    private(set) var maximum: Nanoseconds?
    private var counts: [Int]

    /// Steps to a doubling: a bucket is 1/64 of its octave wide, so the p99 is right within 1.6 %.
    private static let steps = 64

    init() {
        counts = Array(repeating: 0, count: 64 * RoundTally.steps)
    }

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
        counts[RoundTally.bucket(of: responseTime)] &+= 1
    }

    /// Adds the uploads of another thread.
    ///
    /// - Parameter other: What that thread counted.
    mutating func add(_ other: RoundTally) {
        ok += other.ok
        errors += other.errors
        if let longest = other.maximum { maximum = max(maximum ?? 0, longest) }
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
    }

    /// The p99 of the successes so far; nil below 100 of them.
    var p99: Nanoseconds? {
        guard ok >= 100 else { return nil }
        var left = Percentile.p99.rank(of: ok)
        for (bucket, count) in counts.enumerated() where count > 0 {
            left -= count
            if left <= 0 { return min(RoundTally.upperEnd(of: bucket), maximum ?? 0) }
        }
        return maximum
    }

    private static func bucket(of time: Nanoseconds) -> Int {
        let value = UInt64(max(time, 1))
        let octave = 63 - value.leadingZeroBitCount
        guard octave >= 6 else { return Int(value) }
        return octave * steps + Int((value >> UInt64(octave - 6)) & 63)
    }

    private static func upperEnd(of bucket: Int) -> Nanoseconds {
        let octave = bucket / steps
        guard octave >= 6 else { return Nanoseconds(bucket) }
        return Nanoseconds((64 + bucket % steps + 1) << (octave - 6)) - 1
    }
}
