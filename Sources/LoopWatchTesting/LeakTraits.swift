#if canImport(Testing)
public import LoopWatch
public import Testing

extension Trait where Self == LeakTrait {
    /// Records an issue for whatever blocks an event loop or the cooperative pool.
    ///
    /// - Parameters:
    ///   - watched: What is watched.
    ///   - threshold: How long is too long.
    ///   - action: What is done with blocks; thrown ones are recorded at the line to blame.
    ///   - ignoring: Which blocks are excused.
    ///   - strict: Which calls that may block are found however short, one for each place.
    /// - Returns: The trait.
    public static func noEventLoopBlocking(
        _ watched: Watched = .everything,
        threshold: Duration = .milliseconds(10),
        action: WatchAction = .throw,
        ignoring: [IgnoreRule] = [],
        strict: Strictness = .off
    ) -> Self {
        let blocking = LeakChecks.Blocking(
            watched,
            threshold: threshold,
            action: action,
            ignoring: ignoring,
            strict: strict
        )
        let checks = LeakChecks(tasks: nil, threads: nil, blocking: blocking)
        return LeakTrait(checks: checks, kinds: [.blocking])
    }

    /// Records an issue for every task made in a test that has not finished after it.
    ///
    /// - Parameters:
    ///   - filter: Which tasks count.
    ///   - grace: How long after the test they may finish; over as soon as nothing is left.
    ///   - action: What is done with tasks; thrown ones are recorded at the line that made them.
    /// - Returns: The trait.
    public static func noTaskLeaks(
        named filter: NameFilter = .any,
        grace: Duration = .milliseconds(20),
        action: TaskLeakAction = .throw
    ) -> Self {
        let tasks = LeakChecks.Tasks(named: filter, grace: grace, action: action)
        return LeakTrait(checks: LeakChecks(tasks: tasks, threads: nil, blocking: nil), kinds: [.tasks])
    }

    /// Records an issue for every thread made during a test that still runs after it.
    ///
    /// Threads belong to nobody: those of a test beside it that bears no such trait are taken for its own.
    ///
    /// - Parameters:
    ///   - filter: Which threads count.
    ///   - grace: How long after the test they may end; over as soon as nothing is left.
    ///   - action: What is done with threads; thrown ones are recorded at the line that made them.
    /// - Returns: The trait.
    public static func noThreadLeaks(
        named filter: NameFilter = .any,
        grace: Duration = .milliseconds(100),
        action: WatchAction = .throw
    ) -> Self {
        let threads = LeakChecks.Threads(named: filter, grace: grace, action: action)
        return LeakTrait(checks: LeakChecks(tasks: nil, threads: threads, blocking: nil), kinds: [.threads])
    }

    /// Records an issue for everything that blocks, and for every task and thread that is left.
    public static var noLeaks: Self { noLeaks(LeakChecks()) }

    /// Records an issue for what blocks, and for tasks and threads that are left.
    ///
    /// - Parameters:
    ///   - tasks: Which tasks count; `nil` for none.
    ///   - threads: Which threads count; `nil` for none.
    ///   - blocking: How long a loop or a job may be busy; `nil` for any time.
    /// - Returns: The trait, which also turns off what a suite asks for and it does not.
    public static func noLeaks(
        tasks: NameFilter? = .any,
        threads: NameFilter? = .any,
        blocking: Duration? = .milliseconds(10)
    ) -> Self {
        noLeaks(
            LeakChecks(
                tasks: tasks.map { LeakChecks.Tasks(named: $0) },
                threads: threads.map { LeakChecks.Threads(named: $0) },
                blocking: blocking.map { LeakChecks.Blocking(threshold: $0) }
            )
        )
    }

    /// Records an issue for what checks find.
    ///
    /// - Parameter checks: What is looked for, and what is done with it.
    /// - Returns: The trait, which also turns off what a suite asks for and it does not.
    public static func noLeaks(_ checks: LeakChecks) -> Self {
        LeakTrait(checks: checks, kinds: Set(LeakTrait.Kind.allCases))
    }
}
#endif
