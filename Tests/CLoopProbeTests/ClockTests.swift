import CLoopProbe
import Testing

@Test func `the clock does not go back`() {
    let first = lp_now()
    #expect(lp_now() >= first)
}
