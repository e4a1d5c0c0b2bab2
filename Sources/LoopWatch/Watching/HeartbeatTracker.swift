/// Says when a loop is to be pinged, and what its answers mean; it has no clock of its own.
///
/// One ping is in flight at a time. The loop was busy from when a ping was sent to when it answered, by its own clock;
/// what it did before the ping is not seen, so a block may begin up to a period earlier than is told. Times are
/// nanoseconds of the monotonic clock.
struct HeartbeatTracker: Sendable {
    /// What a ping in flight says of its loop.
    enum Verdict: Sendable, Equatable {
        /// It may still answer in time.
        case responsive
        /// It has not answered for longer than the threshold.
        case blocked(for: UInt64)
    }

    /// A time in which a loop did not answer.
    struct Silence: Sendable, Equatable {
        /// When the ping was sent.
        var start: UInt64
        /// When it was answered.
        var end: UInt64
        /// Which ping it was, from 1.
        var sequence: UInt64
    }

    /// How long is too long.
    var threshold: UInt64
    /// The number of the latest ping.
    private(set) var sequence: UInt64 = 0
    /// When the ping in flight was sent; nil if none is.
    private(set) var sentAt: UInt64?
    private var lastSent: UInt64?

    /// The shortest time from one ping to the next, or the pings themselves would be a load.
    private static let shortestPeriod: UInt64 = 1_000_000

    /// From one ping to the next.
    var period: UInt64 { max(threshold / 4, HeartbeatTracker.shortestPeriod) }

    /// Makes a tracker whose first ping is due at once.
    ///
    /// - Parameter threshold: How long is too long.
    init(threshold: UInt64) {
        self.threshold = threshold
    }

    /// Whether a ping is to be sent.
    ///
    /// - Parameter time: Now.
    /// - Returns: Whether none is in flight and the next one is due.
    func isPingDue(at time: UInt64) -> Bool { sentAt == nil && time >= due }

    private var due: UInt64 { lastSent.map { $0 + period } ?? 0 }

    /// Notes that a ping was sent.
    ///
    /// - Parameter time: When.
    mutating func sent(at time: UInt64) {
        sequence += 1
        sentAt = time
        lastSent = time
    }

    /// Notes that the ping in flight was answered.
    ///
    /// - Parameter time: When, by the loop's clock.
    /// - Returns: The silence, if it lasted for the threshold.
    mutating func answered(at time: UInt64) -> Silence? {
        guard let start = sentAt else { return nil }
        sentAt = nil
        guard time >= start, time - start >= threshold else { return nil }
        return Silence(start: start, end: time, sequence: sequence)
    }

    /// What the ping in flight says of the loop.
    ///
    /// - Parameter time: Now.
    /// - Returns: The verdict; a loop without a ping in flight is responsive.
    func verdict(at time: UInt64) -> Verdict {
        guard let sentAt, time > sentAt, time - sentAt > threshold else { return .responsive }
        return .blocked(for: time - sentAt)
    }

    /// When there is something to do next, but for stacks.
    ///
    /// - Parameter time: Now.
    /// - Returns: When the next ping is due, or when an answer is to be looked for.
    func nextLook(after time: UInt64) -> UInt64 { sentAt == nil ? max(due, time) : time + period }
}
