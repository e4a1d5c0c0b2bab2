#if canImport(Testing)
package import LoopWatch
public import Testing

/// Watches each test that bears it, or whose suite does, and records an issue for every finding.
///
/// A test's own trait takes precedence over its suite's, for blocks, tasks and threads each by itself. Tests take
/// turns unless they watch nothing but loops of groups of their own.
public struct LeakTrait: TestTrait, SuiteTrait, TestScoping {
    /// What a trait speaks of.
    enum Kind: Sendable, CaseIterable { case blocking, tasks, threads }

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
    /// - Throws: What the test threw, or `LoopWatchError`.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let checks = LeakTrait.nearest(of: test.traits.compactMap { $0 as? LeakTrait })
        try await WatchedTest(test: test, checks: checks).run(function)
    }

    /// The checks that a test asks for: of each kind the nearest, which may turn it off.
    ///
    /// - Parameter traits: The test's traits, the nearest last.
    /// - Returns: The checks.
    package static func nearest(of traits: [LeakTrait]) -> LeakChecks {
        func nearest(_ kind: Kind) -> LeakChecks? { traits.last { $0.kinds.contains(kind) }?.checks }
        return LeakChecks(
            tasks: nearest(.tasks)?.tasks,
            threads: nearest(.threads)?.threads,
            blocking: nearest(.blocking)?.blocking
        )
    }
}
#endif
