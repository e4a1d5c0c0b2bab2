/// What a detector has seen up to a moment.
public struct Snapshot: Sendable, Hashable, Codable {
    /// How loops and pool are watched.
    public var methods: Methods
    /// The threshold that blocks are judged by.
    public var threshold: Duration
    /// How long the detector has been watching.
    public var watchedFor: Duration
    /// The totals of each loop, and of each thread of the pool.
    public var loops: [LoopUsage]
    /// The blocks that are kept, oldest first.
    public var blocks: [LoopBlock]
    /// How many blocks were dropped because too many came.
    public var dropped: Int
    /// How many blocks were ignored by rule.
    public var ignored: Int
    /// Whether a debugger is attached: its pauses look like blocks.
    public var isTraced: Bool
    /// Ask with it as `since` to get what follows.
    public var next: Int

    /// The build IDs in hexadecimal digits by the names of the images that blocks lie in, for a symbolizer elsewhere;
    /// only where names are deferred.
    public var buildIDs: [String: String]

    /// Makes a snapshot.
    ///
    /// - Parameters:
    ///   - methods: How loops and pool are watched.
    ///   - threshold: The threshold that blocks are judged by.
    ///   - watchedFor: How long the detector has been watching.
    ///   - loops: The totals of each loop.
    ///   - blocks: The blocks that are kept, oldest first.
    ///   - dropped: How many blocks were dropped.
    ///   - ignored: How many blocks were ignored by rule.
    ///   - isTraced: Whether a debugger is attached.
    ///   - next: Ask with it as `since` to get what follows; `nil` for the newest block's number.
    ///   - buildIDs: The build IDs of images, by their names.
    public init(
        methods: Methods,
        threshold: Duration,
        watchedFor: Duration,
        loops: [LoopUsage] = [],
        blocks: [LoopBlock] = [],
        dropped: Int = 0,
        ignored: Int = 0,
        isTraced: Bool = false,
        next: Int? = nil,
        buildIDs: [String: String] = [:]
    ) {
        self.methods = methods
        self.threshold = threshold
        self.watchedFor = watchedFor
        self.loops = loops
        self.blocks = blocks
        self.dropped = dropped
        self.ignored = ignored
        self.isTraced = isTraced
        self.next = next ?? blocks.last?.id ?? 0
        self.buildIDs = buildIDs
    }
}
