/// A stretch of one busy interval with one cause.
public struct LoopBlock: Sendable, Hashable, Codable, Identifiable {
    /// What was blocked.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// A thread of an event loop.
        case eventLoop = "event_loop"
        /// A thread of Swift's cooperative pool.
        case concurrencyPool = "concurrency_pool"
        /// A job that its executor named.
        case job
        /// A call that may block, found in strict mode.
        case blockingCall = "blocking_call"
    }

    /// What the thread did for most of the blocked time.
    public enum Verdict: String, Sendable, Hashable, Codable {
        /// It waited for 80 % or more.
        case waiting
        /// It computed for 80 % or more.
        case computing
        /// Both, or it isn't known.
        case mixed
    }

    /// How the interval was found.
    public enum Method: String, Sendable, Hashable, Codable {
        /// By the thread's own entering and leaving: exact.
        case probe
        /// By a ping that was answered late.
        case heartbeat
    }

    /// Its number in this process, from 1, never reused.
    public var id: Int
    /// The number of the busy interval.
    public var interval: Int
    /// Which part of the interval it is, from 1.
    public var part: Int
    /// How many parts the interval has.
    public var parts: Int
    /// What was blocked.
    public var kind: Kind
    /// The thread's name, or the watched job's.
    public var thread: String
    /// The thread's number in the kernel.
    public var threadID: Int
    /// When it began, on `CLOCK_MONOTONIC`.
    public var start: Duration
    /// When it began, since 1970.
    public var startUnixNanoseconds: Int64
    /// The threshold that it was judged by.
    public var threshold: Duration
    /// How long it lasted: `cpu`, `waiting` and `notScheduled` together.
    public var duration: Duration
    /// How long the thread computed.
    public var cpu: Duration
    /// How long the thread waited for something other than a processor.
    public var waiting: Duration
    /// How long the thread was ready but had no processor.
    public var notScheduled: Duration
    /// How much of the three is known.
    public var split: TimeSplit
    /// What the thread did for most of the blocked time.
    public var verdict: Verdict
    /// How it was found.
    public var method: Method
    /// The call that the thread waited in, if it waited in one, or that may block.
    public var call: String?
    /// How often a call that may block was made at its place, the reported one included; nil for busy intervals.
    public var calls: Int?
    /// The name of the task that ran.
    public var task: String?
    /// Whether the thread was still busy when this was written.
    public var isOngoing: Bool
    /// What the reader should know of this block, such as why it has no stack.
    public var note: String?
    /// The user's function that is to blame.
    public var blame: StackFrame?
    /// The function that the blamed one called.
    public var callee: StackFrame?
    /// The stacks taken during it, in order.
    public var samples: [StackSample]

    /// What counts: the duration without the time that the thread had no processor.
    public var blocked: Duration { duration - notScheduled }

    /// Makes a block.
    ///
    /// - Parameters:
    ///   - id: Its number, from 1.
    ///   - interval: The number of the busy interval.
    ///   - part: Which part of the interval it is, from 1.
    ///   - parts: How many parts the interval has.
    ///   - kind: What was blocked.
    ///   - thread: The thread's name.
    ///   - threadID: The thread's number.
    ///   - start: When it began, on `CLOCK_MONOTONIC`.
    ///   - startUnixNanoseconds: When it began, since 1970.
    ///   - threshold: The threshold that it was judged by.
    ///   - duration: How long it lasted.
    ///   - cpu: How long the thread computed.
    ///   - waiting: How long it waited.
    ///   - notScheduled: How long it had no processor.
    ///   - split: How much of the three is known.
    ///   - verdict: What the thread did for most of the blocked time.
    ///   - method: How it was found.
    ///   - call: The call that the thread waited in, or that may block.
    ///   - calls: How often a call that may block was made at its place.
    ///   - task: The task's name.
    ///   - isOngoing: Whether the thread was still busy.
    ///   - note: What the reader should know.
    ///   - blame: The user's function that is to blame.
    ///   - callee: The function that it called.
    ///   - samples: The stacks taken during it.
    public init(
        id: Int,
        interval: Int,
        part: Int = 1,
        parts: Int = 1,
        kind: Kind,
        thread: String,
        threadID: Int,
        start: Duration,
        startUnixNanoseconds: Int64,
        threshold: Duration,
        duration: Duration,
        cpu: Duration,
        waiting: Duration,
        notScheduled: Duration,
        split: TimeSplit = .full,
        verdict: Verdict,
        method: Method,
        call: String? = nil,
        calls: Int? = nil,
        task: String? = nil,
        isOngoing: Bool = false,
        note: String? = nil,
        blame: StackFrame? = nil,
        callee: StackFrame? = nil,
        samples: [StackSample] = []
    ) {
        self.id = id
        self.interval = interval
        self.part = part
        self.parts = parts
        self.kind = kind
        self.thread = thread
        self.threadID = threadID
        self.start = start
        self.startUnixNanoseconds = startUnixNanoseconds
        self.threshold = threshold
        self.duration = duration
        self.cpu = cpu
        self.waiting = waiting
        self.notScheduled = notScheduled
        self.split = split
        self.verdict = verdict
        self.method = method
        self.call = call
        self.calls = calls
        self.task = task
        self.isOngoing = isOngoing
        self.note = note
        self.blame = blame
        self.callee = callee
        self.samples = samples
    }
}
