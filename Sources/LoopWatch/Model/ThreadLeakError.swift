/// Threads outlived the scope that they were made in.
public struct ThreadLeakError: Error, Sendable {
    /// The threads, in the order of their numbers.
    public let leakedThreads: [LeakedThread]
    /// Where the scope was opened.
    public let site: CallSite
    /// What the reader should know, a sentence each.
    public let notes: [String]

    /// How many threads there are.
    public var threadCount: Int { leakedThreads.count }

    /// Makes the error.
    ///
    /// - Parameters:
    ///   - leakedThreads: The threads, in the order of their numbers.
    ///   - site: Where the scope was opened.
    ///   - notes: What the reader should know.
    public init(leakedThreads: [LeakedThread], site: CallSite, notes: [String] = []) {
        self.leakedThreads = leakedThreads
        self.site = site
        self.notes = notes
    }
}
