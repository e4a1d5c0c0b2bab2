import CLoopProbe
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import LoopWatch

#if os(Linux)
/// What is missing is noticed, replaced, and said: each mechanism is turned off in a process of its own, where nothing
/// has been proven yet.
@Suite(.timeLimit(.minutes(2)))
struct DegradationTests {
    @Test func `with everything there loops and pool are watched by probe, and nothing is noted`() async {
        await #expect(processExitsWith: .success) {
            let found = try await Degraded.find(without: "")
            #expect(found.methods.loops == .probe)
            #expect(found.methods.pool == .none, "the pool was not asked for")
            #expect(found.methods.stacks && found.methods.cpuSplit)
            #expect(found.methods.notes == [])
            #expect(Set(found.blocks.map(\.method)) == [.probe])
            #expect(found.blocks.contains { $0.blame?.function == "readsTheWholeFile(_:)" })
            let everything = try await Probes.install(for: .everything)
            #expect(everything.methods.pool == .probe && everything.methods.taskNames)
            #expect(everything.methods.notes == [] && everything.warning == nil)
        }
    }

    @Test func `without the loop probe named groups are pinged, and blamed all the same`() async {
        await #expect(processExitsWith: .success) {
            let found = try await Degraded.find(without: "loops")
            #expect(found.methods.loops == .heartbeat)
            #expect(Set(found.blocks.map(\.method)) == [.heartbeat])
            #expect(Set(found.blocks.map(\.kind)) == [.eventLoop])
            #expect(found.blocks.contains { $0.blame?.function == "readsTheWholeFile(_:)" })
            #expect(found.blocks.first?.thread.hasPrefix("NIO-ELT-") == true)
            #expect(found.text.contains("watched: loops by heartbeat, pool not"))
            #expect(found.text.contains("note: loops are pinged, for their waits for events can't be seen"))
        }
    }

    @Test func `without the loop probe everything watches no loop, and warns of it`() async {
        await #expect(processExitsWith: .success) {
            setenv("LOOPWATCH_DISABLE", "loops", 1)
            let probes = try await Probes.install(for: .everything)
            #expect(probes.methods.loops == .none)
            #expect(probes.methods.pool == .probe)
            #expect(probes.methods.notes.contains { $0.hasPrefix("no event loops are watched") })
            #expect(probes.warning?.contains("name groups, as in .loops(of: group)") == true)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            let named = try await Probes.install(for: .allLoops.union(.loops(of: group)))
            #expect(named.methods.loops == .heartbeat)
            #expect(named.pingedLoops.count == 2)
            #expect(named.warning?.contains("no event loops but those named") == true)
            try await group.shutdownGracefully()
        }
    }

    @Test func `a pinged group that stops while it is watched just leaves`() async {
        await #expect(processExitsWith: .success) {
            setenv("LOOPWATCH_DISABLE", "loops", 1)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            try await withNoEventLoopBlocking(.loops(of: group), threshold: .seconds(2)) {
                try await group.shutdownGracefully()
            }
            await #expect(throws: LoopWatchError.groupShutDown) {
                try await withNoEventLoopBlocking(.loops(of: group)) {}
            }
        }
    }

    @Test func `a detector pings too, and counts`() async {
        await #expect(processExitsWith: .success) {
            setenv("LOOPWATCH_DISABLE", "loops", 1)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let blocker = Blocker()
            var configuration = BlockDetector.Configuration()
            configuration.watched = .loops(of: group)
            configuration.threshold = .milliseconds(2)
            let detector = try await BlockDetector.start(configuration)
            let listener = try await BlockScope.open(
                .loops(of: group),
                threshold: .milliseconds(2),
                sampled: { _ in blocker.sampled() }
            )
            _ = try await group.next().submit { handlesRequest(blocker) }.get()
            _ = await listener.close()
            let seen = await detector.stop()
            #expect(seen.methods.loops == .heartbeat)
            #expect(seen.loops.count == 1 && seen.loops.allSatisfy { $0.intervals >= 1 })
            #expect(seen.loops.allSatisfy { $0.busy >= $0.blocked && $0.blocked > .zero })
            #expect(seen.blocks.allSatisfy { $0.method == .heartbeat } && !seen.blocks.isEmpty)
            #expect(seen.json().contains(#""method":"heartbeat""#))
            try await group.shutdownGracefully()
        }
    }

    @Test func `without the job hook the pool is not watched, and asking for it by name is refused`() async {
        await #expect(processExitsWith: .success) {
            let found = try await Degraded.find(without: "jobs", .everything)
            #expect(found.methods.pool == .none && !found.methods.taskNames)
            #expect(found.methods.loops == .probe)
            #expect(
                found.methods.notes
                    == ["the cooperative pool is not watched: this runtime has no hook for its jobs"]
            )
            #expect(found.text.contains("pool not") && found.text.contains("note: the cooperative pool"))
            await #expect(throws: LoopWatchError.needsJobHook("this runtime has no hook for its jobs")) {
                try await withNoEventLoopBlocking(.concurrencyPool) {}
            }
        }
    }

    @Test func `without stacks there are durations, and each block says why it has none`() async {
        await #expect(processExitsWith: .success) {
            let found = try await Degraded.find(without: "stacks")
            #expect(!found.methods.stacks)
            #expect(found.methods.notes.map { String($0.prefix(11)) } == ["no stacks: "])
            let block = try #require(found.blocks.first)
            #expect(Set(found.blocks.map(\.interval)).count == 1)
            #expect(block.samples.isEmpty && block.blame == nil)
            #expect(block.note == "no stack: stacks can't be taken here")
            #expect(block.blocked >= block.threshold)
        }
    }

    @Test func `without async callers a stack ends with its calls`() async {
        await #expect(processExitsWith: .success) {
            let whole = try await Degraded.findInTask()
            #expect(whole.callers.contains("OnLoop.asksAndWaits(_:_:)"), "\(whole.callers)")
            #expect(whole.notes == [])
        }
        await #expect(processExitsWith: .success) {
            setenv("LOOPWATCH_DISABLE", "async", 1)
            let bare = try await Degraded.findInTask()
            #expect(bare.callers == [])
            #expect(bare.notes == ["no async callers: the layout of async frames is not the known one"])
        }
    }

    @Test func `without the schedule the raw duration is judged, and what isn't known is absent`() async {
        await #expect(processExitsWith: .success) {
            let found = try await Degraded.find(without: "schedule")
            #expect(!found.methods.cpuSplit)
            #expect(
                found.methods.notes == ["time without a processor is not known and counts as blocked"]
            )
            let block = try #require(found.blocks.first)
            #expect(block.split == .cpuOnly)
            #expect(block.blocked == block.duration && block.notScheduled == .zero)
            let json = Snapshot(
                methods: found.methods,
                threshold: block.threshold,
                watchedFor: .zero,
                blocks: found.blocks
            ).json()
            #expect(!json.contains("not_scheduled_ns") && !json.contains("waiting_ns"))
            #expect(json.contains("cpu_ns") && json.contains(#""cpu_split":false"#))
        }
    }

    @Test func `without shields a call that a stack was taken of may end early, and a note says so`() async {
        await #expect(processExitsWith: .success) {
            setenv("LOOPWATCH_DISABLE", "shields", 1)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let scope = try await BlockScope.open(.loops(of: group), threshold: .milliseconds(2))
            // With shields it would wait for ever.
            let result = try await group.next().submit { waitsForNothing() }.get()
            #expect(result == EINTR)
            #expect(scope.methods.notes == ["calls that block may end early when a stack is taken"])
            _ = await scope.close()
            try await group.shutdownGracefully()
        }
    }

    @Test func `without names by the toolchain nobody is blamed, and a note says so`() async {
        await #expect(processExitsWith: .success) {
            let found = try await Degraded.find(without: "names")
            #expect(found.methods.stacks)
            #expect(found.methods.notes.map { $0.hasPrefix("no files and lines") } == [true])
            let block = try #require(found.blocks.first)
            let frames = block.samples.flatMap(\.frames)
            #expect(!frames.isEmpty && frames.allSatisfy { $0.file == nil && $0.line == nil })
            #expect(frames.contains { $0.module?.isEmpty == false })
            #expect(block.blame == nil)
        }
    }

    @Test func `without the tasks' layout their names are unknown, and a note says so`() async {
        await #expect(processExitsWith: .success) {
            setenv("LOOPWATCH_DISABLE", "tasks", 1)
            let methods = try await Probes.install(for: .everything).methods
            #expect(methods.pool == .probe && !methods.taskNames)
            #expect(
                methods.notes == ["names of tasks are not known: this runtime's tasks have another layout"]
            )
        }
    }

    @Test func `with nothing at all every loss is said, and nothing is claimed`() async {
        await #expect(processExitsWith: .success) {
            let all = "loops,jobs,stacks,async,schedule,shields,names,tasks,threads"
            let found = try await Degraded.find(without: all)
            #expect(!found.methods.stacks && !found.methods.cpuSplit && !found.methods.taskNames)
            // A machine that is too busy to answer a ping makes a block more.
            #expect(
                !found.blocks.isEmpty
                    && found.blocks.allSatisfy { $0.method == .heartbeat && $0.split == .cpuOnly }
            )
            #expect(found.methods.notes.count == 3, "\(found.methods.notes)")
            for note in found.methods.notes { #expect(found.text.contains(note)) }
            let everything = try await Probes.install(for: .everything).methods
            #expect(everything.loops == .none && everything.pool == .none)
        }
    }
}

