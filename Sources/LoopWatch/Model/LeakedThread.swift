/// A thread that was still running when its scope closed.
public struct LeakedThread: Sendable, Hashable, Codable {
    /// The thread's number in the kernel.
    public var id: Int
    /// The thread's name, of 15 bytes at the most.
    public var name: String
    /// Where it was made, innermost first; empty if that is unknown.
    public var creationStack: [StackFrame]

    /// Makes a record of a leaked thread.
    ///
    /// - Parameters:
    ///   - id: The thread's number in the kernel.
    ///   - name: The thread's name.
    ///   - creationStack: Where it was made.
    public init(id: Int, name: String, creationStack: [StackFrame]) {
        self.id = id
        self.name = name
        self.creationStack = creationStack
    }
}
