import CLoopProbe
import Foundation
import Synchronization
import Testing

@testable import LoopWatch

/// The totals of threads, from counters that the threads keep themselves.
@Suite struct LoopTotalsTests {
    private static let methods = Methods(
        loops: .probe,
        pool: .none,
        stacks: false,
        cpuSplit: false,
        taskNames: false
    )

    /// Runs something on a thread of its own, and waits until it has ended.
    private func onThread(_ body: @escaping @Sendable () -> LoopTotals) -> LoopTotals? {
        let result = Mutex<LoopTotals?>(nil)
        let hasEnded = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let totals = body()
            result.withLock { $0 = totals }
            hasEnded.signal()
        }
        hasEnded.wait()
        return result.withLock { $0 }
    }

    /// Such threads once counted from the first look at them on, so that a server's first minutes were lost.
    @Test func `a thread that is watched after the start counts from its own start`() throws {
        let probes = Probes(methods: Self.methods, hasAllLoops: true, hasPool: false)
        let totals = onThread {
            var totals = LoopTotals()
            totals.update(probes)
            for _ in 0..<1000 { withWatchedJob("late-job") {} }
            totals.update(probes)
            lp_unregister()
            return totals
        }
        let usage = try #require(totals?.usages.first { $0.name == "late-job" })
        #expect(usage.busy > .zero)
    }

    @Test func `what a thread did before the start does not count`() throws {
        let probes = Probes(methods: Self.methods, hasAllLoops: true, hasPool: false)
        let totals = onThread {
            for _ in 0..<1000 { withWatchedJob("early-job") {} }
            var totals = LoopTotals()
            totals.update(probes)
            totals.update(probes)
            lp_unregister()
            return totals
        }
        let usage = try #require(totals?.usages.first { $0.name == "early-job" })
        #expect(usage.busy == .zero)
    }
}
