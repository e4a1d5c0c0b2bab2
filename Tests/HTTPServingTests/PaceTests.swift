import HTTPServing
import NIOCore
import Testing

struct PaceTests {
    private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    private func tracker() -> PaceTracker { PaceTracker(limits: ServerLimits()) }

    @Test func `a head that trickles is slow after its time and not before`() {
        var pace = tracker()
        #expect(pace.headEnd == nil)
        for second in 0..<10 {
            pace.clientSent(1, at: Self.at(Int64(second)))
            #expect(pace.verdict(at: Self.at(Int64(second))) == .fine)
        }
        #expect(pace.headEnd == Self.at(10))
        #expect(pace.verdict(at: Self.at(10)) == .slowHead)
    }

    @Test func `a head that ended has no time to keep`() {
        var pace = tracker()
        pace.clientSent(100, at: Self.at(0))
        pace.headEnded()
        #expect(pace.verdict(at: Self.at(1000)) == .fine)
        pace.requestEnded()
        #expect(pace.verdict(at: Self.at(2000)) == .fine)
    }

    @Test(arguments: [(30 * 1024 - 1, PaceTracker.Verdict.slowBody), (30 * 1024, .fine)])
    func `a body must bring a kilobyte a second while it is waited for`(
        bytes: Int,
        verdict: PaceTracker.Verdict
    ) {
        var pace = tracker()
        pace.clientSent(100, at: Self.at(0))
        pace.headEnded()
        pace.bodyIsAwaited(at: Self.at(0))
        pace.clientSent(bytes, at: Self.at(15))
        #expect(pace.verdict(at: Self.at(29)) == .fine)
        #expect(pace.verdict(at: Self.at(30)) == verdict)
    }

    @Test func `each stretch of a body is judged by itself`() {
        var pace = tracker()
        pace.headEnded()
        pace.bodyIsAwaited(at: Self.at(0))
        pace.clientSent(1 << 30, at: Self.at(1))
        #expect(pace.verdict(at: Self.at(30)) == .fine)
        #expect(pace.verdict(at: Self.at(59)) == .fine)
        #expect(pace.verdict(at: Self.at(60)) == .slowBody)
    }

    @Test func `a body that the server holds back is never slow`() {
        var pace = tracker()
        pace.headEnded()
        pace.bodyIsAwaited(at: Self.at(0))
        pace.bodyCame(at: Self.at(1))
        #expect(pace.verdict(at: Self.at(10_000)) == .fine)
        pace.bodyIsAwaited(at: Self.at(10_000))
        #expect(pace.verdict(at: Self.at(10_028)) == .fine)
        #expect(pace.verdict(at: Self.at(10_029)) == .slowBody)
    }

    @Test func `a client has its time again after a look that came late`() {
        var pace = tracker()
        pace.clientSent(1, at: Self.at(0))
        pace.startAnew(at: Self.at(100))
        #expect(pace.verdict(at: Self.at(109)) == .fine)
        #expect(pace.verdict(at: Self.at(110)) == .slowHead)
    }
}
