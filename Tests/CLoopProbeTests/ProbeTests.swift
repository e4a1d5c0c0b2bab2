import CLoopProbe
import Testing

/// All tests of the probe, one after the other: threshold, rings and shield count belong to the process.
@Suite(.serialized) struct ProbeTests {
    @Test func `the clock does not go back`() {
        let first = lp_now()
        #expect(lp_now() >= first)
    }
}
