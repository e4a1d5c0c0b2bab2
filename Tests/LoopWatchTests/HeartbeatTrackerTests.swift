import CLoopProbe
import Testing

@testable import LoopWatch

/// When a loop is pinged and what its answers mean, driven with numbers.
@Suite struct HeartbeatTrackerTests {
    private static let millisecond: UInt64 = 1_000_000

    private func tracker(_ threshold: UInt64 = 10) -> HeartbeatTracker {
        HeartbeatTracker(threshold: threshold * Self.millisecond)
    }

    @Test(
        arguments: [(10, 2_500_000), (100, 25_000_000), (4, 1_000_000), (1, 1_000_000)] as [(UInt64, UInt64)]
    )
    func `a ping comes every quarter of the threshold, but not more often than each millisecond`(
        threshold: UInt64,
        period: UInt64
    ) {
        var tracker = tracker(threshold)
        #expect(tracker.isPingDue(at: 5))
        tracker.sent(at: 5)
        #expect(tracker.answered(at: 6) == nil)
        #expect(!tracker.isPingDue(at: 5 + period - 1))
        #expect(tracker.isPingDue(at: 5 + period))
        #expect(tracker.nextLook(after: 6) == 5 + period)
    }

    @Test func `one ping is in flight at a time`() {
        var tracker = tracker()
        tracker.sent(at: 1)
        #expect(!tracker.isPingDue(at: 1000 * Self.millisecond))
        #expect(tracker.sequence == 1)
        _ = tracker.answered(at: 1000 * Self.millisecond)
        #expect(tracker.isPingDue(at: 1000 * Self.millisecond))
    }

    @Test func `a ping unanswered past the threshold is a block`() {
        var tracker = tracker()
        #expect(tracker.verdict(at: 50 * Self.millisecond) == .responsive)
        tracker.sent(at: 100)
        #expect(tracker.verdict(at: 100 + 10 * Self.millisecond) == .responsive)
        #expect(tracker.verdict(at: 101 + 10 * Self.millisecond) == .blocked(for: 10 * Self.millisecond + 1))
    }

    @Test func `a late answer is a silence from the ping to the answer`() {
        var tracker = tracker()
        tracker.sent(at: 100)
        let end = 100 + 10 * Self.millisecond
        #expect(tracker.answered(at: end) == HeartbeatTracker.Silence(start: 100, end: end, sequence: 1))
        tracker.sent(at: end)
        #expect(tracker.answered(at: end + 10 * Self.millisecond - 1) == nil)
        #expect(tracker.sequence == 2)
    }

    @Test func `an answer that nobody asked for means nothing`() {
        var tracker = tracker()
        #expect(tracker.answered(at: 77) == nil)
        tracker.sent(at: 100)
        #expect(tracker.answered(at: 99) == nil)
    }

    @Test func `another threshold holds from now on`() {
        var tracker = tracker()
        tracker.sent(at: 0)
        tracker.threshold = 2 * Self.millisecond
        #expect(tracker.answered(at: 3 * Self.millisecond) != nil)
        #expect(tracker.isPingDue(at: 3 * Self.millisecond))
    }
}

/// One ping, answered or not.
@Suite struct PingTests {
    @Test func `a ping that was run is answered by the clock of whoever runs it`() throws {
        let ping = Ping(latest: .max, slot: nil)
        let before = lp_now()
        let work = ping.work
        #expect(ping.outcome == nil)
        work()
        guard case .answered(let time) = ping.outcome else {
            Issue.record("not answered")
            return
        }
        #expect(time >= before && time <= lp_now())
    }

    /// A loop that is shut down drops its work, and would seem to be blocked for ever.
    @Test func `a ping whose loop threw it away is dropped`() {
        let ping = Ping(latest: .max, slot: nil)
        var work: (@Sendable () -> Void)? = ping.work
        #expect(work != nil)
        work = nil
        guard case .dropped = ping.outcome else {
            Issue.record("not dropped")
            return
        }
    }
}
