import CLoopProbe
import Testing

@testable import LoopWatch

/// What the methods claim, against what the mechanisms prove of themselves.
@Suite struct ProbesTests {
    /// They once claimed that no stack could be taken, whatever the proof said.
    @Test func `stacks are claimed when they prove to work`() async throws {
        let methods = try await Probes.install(for: .allLoops).methods
        let works = lp_self_check(Int32(LP_STACKS.rawValue))
        #expect(methods.stacks == works)
        #expect(methods.notes.contains { $0.hasPrefix("no stacks") } == !works)
    }
}