/// Waits without an end, but for a signal; how that ended.
@inline(never) private func waitsForNothing() -> Int32 {
    poll(nil, 0, -1) < 0 ? errno : 0
}

/// What is found in a process that lacks something.
private struct Degraded {
    let blocks: [LoopBlock]
    let methods: Methods
    let text: String

    /// Blocks a loop once, until it was looked at often enough.
    static func find(without mechanisms: String, _ beside: Watched? = nil) async throws -> Degraded {
        setenv("LOOPWATCH_DISABLE", mechanisms, 1)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let blocker = Blocker()
        let threshold = Duration.milliseconds(2)
        let loops = Watched.loops(of: group)
        let scope = try await BlockScope.open(
            beside.map { $0.union(loops) } ?? loops,
            threshold: threshold,
            sampled: { _ in blocker.sampled() }
        )
        _ = try await group.next().submit { handlesRequest(blocker) }.get()
        let error = await scope.findings(BlockFinder(threshold: threshold), at: .here())
        try await group.shutdownGracefully()
        return Degraded(
            blocks: error?.blocks.filter { $0.kind == .eventLoop } ?? [],
            methods: scope.methods,
            text: error?.description ?? ""
        )
    }

    /// Blocks a loop in a task that has been suspended before; its async callers and the notes.
    static func findInTask() async throws -> (callers: [String], notes: [String]) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let blocker = Blocker()
        let scope = try await BlockScope.open(
            .loops(of: group),
            threshold: .milliseconds(2),
            sampled: { _ in blocker.sampled() }
        )
        await OnLoop(loop: group.next()).asksAndWaits(blocker, "a")
        let blocks = await BlockFinder(threshold: .milliseconds(2)).blocks(in: await scope.close())
        try await group.shutdownGracefully()
        let frames = blocks.filter { $0.blame?.function == "readsTheWholeFile(_:)" }
            .flatMap(\.samples).flatMap(\.frames)
        return (frames.filter { $0.kind == .asyncCaller }.compactMap(\.function), scope.methods.notes)
    }
}

/// Runs on a loop.
private actor OnLoop {
    private let loop: any EventLoop

    init(loop: any EventLoop) {
        self.loop = loop
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    @inline(never) func asksAndWaits(_ blocker: Blocker, _ text: String) async {
        await readsAfterAPause(blocker)
        // Not a tail call, or this frame would be gone.
        #expect(text == "a")
    }

    @inline(never) private func readsAfterAPause(_ blocker: Blocker) async {
        await Task.yield()
        #expect(handlesRequest(blocker) == 2)
    }
}
#endif
