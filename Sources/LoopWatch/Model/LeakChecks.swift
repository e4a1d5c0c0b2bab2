/// What ``withNoLeaks(_:file:function:line:isolation:_:)`` looks for.
public struct LeakChecks: Sendable {
    /// How tasks are looked for.
    public struct Tasks: Sendable {
        /// Which tasks count.
        public var named: NameFilter
        /// How long after the scope they may finish.
        public var grace: Duration
        /// What to do with those that are left.
        public var action: TaskLeakAction
        /// Whether to note where each was made.
        public var creationStacks: Bool

        /// Makes the check.
        ///
        /// - Parameters:
        ///   - named: Which tasks count.
        ///   - grace: How long after the scope they may finish.
        ///   - action: What to do with those that are left.
        ///   - creationStacks: Whether to note where each was made.
        public init(
            named: NameFilter = .any,
            grace: Duration = .milliseconds(20),
            action: TaskLeakAction = .throw,
            creationStacks: Bool = true
        ) {
            self.named = named
            self.grace = grace
            self.action = action
            self.creationStacks = creationStacks
        }
    }

    /// How threads are looked for.
    public struct Threads: Sendable {
        /// Which threads count.
        public var named: NameFilter
        /// How long after the scope they may end.
        public var grace: Duration
        /// What to do with those that are left.
        public var action: WatchAction
        /// Whether threads of the runtime, of dispatch and of NIO's singletons count.
        public var includingRuntimeThreads: Bool

        /// Makes the check.
        ///
        /// - Parameters:
        ///   - named: Which threads count.
        ///   - grace: How long after the scope they may end.
        ///   - action: What to do with those that are left.
        ///   - includingRuntimeThreads: Whether threads of the runtime count.
        public init(
            named: NameFilter = .any,
            grace: Duration = .milliseconds(100),
            action: WatchAction = .throw,
            includingRuntimeThreads: Bool = false
        ) {
            self.named = named
            self.grace = grace
            self.action = action
            self.includingRuntimeThreads = includingRuntimeThreads
        }
    }

    /// How blocks are looked for.
    public struct Blocking: Sendable {
        /// What is watched.
        public var watched: Watched
        /// How long a loop may be busy.
        public var threshold: Duration
        /// What to do with blocks.
        public var action: WatchAction
        /// Which blocks are excused.
        public var ignoring: [IgnoreRule]
        /// Whose blocks count; `nil` for everyone's.
        public var caller: CallerContext?
        /// Which calls are reported at once.
        public var strict: Strictness

        /// Makes the check.
        ///
        /// - Parameters:
        ///   - watched: What is watched.
        ///   - threshold: How long a loop may be busy.
        ///   - action: What to do with blocks.
        ///   - ignoring: Which blocks are excused.
        ///   - caller: Whose blocks count.
        ///   - strict: Which calls are reported at once.
        public init(
            _ watched: Watched = .everything,
            threshold: Duration = .milliseconds(10),
            action: WatchAction = .throw,
            ignoring: [IgnoreRule] = [],
            onlyFrom caller: CallerContext? = nil,
            strict: Strictness = .off
        ) {
            self.watched = watched
            self.threshold = threshold
            self.action = action
            self.ignoring = ignoring
            self.caller = caller
            self.strict = strict
        }
    }

    /// How tasks are looked for; `nil` if they aren't.
    public var tasks: Tasks?
    /// How threads are looked for; `nil` if they aren't.
    public var threads: Threads?
    /// How blocks are looked for; `nil` if they aren't.
    public var blocking: Blocking?

    /// Makes the checks, all on unless told otherwise.
    ///
    /// - Parameters:
    ///   - tasks: How tasks are looked for.
    ///   - threads: How threads are looked for.
    ///   - blocking: How blocks are looked for.
    public init(
        tasks: Tasks? = Tasks(),
        threads: Threads? = Threads(),
        blocking: Blocking? = Blocking()
    ) {
        self.tasks = tasks
        self.threads = threads
        self.blocking = blocking
    }
}
