#if canImport(Testing)
public import LoopWatch
public import Testing

/// Watches each test that bears it, or whose suite does, and records an issue for every finding.
///
/// A test's own trait takes precedence over its suite's, for blocks, tasks and threads each by itself. Tests take
/// turns unless they watch nothing but loops of groups of their own.
public struct LeakTrait: TestTrait, SuiteTrait, TestScoping {
    /// What a trait speaks of.
    enum Kind: Sendable { case blocking, tasks, threads }

    /// Tells traits with equal checks apart.
    private final class Identity: Sendable {}

    let checks: LeakChecks
    let kinds: Set<Kind>
    private let identity = Identity()

    /// Tests of a suite inherit the trait.
    public var isRecursive: Bool { true }

    init(checks: LeakChecks, kinds: Set<Kind>) {
        self.checks = checks
        self.kinds = kinds
    }

    /// Makes the nearest of a test's traits watch for all of them.
    ///
    /// - Parameters:
    ///   - test: The test.
    ///   - testCase: The test with its arguments; `nil` for the test as a whole.
    /// - Returns: This trait, if it is the nearest one of the test.
    public func scopeProvider(for test: Test, testCase: Test.Case?) -> LeakTrait? {
        guard !test.isSuite, testCase != nil else { return nil }
        let nearest = test.traits.lazy.compactMap { $0 as? LeakTrait }.last
        return nearest?.identity === identity ? self : nil
    }

    /// Watches one test.
    ///
    /// - Parameters:
    ///   - test: The test.
    ///   - testCase: The test with its arguments.
    ///   - function: Runs it.
    /// - Throws: What the test threw, or ``LoopWatchError``.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let traits = test.traits.compactMap { $0 as? LeakTrait }
        try await WatchedTest(test: test, traits: traits).run(function)
    }
}

extension Trait where Self == LeakTrait {
    /// Records an issue for whatever blocks an event loop or the cooperative pool.
    ///
    /// - Parameters:
    ///   - watched: What is watched.
    ///   - threshold: How long is too long.
    ///   - action: What is done with blocks; thrown ones are recorded at the line to blame.
    ///   - ignoring: Which blocks are excused.
    /// - Returns: The trait.
    public static func noEventLoopBlocking(
        _ watched: Watched = .everything,
        threshold: Duration = .milliseconds(10),
        action: WatchAction = .throw,
        ignoring: [IgnoreRule] = []
    ) -> Self {
        let blocking = LeakChecks.Blocking(watched, threshold: threshold, action: action, ignoring: ignoring)
        let checks = LeakChecks(tasks: nil, threads: nil, blocking: blocking)
        return LeakTrait(checks: checks, kinds: [.blocking])
    }
}
#endif
