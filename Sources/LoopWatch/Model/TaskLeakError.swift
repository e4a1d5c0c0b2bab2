/// Tasks outlived the scope that they were made in.
public struct TaskLeakError: Error, Sendable {
    /// The tasks, in the order they were made.
    public let leakedTasks: [LeakedTask]
    /// Where the scope was opened.
    public let site: CallSite
    /// How long after the scope they were given to finish.
    public let grace: Duration
    /// What the reader should know, a sentence each.
    public let notes: [String]

    /// How many tasks there are.
    public var taskCount: Int { leakedTasks.count }

    /// Makes the error.
    ///
    /// - Parameters:
    ///   - leakedTasks: The tasks, in the order they were made.
    ///   - site: Where the scope was opened.
    ///   - grace: How long after the scope they were given to finish.
    ///   - notes: What the reader should know.
    public init(leakedTasks: [LeakedTask], site: CallSite, grace: Duration, notes: [String] = []) {
        self.leakedTasks = leakedTasks
        self.site = site
        self.grace = grace
        self.notes = notes
    }
}
