import CLoopProbe
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import LoopWatch

@Test(arguments: [
    (LoopWatchError.thresholdTooSmall(.zero), "use 1 ms or more"),
    (.graceNegative(.seconds(-1)), "zero or more"),
    (.alreadyRunning, "stop the first one"), (.groupShutDown, "a group that is running"),
    (.jobHookTaken, "watch .allLoops"), (.needsJobHook("gone"), "watch .allLoops"),
    (.signalTaken, "real-time signal"), (.threadLimit(512), "name the groups"),
])
func `bad use is told with a hint`(error: LoopWatchError, hint: String) {
    #expect(error.description == "\(error.message); \(error.hint ?? "")")
    #expect(error.hint?.contains(hint) == true)
}

#if os(Linux)
/// Each bad use, made.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct BadUseTests {
    @Test(arguments: [Duration.zero, .milliseconds(-1), .microseconds(999)])
    func `a threshold that can't be told from noise is refused everywhere`(threshold: Duration) async {
        let error = LoopWatchError.thresholdTooSmall(threshold)
        await #expect(throws: error) { try await withNoEventLoopBlocking(.allLoops, threshold: threshold) {} }
        await #expect(throws: error) {
            try await withNoLeaks(LeakChecks(threads: nil, blocking: .init(threshold: threshold))) {}
        }
        var configuration = BlockDetector.Configuration()
        configuration.threshold = threshold
        await #expect(throws: error) { try await BlockDetector.start(configuration) }
    }

    @Test func `a detector beside scopes takes nothing from them`() async {
        await #expect(processExitsWith: .success) {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            var configuration = BlockDetector.Configuration()
            configuration.watched = .loops(of: group)
            configuration.threshold = .seconds(60)
            let detector = try await BlockDetector.start(configuration)
            await #expect(throws: LoopWatchError.alreadyRunning) { try await BlockDetector.start() }
            let blocker = Blocker()
            let scope = try await BlockScope.open(
                .loops(of: group),
                threshold: .milliseconds(2),
                sampled: { _ in blocker.sampled() }
            )
            _ = try await group.next().submit { handlesRequest(blocker) }.get()
            // The least threshold samples, each judges by its own.
            let error = await scope.findings(BlockFinder(threshold: .milliseconds(2)), at: .here())
            // A loop without a processor before it waits makes a part more of the same interval.
            #expect(Set(error?.blocks.map(\.interval) ?? []).count == 1)
            #expect(error?.notes == [])
            #expect(await detector.stop().blocks.isEmpty)
            try await group.shutdownGracefully()
        }
    }

    @Test func `a hook that another library took is refused by name, and a note with everything`() async {
        await #expect(processExitsWith: .success) {
            #expect(takesTheHook())
            await #expect(throws: LoopWatchError.jobHookTaken) {
                try await withNoEventLoopBlocking(.concurrencyPool) {}
            }
            let probes = try await Probes.install(for: .everything)
            #expect(probes.methods.pool == .none && probes.methods.loops == .probe)
            #expect(
                probes.methods.notes
                    == ["the cooperative pool is not watched: another library has taken its hook"]
            )
            let reason = "another library has taken the hook for jobs of the cooperative pool"
            await #expect(throws: LoopWatchError.needsJobHook(reason)) {
                try await withNoTaskLeaks(named: "worker") {}
            }
            await #expect(throws: LoopWatchError.needsJobHook(reason)) {
                try await withNoTaskLeaks(action: .cancel) {}
            }
        }
    }

    @Test func `a group that was shut down is refused, one that stops while it is watched just leaves`()
        async throws
    {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        try await withNoEventLoopBlocking(.loops(of: group), threshold: .seconds(2)) {
            try await group.shutdownGracefully()
        }
        await #expect(throws: LoopWatchError.groupShutDown) {
            try await withNoEventLoopBlocking(.loops(of: group)) {}
        }
    }

    @Test func `without a free signal there are no stacks, and a note says so`() async {
        await #expect(processExitsWith: .success) {
            for number in 34...64 { _ = signal(Int32(number), SIG_IGN) }
            let probes = try await Probes.install(for: .allLoops)
            #expect(!probes.methods.stacks && probes.methods.loops == .probe)
            #expect(probes.methods.notes == ["no stacks: no real-time signal is free"])
        }
    }

    @Test func `the first 512 threads are watched, and a note tells of those that came too late`() async {
        await #expect(processExitsWith: .success) {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let crowd = MultiThreadedEventLoopGroup(numberOfThreads: Int(LP_MAX_SLOTS))
            let probes = try await Probes.install(for: .loops(of: group).union(.loops(of: crowd)))
            #expect(probes.groupThreads.count == Int(LP_MAX_SLOTS))
            #expect(probes.methods.notes == ["only 512 threads can be watched: 1 came too late"])
            let again = try await Probes.install(for: .loops(of: group))
            #expect(again.groupThreads.count == 1)
            try await crowd.shutdownGracefully()
            try await group.shutdownGracefully()
        }
    }
}

private typealias Enqueue = @convention(thin) (UnownedJob) -> Void
private typealias EnqueueHook = @convention(thin) (UnownedJob, Enqueue) -> Void

/// Takes the runtime's hook as another library would, and does what is done without it.
private func takesTheHook() -> Bool {
    guard let symbol = dlsym(nil, "swift_task_enqueueGlobal_hook") else { return false }
    symbol.assumingMemoryBound(to: EnqueueHook?.self).pointee = { job, original in original(job) }
    return true
}
#endif
