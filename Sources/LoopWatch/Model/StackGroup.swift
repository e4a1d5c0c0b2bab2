/// The blocks with one blame and callee; calls that may block are apart from busy intervals.
public struct StackGroup: Sendable, Hashable, Codable {
    /// The user's function that is to blame.
    public var blame: StackFrame?
    /// The function that it called.
    public var callee: StackFrame?
    /// The stack of the longest of the blocks.
    public var stack: [StackFrame]
    /// The call that may block, in strict mode; nil for busy intervals.
    public var call: String?
    /// How many blocks there are, or how often the call was made.
    public var count: Int
    /// How long they blocked together.
    public var total: Duration
    /// How long the longest of them blocked.
    public var longest: Duration
    /// Their numbers, in order.
    public var ids: [Int]

    /// Makes a group.
    ///
    /// - Parameters:
    ///   - blame: The user's function that is to blame.
    ///   - callee: The function that it called.
    ///   - stack: The stack of the longest of the blocks.
    ///   - call: The call that may block; nil for busy intervals.
    ///   - count: How many blocks there are, or how often the call was made.
    ///   - total: How long they blocked together.
    ///   - longest: How long the longest of them blocked.
    ///   - ids: Their numbers, in order.
    public init(
        blame: StackFrame?,
        callee: StackFrame?,
        stack: [StackFrame],
        call: String? = nil,
        count: Int,
        total: Duration,
        longest: Duration,
        ids: [Int]
    ) {
        self.blame = blame
        self.callee = callee
        self.stack = stack
        self.call = call
        self.count = count
        self.total = total
        self.longest = longest
        self.ids = ids
    }
}
