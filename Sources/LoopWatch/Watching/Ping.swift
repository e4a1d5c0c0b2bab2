import CLoopProbe
import Synchronization

/// One ping in flight: sent by the watchdog, answered on the loop, by the loop's clock.
final class Ping: Sendable {
    /// How a ping ended.
    enum Outcome: Sendable {
        /// It was answered at a moment of the monotonic clock.
        case answered(at: UInt64)
        /// Its loop will never run it: it has been shut down.
        case dropped
    }

    /// Lives as long as the loop keeps the work.
    private final class Ticket: Sendable {
        let ping: Ping

        init(_ ping: Ping) {
            self.ping = ping
        }

        deinit { ping.finish(Ping.wasDropped) }
    }

    private static let isInFlight: UInt64 = 0
    private static let wasDropped: UInt64 = 1

    private let state = Atomic<UInt64>(Ping.isInFlight)
    private let latest: UInt64
    private let slot: Int32?
    private let read = Mutex(lp_accounts())

    /// Makes a ping.
    ///
    /// - Parameters:
    ///   - latest: An answer after this moment is late, and comes with the thread's accounts.
    ///   - slot: The probe's place of the loop's thread, if it has one.
    init(latest: UInt64, slot: Int32?) {
        self.latest = latest
        self.slot = slot
    }

    /// What the loop is to run.
    var work: @Sendable () -> Void {
        let ticket = Ticket(self)
        return { ticket.ping.answer() }
    }

    /// How it ended; nil while it is in flight.
    var outcome: Outcome? {
        switch state.load(ordering: .acquiring) {
        case Ping.isInFlight: nil
        case Ping.wasDropped: .dropped
        case let time: .answered(at: time)
        }
    }

    /// The thread's accounts at an answer that was late.
    var accounts: lp_accounts { read.withLock { $0 } }

    private func answer() {
        let now = lp_now()
        if let slot, now >= latest {
            // Nobody else looks at them before the state is set, so the loop doesn't wait for the lock.
            read.withLock { _ = lp_accounts_of(slot, &$0) }
        }
        finish(now)
    }

    private func finish(_ value: UInt64) {
        _ = state.compareExchange(expected: Ping.isInFlight, desired: value, ordering: .acquiringAndReleasing)
    }
}
