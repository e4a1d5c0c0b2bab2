import CLoopProbe

/// Adds up, thread by thread, what a detector has seen since it started.
struct LoopTotals: Sendable {
    private struct Thread: Sendable {
        var name: String
        /// What the thread had come to when counting began: nothing, if it was not watched yet.
        var busyBefore: UInt64
        /// Its accounts when they were first read.
        var accountsBefore: lp_accounts
        var busy: UInt64 = 0
        var accounts: lp_accounts
        var blocked: UInt64 = 0
        var longest: UInt64 = 0
        var intervals = 0
    }

    private var threads: [UInt64: Thread] = [:]
    /// Whether threads have been read before, so that one that isn't known has only been watched since.
    private var hasBegun = false
    /// When counting began, on the monotonic clock.
    private let start = lp_now()

    /// Reads the counters of every thread that is watched.
    ///
    /// - Parameter probes: What is watched.
    mutating func update(_ probes: Probes) {
        for slot in 0..<lp_slot_count() {
            var state = lp_slot_state()
            guard lp_slot(slot, &state), probes.covers(lp_kind(UInt32(state.kind)), state.generation) else {
                continue
            }
            var accounts = lp_accounts()
            _ = lp_accounts_of(slot, &accounts)
            let isPinged = lp_kind(UInt32(state.kind)) == LP_HEARTBEAT
            let underWay = state.busy_since == 0 ? 0 : lp_now() &- max(state.busy_since, start)
            var thread =
                threads[state.generation]
                ?? Thread(
                    name: RawInterval.text(of: state.name),
                    busyBefore: hasBegun ? 0 : state.busy_total_ns,
                    accountsBefore: accounts,
                    accounts: accounts
                )
            // Of a loop that is pinged only its silences are known.
            if !isPinged {
                thread.busy = state.busy_total_ns - min(state.busy_total_ns, thread.busyBefore) + underWay
            }
            thread.accounts = accounts
            threads[state.generation] = thread
        }
        hasBegun = true
    }

    /// Counts an interval that was too long.
    ///
    /// - Parameter interval: The interval.
    mutating func add(_ interval: RawInterval) {
        let length = interval.end - interval.start
        var thread =
            threads[interval.generation]
            ?? Thread(
                name: interval.thread,
                busyBefore: 0,
                accountsBefore: interval.before,
                busy: interval.method == .heartbeat ? 0 : length,
                accounts: interval.after
            )
        if interval.method == .heartbeat { thread.busy += length }
        thread.blocked += interval.blocked
        thread.longest = max(thread.longest, interval.blocked)
        thread.intervals += 1
        threads[interval.generation] = thread
    }

    /// The totals, by name.
    var usages: [LoopUsage] {
        threads.sorted { ($0.value.name, $0.key) < ($1.value.name, $1.key) }.map { _, thread in
            let cpu = thread.accounts.cpu_ns - min(thread.accounts.cpu_ns, thread.accountsBefore.cpu_ns)
            let waited = thread.accounts.wait_ns - min(thread.accounts.wait_ns, thread.accountsBefore.wait_ns)
            return LoopUsage(
                name: thread.name,
                busy: .nanoseconds(thread.busy),
                cpu: .nanoseconds(min(cpu, thread.busy)),
                notScheduled: .nanoseconds(min(waited, thread.busy - min(cpu, thread.busy))),
                blocked: .nanoseconds(thread.blocked),
                longest: .nanoseconds(thread.longest),
                intervals: thread.intervals
            )
        }
    }
}
