import CLoopProbe
import Dispatch
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import LoopWatch

#if os(Linux)
/// What the library promises, a feature a test, each on the real thing; the traits have theirs beside the traits.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct FeatureTests {
    private static let threshold = Duration.milliseconds(2)

    /// The blocks of a scope, around a body that blocks until its stack has been taken.
    private func find(
        _ watched: Watched,
        ignoring: [IgnoreRule] = [],
        onlyFrom caller: CallerContext? = nil,
        _ body: @Sendable (Blocker) async throws -> Void
    ) async throws -> EventLoopBlockError? {
        let blocker = Blocker()
        let scope = try await BlockScope.open(
            watched,
            threshold: Self.threshold,
            sampled: { _ in blocker.sampled() }
        )
        try await body(blocker)
        return await scope.findings(
            BlockFinder(threshold: Self.threshold, ignoring: ignoring, onlyFrom: caller),
            at: .here()
        )
    }

    /// How many intervals were too long: each has a part more if the loop had no processor before it waited.
    private static func intervals(of error: EventLoopBlockError?) -> Int {
        Set(error?.blocks.map(\.interval) ?? []).count
    }

    private func onLoop(
        ignoring: [IgnoreRule] = [],
        onlyFrom caller: CallerContext? = nil
    ) async throws -> EventLoopBlockError? {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let found = try await find(.loops(of: group), ignoring: ignoring, onlyFrom: caller) { blocker in
            _ = try await group.next().submit { handlesRequest(blocker) }.get()
        }
        try await group.shutdownGracefully()
        return found
    }

    @Test func `scopes take a body and give its value back`() async throws {
        #expect(try await withNoEventLoopBlocking(.allLoops, threshold: .seconds(60)) { 1 } == 1)
        #expect(try await withNoTaskLeaks { 2 } == 2)
        #expect(try await withNoThreadLeaks(named: "none") { await Task { 3 }.value } == 3)
        let checks = LeakChecks(threads: .init(named: "none"), blocking: .init(threshold: .seconds(60)))
        #expect(try await withNoLeaks(checks) { 4 } == 4)
    }

    @Test func `the check for threads works where nothing can be awaited`() throws {
        #expect(try withNoThreadLeaks(named: "none") { 5 } == 5)
    }

    @Test func `actions warn, log, throw or cancel`() async throws {
        let lines = KeptLog.Lines()
        let logger = Logger(label: "features") { _ in KeptLog(lines: lines) }
        let held = HeldTasks()
        for action in [TaskLeakAction.warn, .log(logger), .cancel] {
            try await withNoTaskLeaks(grace: .zero, action: action) { _ = Task { await held.wait() } }
        }
        await #expect(throws: TaskLeakError.self) {
            try await withNoTaskLeaks(grace: .zero) { _ = Task { await held.wait() } }
        }
        held.letGo()
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.hasPrefix("warning: LoopWatch: 1 leaked task") == true)
        let error = try #require(try await onLoop())
        #expect(throws: EventLoopBlockError.self) { try Finding.act(.throw, on: error, isTraced: false) }
        try Finding.act(.log(logger), on: error)
        #expect(lines.all.last?.hasPrefix("warning: LoopWatch: \(error.blockCount) loop block") == true)
    }

    @Test func `with a debugger attached nothing is thrown`() throws {
        let error = EventLoopBlockError(blocks: [Recorded.routeBlock()], site: Recorded.site)
        try Finding.act(.throw, on: error, isTraced: true)
        #expect(Tracer.isAttached(by: ["Name:\tx", "TracerPid:\t4711", "Uid:\t0"]))
        #expect(!Tracer.isAttached(by: ["Name:\tx", "TracerPid:\t0"]))
        #expect(!Tracer.isAttached(by: []))
        var snapshot = Recorded.snapshot([])
        snapshot.isTraced = true
        #expect(
            snapshot.text.contains("a debugger is attached") && snapshot.json().contains(#""traced":true"#)
        )
    }

    @Test func `durations are exact, however few stacks were taken`() throws {
        for count in [0, 1, 6] {
            let samples = (0..<count).map { Recorded.sample($0 * 10 + 10, Recorded.routeStack) }
            let interval = Recorded.interval(73, samples: samples)
            let block = try #require(Classifier().judge(interval, firstID: 1).blocks.first)
            #expect(block.duration == .milliseconds(73))
        }
    }

    @Test func `names are equal, matched or not, and a broken pattern throws where it is written`() throws {
        let literal: NameFilter = "worker-1"
        #expect(literal.matches("worker-1") && !literal.matches("worker-12"))
        let searched = NameFilter.matching(/worker-\d+/)
        #expect(searched.matches("my worker-12") && !searched.matches("worker"))
        #expect(NameFilter.not("worker-1").matches("worker-2"))
        #expect(throws: (any Error).self) { try NameFilter.matching(pattern: "worker-(") }
    }

    @Test func `a grace period ends as soon as nothing is left, for tasks and for threads`() async throws {
        // An hour of grace is over at once.
        try await withNoTaskLeaks(grace: .seconds(3600)) { _ = Task {} }
        try withNoThreadLeaks(named: "held-pthread", grace: .seconds(3600)) {
            let held = HeldThreads()
            held.startByPthread()
            held.letGo()
        }
    }

    @Test func `a leaked task has number, name, both stacks and can be cancelled`() async throws {
        let held = HeldTasks()
        let error = await #expect(throws: TaskLeakError.self) {
            try await withNoTaskLeaks(grace: .zero) {
                _ = Task(name: "worker-7") { await held.wait() }
                await held.untilOneWaits()
            }
        }
        let task = try #require(error?.leakedTasks.first)
        #expect(error?.taskCount == 1)
        #expect(task.id > 0 && task.name == "worker-7")
        #expect(task.creationStack.contains { $0.file?.hasSuffix("FeatureTests.swift") == true })
        #expect(task.currentStack.contains { $0.function?.hasPrefix("HeldTasks.wait") == true })
        task.cancel()
        held.letGo()
    }

    @Test func `a block has all that was measured, and its error a count and a text`() async throws {
        let error = try #require(try await onLoop())
        let block = try #require(error.blocks.first)
        #expect(error.blockCount == error.blocks.count && Self.intervals(of: error) == 1)
        #expect(block.id == 1 && block.threshold == Self.threshold && block.start > .zero)
        #expect(block.startUnixNanoseconds > 0)
        #expect(!block.samples.isEmpty)
        #expect(error.description.hasPrefix("LoopWatch: \(error.blockCount) loop block"))
        #expect(error.description.contains("(scope LoopWatchTests/FeatureTests.swift:"))
        #expect(error.description.contains("readsTheWholeFile"))
    }

    @Test func `equal causes make one group`() {
        let blocks = (1...3).map { Recorded.routeBlock(id: $0) }
        let groups = StackGroup.groups(of: blocks)
        #expect(groups.map(\.count) == [3] && groups.map(\.ids) == [[1, 2, 3]])
    }

    @Test func `a function that was inlined is blamed by its own name, before the one that holds it`()
        async throws
    {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let found = try await find(.loops(of: group)) { blocker in
            let sum = try await group.next().submit { holdsInlined(blocker) }.get()
            #expect(sum == 4)
        }
        let block = try #require(found?.blocks.first)
        let names = block.samples.first?.frames.filter(\.isUserCode).compactMap(\.function) ?? []
        #expect(names.starts(with: ["isInlined(_:)", "holdsInlined(_:)"]), "\(names)")
        try await group.shutdownGracefully()
    }

    @Test func `blocks are told whoever caused them, unless one file or module is asked for`() async throws {
        #expect(Self.intervals(of: try await onLoop()) == 1)
        #expect(Self.intervals(of: try await onLoop(onlyFrom: .module())) == 1)
        // The functions that block are written in another file.
        let other = CallerContext.file("LoopWatchTests/NoSuchFile.swift")
        #expect(try await onLoop(onlyFrom: other) == nil)
    }

    @Test func `a rule excuses what it names`() async throws {
        #expect(try await onLoop(ignoring: [.symbol("readsTheWholeFile")]) == nil)
        #expect(try await onLoop(ignoring: [.symbol("asksAnotherService")]) != nil)
    }

    @Test func `loops, threads of the pool and watched jobs are watched alike`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let queue = DispatchQueue(label: "an-executor")
        let found = try await find(.everything) { blocker in
            _ = try await group.next().submit { readsTheWholeFile(blocker) }.get()
            #expect(await Task.detached { asksAnotherService(blocker) }.value == 2)
        }
        let kinds = found?.blocks.map(\.kind) ?? []
        #expect(kinds.contains(.eventLoop) && kinds.contains(.concurrencyPool), "\(kinds)")
        // The test's own job may be long on a busy machine.
        let pool = found?.blocks.filter { $0.kind == .concurrencyPool }.compactMap { $0.blame?.function }
        #expect(pool?.contains("asksAnotherService(_:)") == true, "\(found?.description ?? "")")
        let job = try await find(.everything) { blocker in
            let sum = await withCheckedContinuation { continuation in
                queue.async {
                    continuation.resume(returning: withWatchedJob("print-job") { readsTheWholeFile(blocker) })
                }
            }
            #expect(sum == 1)
        }
        let watched = job?.blocks.first { $0.kind == .job }
        #expect(watched?.thread == "print-job")
        #expect(watched?.blame?.function == "readsTheWholeFile(_:)")
        try await group.shutdownGracefully()
    }

    @Test func `intervals are cut at the edges of the scope`() throws {
        let interval = Recorded.interval(100, samples: [Recorded.sample(50, Recorded.routeStack)])
        let cut = interval.clipped(open: .milliseconds(1030), close: .milliseconds(1080))
        #expect(cut?.duration == .milliseconds(50))
        #expect(interval.clipped(open: .milliseconds(2000), close: .milliseconds(2001)) == nil)
    }

    @Test func `scopes over the same loop are each told of its blocks, and say how many they are`()
        async throws
    {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let other = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let around = try await BlockScope.open(.loops(of: group), threshold: Self.threshold)
        let apart = try await BlockScope.open(.loops(of: other), threshold: Self.threshold)
        let inner = try #require(
            try await find(.loops(of: group)) { blocker in
                _ = try await group.next().submit { handlesRequest(blocker) }.get()
            }
        )
        let finder = BlockFinder(threshold: Self.threshold)
        let outer = try #require(await around.findings(finder, at: .here()))
        #expect(await apart.findings(finder, at: .here()) == nil)
        #expect(Self.intervals(of: inner) == 1 && Self.intervals(of: outer) == 1)
        for error in [inner, outer] {
            #expect(error.notes.map { $0.hasPrefix("1 other scope was open") } == [true])
            #expect(error.description.contains("note: 1 other scope was open"))
        }
        try await group.shutdownGracefully()
        try await other.shutdownGracefully()
    }

    @Test
    func
        `of nested scopes each judges by its own threshold, the inner one's error is the outer one's body's`()
        async throws
    {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let blocker = Blocker()
        let error = await #expect(throws: EventLoopBlockError.self) {
            try await withNoEventLoopBlocking(.loops(of: group), threshold: .seconds(60)) {
                let listener = try await BlockScope.open(
                    .loops(of: group),
                    threshold: Self.threshold,
                    sampled: { _ in blocker.sampled() }
                )
                try await withNoEventLoopBlocking(.loops(of: group), threshold: Self.threshold) {
                    _ = try await group.next().submit { handlesRequest(blocker) }.get()
                }
                _ = await listener.close()
            }
        }
        #expect(Set(error?.blocks.map(\.threshold) ?? []) == [Self.threshold])
        try await group.shutdownGracefully()
    }
}

@inline(never) private func holdsInlined(_ blocker: Blocker) -> Int {
    isInlined(blocker) + 1
}

@inline(__always) private func isInlined(_ blocker: Blocker) -> Int {
    blocker.untilSampled().wait()
    return 3
}
#endif
