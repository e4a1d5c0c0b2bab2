/// Something blocked an event loop or the cooperative pool.
public struct EventLoopBlockError: Error, Sendable {
    /// What blocked, in order of its start.
    public let blocks: [LoopBlock]
    /// Where the scope was opened.
    public let site: CallSite
    /// How loops and pool were watched; `nil` if that isn't known.
    public let methods: Methods?

    /// What the reader should know, a sentence each.
    public let notes: [String]

    /// How many blocks there are.
    public var blockCount: Int { blocks.count }

    /// Makes the error.
    ///
    /// - Parameters:
    ///   - blocks: What blocked, in order of its start.
    ///   - site: Where the scope was opened.
    ///   - methods: How loops and pool were watched.
    ///   - notes: What the reader should know.
    public init(blocks: [LoopBlock], site: CallSite, methods: Methods? = nil, notes: [String] = []) {
        self.blocks = blocks
        self.site = site
        self.methods = methods
        self.notes = notes
    }
}
