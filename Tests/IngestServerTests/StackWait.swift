import Dispatch
import Synchronization

/// Lets a thread wait until stacks have been taken of it, so that it blocks for as long as it must and no longer.
final class StackWait: Sendable {
    /// Long enough for any machine; a wait that comes to its end has shown that nothing watches.
    private static let patience = DispatchTimeInterval.seconds(30)
    /// One may miss: it came late, or the thread did not answer in time.
    private static let enough = 5

    private let missing = Mutex(0)
    private let taken = DispatchSemaphore(value: 0)
    private let ends: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init() { (ends, end) = AsyncStream.makeStream(of: Void.self) }

    /// Whether enough stacks have been taken.
    var isOver: Bool { missing.withLock { $0 == 0 } }

    /// Begins to count, for a thread that is kept busy otherwise.
    func begin() { missing.withLock { $0 = Self.enough } }

    /// Blocks the calling thread until enough stacks have been taken.
    func block() {
        begin()
        _ = taken.wait(timeout: .now() + Self.patience)
    }

    /// Suspends until enough stacks have been taken.
    func suspend() async {
        begin()
        for await _ in ends { break }
    }

    /// Counts a stack; called by whoever takes them.
    func stackWasTaken() {
        let isLast = missing.withLock { missing in
            guard missing > 0 else { return false }
            missing -= 1
            return missing == 0
        }
        guard isLast else { return }
        taken.signal()
        end.yield()
    }
}
