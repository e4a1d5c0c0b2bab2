/// A thread's processor time and its time without one, as the kernel counted them at a moment.
package struct RecordedAccounts: Sendable, Hashable {
    /// When they were read, from the start of the interval.
    package var offset: Duration
    /// The processor time since some moment before; `nil` if unknown.
    package var cpu: Duration?
    /// The time ready but without a processor, since the same moment; `nil` if unknown.
    package var wait: Duration?

    package init(offset: Duration, cpu: Duration?, wait: Duration?) {
        self.offset = offset
        self.cpu = cpu
        self.wait = wait
    }
}

/// A stack as the watchdog took it.
package struct RecordedSample: Sendable, Hashable {
    /// When it was taken, from the start of the interval.
    package var offset: Duration
    /// Whether the thread was still in this interval: its sequence number was the same.
    package var isOfInterval: Bool
    /// The frames, innermost first.
    package var frames: [StackFrame]
    /// The accounts read right after it.
    package var accounts: RecordedAccounts?

    package init(
        offset: Duration,
        isOfInterval: Bool = true,
        frames: [StackFrame],
        accounts: RecordedAccounts? = nil
    ) {
        self.offset = offset
        self.isOfInterval = isOfInterval
        self.frames = frames
        self.accounts = accounts
    }
}

/// A busy interval as the watchdog hands it over.
package struct RecordedInterval: Sendable, Hashable {
    /// Its number.
    package var number: Int
    /// What was busy.
    package var kind: LoopBlock.Kind
    /// How it was found.
    package var method: LoopBlock.Method
    /// The thread's name, or the watched job's.
    package var thread: String
    /// The thread's number in the kernel.
    package var threadID: Int
    /// When it began, on `CLOCK_MONOTONIC`.
    package var start: Duration
    /// When it ended, or when the one that is still busy was looked at.
    package var end: Duration
    /// When it began, since 1970.
    package var startUnixNanoseconds: Int64
    /// The accounts at the watchdog's first sight, which comes up to a round after the start.
    package var before: RecordedAccounts?
    /// The accounts at the end.
    package var after: RecordedAccounts?
    /// The stacks, in order.
    package var samples: [RecordedSample]
    /// What it is judged by.
    package var threshold: Duration
    /// The name of the task that ran.
    package var task: String?
    /// Whether it had not ended.
    package var isOngoing: Bool
    /// What the reader should know.
    package var note: String?
    /// The call that may block, for one that is no interval but such a call; its stack is its only sample.
    package var call: String?
    /// How often the call was made at its place.
    package var calls: Int?

    /// How long it lasted.
    package var duration: Duration { max(.zero, end - start) }

    package init(
        number: Int,
        kind: LoopBlock.Kind,
        method: LoopBlock.Method = .probe,
        thread: String,
        threadID: Int,
        start: Duration,
        end: Duration,
        startUnixNanoseconds: Int64,
        before: RecordedAccounts? = nil,
        after: RecordedAccounts? = nil,
        samples: [RecordedSample] = [],
        threshold: Duration,
        task: String? = nil,
        isOngoing: Bool = false,
        note: String? = nil,
        call: String? = nil,
        calls: Int? = nil
    ) {
        self.number = number
        self.kind = kind
        self.method = method
        self.thread = thread
        self.threadID = threadID
        self.start = start
        self.end = end
        self.startUnixNanoseconds = startUnixNanoseconds
        self.before = before
        self.after = after
        self.samples = samples
        self.threshold = threshold
        self.task = task
        self.isOngoing = isOngoing
        self.note = note
        self.call = call
        self.calls = calls
    }

    /// The part of the interval in which a scope was open.
    ///
    /// The accounts at a cut are interpolated from those around it.
    ///
    /// - Parameters:
    ///   - open: When the scope opened, on `CLOCK_MONOTONIC`.
    ///   - close: When it closed.
    /// - Returns: The part; `nil` if the scope saw nothing of the interval.
    package func clipped(open: Duration, close: Duration) -> RecordedInterval? {
        let (from, to) = (max(open, start), min(close, end))
        guard from < to else { return nil }
        guard from > start || to < end else { return self }
        let timeline = AccountTimeline(self)
        let shift = from - start
        var part = self
        part.start = from
        part.end = to
        part.startUnixNanoseconds += shift.wholeNanoseconds
        part.before = timeline.accounts(at: shift, shiftedBy: shift)
        part.after = timeline.accounts(at: to - start, shiftedBy: shift)
        part.samples = samples.filter { $0.offset >= shift && $0.offset <= to - start }.map { sample in
            RecordedSample(
                offset: sample.offset - shift,
                isOfInterval: sample.isOfInterval,
                frames: sample.frames,
                accounts: timeline.accounts(at: sample.offset, shiftedBy: shift)
            )
        }
        return part
    }
}
