import CLoopProbe
import Dispatch
import Testing

@testable import LoopWatch

#if os(Linux)
/// What still blocks when the scope that watches it ends.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct OngoingBlockTests {
    @Test func `a job of the scope's own that blocks past its end is reported as going on`() async throws {
        let threshold = Duration.milliseconds(5)
        let gate = DispatchSemaphore(value: 0)
        let scope = try await BlockScope.open(.concurrencyPool, threshold: threshold)
        let job = Task { waitsPastTheScope(gate) }
        // Other jobs of the process may be long, too: only this one belongs to a scope. It ends well over the
        // threshold, as the time for which the thread had no processor is taken off.
        let length = (threshold * 8).clockNanoseconds
        while await !Watchdog.shared.ask({ rounds in
            rounds.ongoing(longerThan: length, begunBefore: lp_now()).contains {
                $0.kind == LP_POOL && $0.scopes != 0 && !$0.samples.isEmpty
            }
        }) { await Task.yield() }
        let sight = await scope.close()
        gate.signal()
        await job.value
        let found = await BlockFinder(threshold: threshold).blocks(in: sight)
        let block = try #require(found.first { $0.blame?.function == "waitsPastTheScope(_:)" })
        #expect(block.isOngoing)
        #expect(block.kind == .concurrencyPool)
    }
}

@inline(never) private func waitsPastTheScope(_ gate: DispatchSemaphore) {
    gate.wait()
}
#endif
