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
        let (samples, sample) = AsyncStream.makeStream(of: Void.self)
        let scope = try await BlockScope.open(
            .concurrencyPool,
            threshold: threshold,
            sampled: { _ in sample.finish() }
        )
        let job = Task { waitsPastTheScope(gate) }
        // A stack is taken once the threshold has passed.
        for await _ in samples {}
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
