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

    /// The probe's `usleep` as it is named: with its file, or before that is known.
    @Test(arguments: [
        StackFrame(function: "lp_usleep"), StackFrame(function: "usleep", module: "ingest-bench"),
        StackFrame(function: "usleep", file: "/home/me/service/Sources/CLoopProbe/shields_sleep.c", line: 38),
    ])
    func `frames of the probe stand for the call`(own: StackFrame) {
        let inside = ["syscall", "clock_nanosleep", "nanosleep"].map { name in
            StackFrame(function: name, module: name == "syscall" ? "libc.so.6" : "ingest-bench")
        }
        let frames = inside + [own, Recorded.ingestBlocking]
        #expect(ProbeFrames.removed(from: frames).map(\.fullName) == ["usleep", "ingestBlocking(_:)"])
        #expect(ProbeFrames.call(in: frames) == "clock_nanosleep")
    }

    @Test func `a function of the probe within a call goes with it`() {
        let path = "/home/me/service/Sources/CLoopProbe/shields_poll.c"
        let frames = [
            StackFrame(function: "syscall", module: "libc.so.6"),
            StackFrame(function: "wait_for_files", file: path, line: 18),
            StackFrame(function: "__poll_chk", file: path, line: 43),
            StackFrame(function: "curl_multi_poll", module: "libcurl.so.4"), Recorded.ingestBlocking,
        ]
        let names = ProbeFrames.removed(from: frames).map(\.nameText)
        #expect(names == ["poll", "curl_multi_poll", "ingestBlocking"])
        #expect(ProbeFrames.call(in: frames) == "poll")
    }

    @Test func `the C library's own calls keep their frames and their plain name`() {
        let frames = [
            StackFrame(function: "__GI___clock_nanosleep", module: "libc.so.6"),
            StackFrame(function: "usleep", module: "libc.so.6"), Recorded.ingestBlocking,
        ]
        #expect(ProbeFrames.removed(from: frames) == frames)
        #expect(ProbeFrames.call(in: frames) == "clock_nanosleep")
        #expect(ProbeFrames.call(in: [StackFrame(function: "syscall")] + frames) == "clock_nanosleep")
    }

    @Test func `the probe's functions further out vanish, and nothing further in with them`() {
        let runner = StackFrame(
            function: "run_job",
            file: "/home/me/service/Sources/CLoopProbe/jobs.c",
            line: 1
        )
        let own = Recorded.user("sleep()", "App/App.swift", line: 1)
        for inside in [[Recorded.usleep, own], [Recorded.usleep, Recorded.foreign("f", "NIOCore")]] {
            let frames = inside + [runner, StackFrame(function: "lp_job"), Recorded.handleRequest]
            #expect(ProbeFrames.removed(from: frames) == inside + [Recorded.handleRequest])
        }
    }

    @Test func `a wait in the user's own code is no call`() {
        #expect(ProbeFrames.call(in: [Recorded.ingestBlocking]) == nil)
        #expect(ProbeFrames.call(in: []) == nil)
    }
}
