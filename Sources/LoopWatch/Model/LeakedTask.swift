/// A task that had not finished when its scope closed.
public struct LeakedTask: Sendable {
    /// The runtime's number of the task.
    public var id: UInt
    /// The task's name, if it was given one.
    public var name: String?
    /// Where it was made, innermost first; empty if that wasn't asked for.
    public var creationStack: [StackFrame]
    /// Where it is suspended, innermost first; empty if that is unknown.
    public var currentStack: [StackFrame]
    private let cancellation: @Sendable () -> Void

    /// Makes a record of a leaked task.
    ///
    /// - Parameters:
    ///   - id: The runtime's number of the task.
    ///   - name: The task's name.
    ///   - creationStack: Where it was made.
    ///   - currentStack: Where it is suspended.
    ///   - cancellation: Cancels the task.
    public init(
        id: UInt,
        name: String?,
        creationStack: [StackFrame],
        currentStack: [StackFrame],
        cancellation: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.name = name
        self.creationStack = creationStack
        self.currentStack = currentStack
        self.cancellation = cancellation
    }

    /// Cancels the task.
    ///
    /// A task that never looks whether it is cancelled goes on.
    public func cancel() { cancellation() }
}
