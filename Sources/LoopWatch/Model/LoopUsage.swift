/// What a loop or a thread of the pool did since watching began, exact whatever was dropped.
public struct LoopUsage: Sendable, Hashable, Codable {
    /// The thread's name.
    public var name: String
    /// How long it was busy.
    public var busy: Duration
    /// How long it computed.
    public var cpu: Duration
    /// How long it was ready but had no processor.
    public var notScheduled: Duration
    /// How long it was blocked, in the blocks over the threshold.
    public var blocked: Duration
    /// The longest busy interval.
    public var longest: Duration
    /// How many busy intervals were over the threshold.
    public var intervals: Int
    /// How much is known of where the time went.
    public var split: TimeSplit

    /// Makes the totals.
    ///
    /// - Parameters:
    ///   - name: The thread's name.
    ///   - busy: How long it was busy.
    ///   - cpu: How long it computed.
    ///   - notScheduled: How long it had no processor.
    ///   - blocked: How long it was blocked.
    ///   - longest: The longest busy interval.
    ///   - intervals: How many busy intervals were over the threshold.
    ///   - split: How much is known of where the time went.
    public init(
        name: String,
        busy: Duration,
        cpu: Duration,
        notScheduled: Duration,
        blocked: Duration,
        longest: Duration,
        intervals: Int,
        split: TimeSplit = .full
    ) {
        self.name = name
        self.busy = busy
        self.cpu = cpu
        self.notScheduled = notScheduled
        self.blocked = blocked
        self.longest = longest
        self.intervals = intervals
        self.split = split
    }
}
