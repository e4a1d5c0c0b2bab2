import Foundation
import Testing

@testable import LoopWatch

/// How calls that may block are judged, grouped and shown.
@Suite struct StrictOutputTests {
    /// A call of `read` that took 0.2 ms, long after the threshold's interval began.
    private static func call(_ frames: [StackFrame] = Recorded.stack("asks", calling: read), calls: Int = 1)
        -> RecordedInterval
    {
        RecordedInterval(
            number: 3,
            kind: .blockingCall,
            thread: "pool-3",
            threadID: 4712,
            start: .milliseconds(1000),
            end: .microseconds(1_000_200),
            startUnixNanoseconds: 1_795_363_200_000_000_000,
            before: RecordedAccounts(offset: .zero, cpu: .zero, wait: .zero),
            after: RecordedAccounts(offset: .microseconds(200), cpu: .microseconds(10), wait: .zero),
            samples: [RecordedSample(offset: .microseconds(200), frames: frames)],
            threshold: .milliseconds(10),
            call: "read",
            calls: calls
        )
    }

    private static let read = StackFrame(function: "read", module: "ingest-bench")

    private static func blocks(_ interval: RecordedInterval, firstID: Int = 1) -> [LoopBlock] {
        Classifier().judge(interval, firstID: firstID).blocks
    }

    @Test func `a call is a block whatever the threshold`() throws {
        let block = try #require(Self.blocks(Self.call(calls: 12)).first)
        #expect(block.kind == .blockingCall)
        #expect(block.call == "read" && block.calls == 12)
        #expect(block.duration == .microseconds(200) && block.waiting == .microseconds(190))
    }

    @Test func `a call is excused like a block`() {
        let outcome = Classifier(ignoring: [.symbol("asks")]).judge(Self.call(), firstID: 1)
        #expect(outcome == .init(blocks: [], ignored: 1))
    }

    @Test func `a call reads as what was called, where, and how often`() {
        let error = EventLoopBlockError(blocks: Self.blocks(Self.call(calls: 12)), site: Recorded.site)
        #expect(
            error.description == """
                LoopWatch: 1 blocking call, 0.2 ms blocked \
                (scope IngestServerTests/RouteTests.swift:41 asyncRouteKeepsTheLoopFree())

                block 1: blocking call read on pool-3, 0.2 ms, made 12 times
                  Sources/App/asks.swift:7 asks → read
                    0   read
                    1   asks()                    Sources/App/asks.swift:7
                  "~" async caller, "=" inlined.
                """
        )
    }

    @Test func `a long call says where its time went`() {
        var call = Self.call()
        call.end = .milliseconds(1060)
        call.after = Recorded.accounts(60, cpu: 1, wait: 2)
        let lines = BlockText(Self.blocks(call), foldsForeign: true).lines
        #expect(lines[1] == "block 1: blocking call read on pool-3, 60 ms")
        #expect(lines[2] == "  1 ms cpu + 57 ms waiting in read + 2 ms not scheduled")
    }

    @Test func `a call and the block around it are told apart, and their time counts once`() {
        var interval = Recorded.interval(
            50,
            samples: [Recorded.sample(20, Recorded.stack("asks", calling: Self.read))]
        )
        interval.threadID = 4712
        var call = Self.call()
        call.start = .milliseconds(1010)
        call.end = .milliseconds(1040)
        let both = Self.blocks(interval) + Self.blocks(call, firstID: 2)
        #expect(
            BlockText(both, foldsForeign: true).headline == "1 loop block and 1 blocking call, 50 ms blocked"
        )
        let groups = StackGroup.groups(of: both)
        #expect(groups.map(\.call) == [nil, "read"])
        #expect(groups.map(\.ids) == [[1], [2]])
        #expect(WeightedStack.stacks(of: both).map(\.nanoseconds) == [50_000_000])
        #expect(WeightedStack.stacks(of: [both[1]]).map(\.nanoseconds) == [30_000_000])
    }

    @Test func `a group of calls counts each`() {
        let blocks = Self.blocks(Self.call(calls: 12)) + Self.blocks(Self.call(calls: 3), firstID: 2)
        let groups = StackGroup.groups(of: blocks)
        #expect(groups.map(\.count) == [15])
        #expect(groups.map(\.total) == [.microseconds(400)])
    }

    @Test func `a call stands in JSON with its kind, its name and its count`() throws {
        let snapshot = Recorded.snapshot(Self.blocks(Self.call(calls: 12)))
        let text = snapshot.json()
        #expect(text.contains(#""kind":"blocking_call","loop":"pool-3""#))
        #expect(text.contains(#""call":"read","calls":12,"ongoing":false"#))
        #expect(text.contains(#""blame":"asks.swift:7 asks","callee":"read""#))
    }

    @Test(arguments: [
        (0, "", []),
        (-4, "", ["strict mode finds nothing: calls can't be seen in this process"]),
        (
            2, "read, write",
            ["strict mode doesn't see read, write: other functions bear these names in this process"]
        ),
    ])
    func `what strict mode can't see is said`(unseen: Int32, names: String, notes: [String]) {
        #expect(StrictMode.notes(unseen: unseen, names: names) == notes)
    }

    @Test func `what was lost is said`() {
        #expect(StrictMode.notes(dropped: 0) == [])
        #expect(StrictMode.notes(dropped: 3) == ["strict mode lost 3 calls: too many came at once"])
    }

    @Test(arguments: [
        ("lp_dispatch_semaphore_wait", "dispatch_semaphore_wait"), ("__read_chk", "read"),
        ("__open64_2", "open64"),
        ("renameat2", "renameat2"), ("gethostbyname2", "gethostbyname2"),
    ])
    func `a call bears the name that programs use`(own: String, plain: String) {
        #expect(ProbeFrames.plainName(own) == plain)
    }

    @Test func `a call that LoopWatch makes is no finding`() {
        var call = Recorded.interval(1, samples: [Recorded.sample(1, OwnWorkTests.closing)])
        call.kind = .blockingCall
        call.call = "pthread_join"
        #expect(Classifier().judge(call, firstID: 1) == .init())
    }
}
