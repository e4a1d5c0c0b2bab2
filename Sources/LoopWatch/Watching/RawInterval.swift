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
    /// What was called, for a call that may block; its stack is its only sample.
    var call: BlockingCall?

    /// The part of it that the accounts say the thread was ready to run, but was not let.
    var notScheduled: UInt64 {
        guard before.is_wait_known, after.is_wait_known, after.wait_ns > before.wait_ns else { return 0 }
        return min(after.wait_ns - before.wait_ns, end - start)
    }

    /// What counts: how long the thread could not have served others though the machine was willing.
    var blocked: UInt64 { end - start - notScheduled }
}

/// A call that may block, and the place that it was made at.
struct BlockingCall: Sendable, Hashable {
    /// A stack in a slot of the probe.
    struct Site: Sendable, Hashable {
        let slot: Int32
        let number: Int32
    }

    let name: String
    let site: Site
    /// The least that tells it.
    let strictness: Strictness
    /// How often it was made there before.
    let countBefore: UInt64

    /// How often it has been made there since it was told, that time included.
    var count: Int {
        let now = lp_call_count(site.slot, site.number)
        return max(1, Int(now - min(now, countBefore)))
    }
}

extension RawInterval {
    /// Reads a call.
    init(_ call: lp_blocking_call) {
        let stack = ProbedStack(call.stack)
        let sample = Sample(
            taken: call.end_ns,
            accounts: call.after,
            addresses: stack.addresses,
            kinds: stack.kinds
        )
        self.init(
            generation: call.generation,
            sequence: 0,
            thread: Self.text(of: call.name),
            threadID: Int(call.thread_id),
            kind: lp_kind(UInt32(call.kind)),
            start: call.start_ns,
            end: call.end_ns,
            before: call.before,
            beforeTime: call.start_ns,
            after: call.after,
            taskName: Self.text(of: call.task_name).nonEmpty,
            scopes: call.scopes,
            samples: [sample],
            call: BlockingCall(
                name: ProbeFrames.plainName(Self.text(of: call.call)),
                site: BlockingCall.Site(slot: call.slot, number: call.site),
                strictness: call.strictness == UInt8(LP_STRICT_FILES.rawValue) ? .callsAndFiles : .calls,
                countBefore: call.count_before
            )
        )
    }

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
