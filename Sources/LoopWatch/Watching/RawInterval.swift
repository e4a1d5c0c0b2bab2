import CLoopProbe

/// A busy interval as the probe tells it, before anything has a name.
struct RawInterval: Sendable {
    /// Where a thread was at one moment of the interval.
    struct Sample: Sendable {
        /// When, on the monotonic clock.
        var taken: UInt64
        var accounts: lp_accounts
        /// Innermost first.
        var addresses: [UInt64]
        /// How each address came into the stack: a `lp_frame_kind`.
        var kinds: [UInt8]
    }

    /// Differs for every thread there ever was.
    var generation: UInt64
    /// The number of the interval on its thread.
    var sequence: UInt64
    var thread: String
    var threadID: Int
    var kind: lp_kind
    /// On the monotonic clock.
    var start: UInt64
    /// On the monotonic clock; that of the report for one that goes on.
    var end: UInt64
    /// The accounts when the watchdog first saw it, and when that was.
    var before: lp_accounts
    var beforeTime: UInt64
    var after: lp_accounts
    var taskName: String?
    /// The scopes whose task trees it belongs to, one bit each; 0 for loops.
    var scopes: UInt64
    var samples: [Sample] = []
    var isOngoing = false
    /// Why it has no stack, if it has none.
    var note: String?
    /// How it was found.
    var method: LoopBlock.Method { kind == LP_HEARTBEAT ? .heartbeat : .probe }

    /// The part of it that the accounts say the thread was ready to run, but was not let.
    var notScheduled: UInt64 {
        guard before.is_wait_known, after.is_wait_known, after.wait_ns > before.wait_ns else { return 0 }
        return min(after.wait_ns - before.wait_ns, end - start)
    }

    /// What counts: how long the thread could not have served others though the machine was willing.
    var blocked: UInt64 { end - start - notScheduled }
}

extension RawInterval {
    /// Reads one that has ended.
    init(_ ended: lp_interval, samples: [Sample], note: String?) {
        self.init(
            generation: ended.generation,
            sequence: ended.sequence,
            thread: Self.text(of: ended.name),
            threadID: Int(ended.thread_id),
            kind: lp_kind(UInt32(ended.kind)),
            start: ended.start_ns,
            end: ended.end_ns,
            before: ended.before,
            beforeTime: ended.before_ns,
            after: ended.after,
            taskName: Self.text(of: ended.task_name).nonEmpty,
            scopes: ended.scopes,
            samples: samples,
            note: note
        )
    }

    /// Reads C's array of characters up to its zero.
    static func text<Characters>(of characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension String {
    /// Nil for the empty string.
    var nonEmpty: String? { isEmpty ? nil : self }
}
