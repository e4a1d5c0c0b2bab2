import LoopWatch
import Testing

@Suite struct BlameTests {
    @Test func `the innermost frame of the user's is blamed, with what it called`() {
        let outer = Recorded.user("outer()", "App/App.swift", line: 3)
        let blame = Blame([Recorded.usleep, Recorded.ingestBlocking, outer])
        #expect(blame.frame == Recorded.ingestBlocking)
        #expect(blame.callee == Recorded.usleep)
    }

    @Test func `a frame that called nothing has no callee`() {
        let blame = Blame([Recorded.ingestBlocking])
        #expect(blame.frame == Recorded.ingestBlocking)
        #expect(blame.callee == nil)
    }

    @Test func `a call further out goes before an async caller further in`() {
        let outer = Recorded.user("outer()", "App/App.swift", line: 3)
        let blame = Blame([Recorded.usleep, Recorded.handleRequest, outer])
        #expect(blame.frame == outer)
    }

    @Test func `without a call of the user's the nearest async caller is blamed`() {
        let inner = Recorded.foreign("sleepy", "NIOCore")
        let blame = Blame([Recorded.usleep, inner, Recorded.handleRequest])
        #expect(blame.frame == Recorded.handleRequest)
        #expect(blame.callee == inner)
    }

    @Test func `an inlined frame of the user's can be blamed`() {
        let inlined = Recorded.user("inlined()", "App/App.swift", line: 3, kind: .inlined)
        #expect(Blame([Recorded.usleep, inlined, Recorded.ingestBlocking]).frame == inlined)
    }

    @Test func `a stack without a frame of the user's blames nobody and keeps the innermost as callee`() {
        let blame = Blame([Recorded.usleep, Recorded.foreign("run", "NIOPosix")])
        #expect(blame.frame == nil)
        #expect(blame.callee == Recorded.usleep)
    }

    @Test func `two lines of one loop are one cause, two calls from one function are two`() {
        let (first, second) = (
            Recorded.user("f()", "App/App.swift", line: 3), Recorded.user("f()", "App/App.swift", line: 4)
        )
        #expect(Blame([first]).key == Blame([second]).key)
        #expect(Blame([Recorded.usleep, first]).key != Blame([Recorded.usleep, second]).key)
    }

    @Test(arguments: ["lp_usleep", "usleep"])
    func `a frame of the probe stands for its call`(name: String) {
        let own = StackFrame(
            function: name,
            file: "/work/main/Sources/CLoopProbe/shields.c",
            line: 12
        )
        let inner = StackFrame(function: "__GI___clock_nanosleep", module: "libc.so.6")
        let frames = ProbeFrames.removed(from: [inner, own, Recorded.ingestBlocking])
        #expect(frames.map(\.fullName) == ["usleep", "ingestBlocking(_:)"])
        #expect(Blame(frames).callee?.function == "usleep")
        #expect(ProbeFrames.call(in: [inner, own, Recorded.ingestBlocking]) == "clock_nanosleep")
    }

    @Test func `the probe's function that runs a job vanishes, and nothing further in with it`() {
        let runner = StackFrame(function: "lp_run_job")
        let frames = [Recorded.usleep, Recorded.ingestBlocking, runner, Recorded.handleRequest]
        let expected = [Recorded.usleep, Recorded.ingestBlocking, Recorded.handleRequest]
        #expect(ProbeFrames.removed(from: frames) == expected)
        let foreign = [Recorded.usleep, runner, Recorded.handleRequest]
        #expect(ProbeFrames.removed(from: foreign) == [Recorded.usleep, Recorded.handleRequest])
    }

    @Test func `a wait in the user's own code is no call`() {
        #expect(ProbeFrames.call(in: [Recorded.ingestBlocking]) == nil)
        #expect(ProbeFrames.call(in: []) == nil)
    }
}
