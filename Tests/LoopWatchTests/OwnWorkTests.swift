import Testing

@testable import LoopWatch

/// What LoopWatch does itself is nobody's fault.
@Suite struct OwnWorkTests {
    private static func own(_ function: String, kind: StackFrame.Kind = .call) -> StackFrame {
        var frame = StackFrame(function: function, module: "ingest-bench", kind: kind)
        frame.isOwn = true
        return frame
    }

    private static let join = StackFrame(function: "pthread_join", module: "libc.so.6")
    static let closing = [join, own("WatchThread.join()"), own("BlockScope.close()")]

    @Test func `the innermost of LoopWatch's and the user's functions decides whose work it is`() {
        let user = Recorded.ingestBlocking
        #expect(OwnWork.frame(in: Self.closing + [user])?.function == "WatchThread.join()")
        #expect(OwnWork.frame(in: [Recorded.usleep, user] + Self.closing) == nil)
        #expect(OwnWork.frame(in: [Recorded.usleep, Recorded.foreign("run", "NIOCore")]) == nil)
        #expect(OwnWork.frame(in: [Recorded.usleep, Self.own("close()", kind: .asyncCaller)]) == nil)
    }

    @Test(arguments: ["withWatchedJob<A>(_:_:)", "withNoThreadLeaks<A>(named:grace:)"])
    func `a function that runs someone's body is no work of its own`(function: String) {
        let frames = [Recorded.usleep, Recorded.foreign("run", "NIOCore"), Self.own(function)]
        #expect(OwnWork.frame(in: frames) == nil)
        #expect(ProbeFrames.removed(from: frames) == Array(frames.dropLast()))
    }

    @Test func `nobody is blamed for LoopWatch's work, and its stack keeps what it was`() {
        let frames = Self.closing + [Recorded.ingestBlocking]
        #expect(ProbeFrames.removed(from: frames) == frames)
        #expect(Blame(frames).frame == nil)
        #expect(Blame(frames).callee?.function == "WatchThread.join()")
    }

    @Test func `LoopWatch's frames around the user's work aren't shown`() {
        let around = [
            Self.own("withNoEventLoopBlocking<A>(_:)", kind: .asyncCaller), Self.own("BlockScope.run()"),
        ]
        let frames = [Recorded.usleep, Recorded.ingestBlocking] + around + [Recorded.handleRequest]
        #expect(
            ProbeFrames.removed(from: frames) == [
                Recorded.usleep, Recorded.ingestBlocking, Recorded.handleRequest,
            ]
        )
    }

    @Test func `an interval of LoopWatch's work is no block`() {
        let samples = [10, 20].map { Recorded.sample($0, Self.closing + [Recorded.ingestBlocking]) }
        #expect(Classifier().judge(Recorded.interval(30, samples: samples), firstID: 1) == .init())
    }

    @Test(arguments: [(40, 1), (24, 0)])
    func `LoopWatch's part of an interval doesn't make the user's too long`(duration: Int, blocks: Int) {
        // The boundary is at 15 ms.
        let samples = [
            Recorded.sample(10, Self.closing), Recorded.sample(20, Recorded.stack("works", calling: nil)),
        ]
        let outcome = Classifier().judge(Recorded.interval(duration, samples: samples), firstID: 1)
        #expect(outcome.blocks.count == blocks)
        #expect(outcome.blocks.allSatisfy { $0.blame?.function == "works()" })
        #expect(outcome.ignored == 0)
    }

    @Test(arguments: [
        ("$s9LoopWatch8WatchdogC6removeyySiF", true), ("$s16LoopWatchTesting9LeakTraitV", true),
        ("$s14LoopWatchTests4realyyF", false), ("usleep", false), ("$s4Shop4cartyyF", false),
    ])
    func `a function is LoopWatch's by its module`(symbol: String, isOwn: Bool) {
        #expect(FunctionName.isOwn(symbol: symbol) == isOwn)
    }

    @Test func `a named frame knows that it is LoopWatch's`() {
        let name = FrameName(function: "Watchdog.remove(_:)", symbol: "$s9LoopWatch8WatchdogC6removeyySiF")
        let frames = FrameAssembly.frames(address: 1, kind: .returnAddress, name: name, places: [])
        #expect(frames.map(\.isOwn) == [true])
    }
}
