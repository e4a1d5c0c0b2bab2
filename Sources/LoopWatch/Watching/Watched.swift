public import NIOCore

/// What is watched: event loops, the cooperative pool, or both.
public struct Watched: Sendable {
    /// Whether every event loop of the process is.
    var hasAllLoops = false
    /// Whether the cooperative pool is.
    var hasPool = false
    /// Whether the pool was asked for by name: that it can't be watched is an error then, not a note.
    var needsPool = false
    /// Groups whose loops are watched.
    var groups: [any EventLoopGroup] = []

    /// Every event loop and the cooperative pool.
    public static let everything = Watched(hasAllLoops: true, hasPool: true)

    /// Every event loop.
    public static let allLoops = Watched(hasAllLoops: true)

    /// The threads that Swift runs tasks on.
    public static let concurrencyPool = Watched(hasPool: true, needsPool: true)

    /// The loops of one group.
    ///
    /// - Parameter group: The group, which is running.
    /// - Returns: Its loops.
    public static func loops(of group: any EventLoopGroup) -> Watched {
        Watched(groups: [group])
    }

    /// Both.
    ///
    /// - Parameter other: What else to watch.
    /// - Returns: What either of them watches.
    public func union(_ other: Watched) -> Watched {
        Watched(
            hasAllLoops: hasAllLoops || other.hasAllLoops,
            hasPool: hasPool || other.hasPool,
            needsPool: needsPool || other.needsPool,
            groups: groups + other.groups
        )
    }

    /// Whether nothing but loops of named groups is watched, so that other tests can't be seen.
    package var isConfinedToGroups: Bool { !hasAllLoops && !hasPool && !groups.isEmpty }
}
