/// How loops and pool are watched, what is missing and why.
///
/// It claims only what was shown to work in this process.
public struct Methods: Sendable, Hashable, Codable {
    /// How event loops are watched.
    public enum Loops: String, Sendable, Hashable, Codable {
        /// By their own entering and leaving of the wait for events.
        case probe
        /// By pings.
        case heartbeat
        /// Not at all.
        case none
    }

    /// How the cooperative pool is watched.
    public enum Pool: String, Sendable, Hashable, Codable {
        /// By the start and the end of every job.
        case probe
        /// Not at all.
        case none
    }

    /// How event loops are watched.
    public var loops: Loops
    /// How the cooperative pool is watched.
    public var pool: Pool
    /// Whether stacks can be taken.
    public var stacks: Bool
    /// Whether it is known how long a thread had no processor.
    public var cpuSplit: Bool
    /// Whether the names of tasks can be read.
    public var taskNames: Bool
    /// What is missing and why, a sentence each.
    public var notes: [String]

    /// Makes a description of the methods.
    ///
    /// - Parameters:
    ///   - loops: How event loops are watched.
    ///   - pool: How the cooperative pool is watched.
    ///   - stacks: Whether stacks can be taken.
    ///   - cpuSplit: Whether it is known how long a thread had no processor.
    ///   - taskNames: Whether the names of tasks can be read.
    ///   - notes: What is missing and why.
    public init(
        loops: Loops,
        pool: Pool,
        stacks: Bool,
        cpuSplit: Bool,
        taskNames: Bool,
        notes: [String] = []
    ) {
        self.loops = loops
        self.pool = pool
        self.stacks = stacks
        self.cpuSplit = cpuSplit
        self.taskNames = taskNames
        self.notes = notes
    }
}
