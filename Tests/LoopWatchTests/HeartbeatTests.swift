import CLoopProbe
import NIOCore
import NIOPosix
import Testing

@testable import LoopWatch

#if os(Linux)
/// Loops whose waits can't be seen although those of others can.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct HeartbeatTests {
    /// What a scope over one such loop finds.
    private func find(
        _ body: (ThreadLoop, Blocker) async throws -> Void
    ) async throws -> (blocks: [LoopBlock], methods: Methods) {
        let loop = ThreadLoop()
        let blocker = Blocker()
        // Waits are proven by what the loop has answered, not by how long that took.
        let probes = try await Probes.install(for: .loops(of: loop), proofTime: .zero)
        let scope = try BlockScope.open(
            probes,
            threshold: .milliseconds(2),
            sampled: { _ in blocker.sampled() }
        )
        try await body(loop, blocker)
        let blocks = await BlockFinder(threshold: .milliseconds(2)).blocks(in: await scope.close())
        try await loop.shutdownGracefully()
        return (blocks, probes.methods)
    }

    @Test func `a loop that never shows a wait is pinged, and its block is blamed`() async throws {
        let found = try await find { loop, blocker in
            _ = try await loop.submit { handlesRequest(blocker) }.get()
        }
        #expect(found.methods.loops == .heartbeat)
        #expect(found.methods.notes.contains { $0.contains("can't be seen of these loops") })
        let block = try #require(found.blocks.first)
        #expect(found.blocks.count == 1)
        #expect(block.method == .heartbeat && block.kind == .eventLoop)
        #expect(block.thread == "waits-unseen")
        #expect(block.blame?.function == "readsTheWholeFile(_:)")
        #expect(block.duration == block.cpu + block.waiting + block.notScheduled)
    }

    /// Its last ping would stay in flight for ever.
    @Test func `a loop that drops its work has left, and nobody takes it for blocked`() async throws {
        let found = try await find { loop, _ in
            loop.dropWork()
            let end = lp_now() + 10_000_000
            while lp_now() < end {}
        }
        #expect(found.blocks.isEmpty)
    }

    @Test func `a pinged loop is pinged again by the next scope, at once`() async throws {
        let loop = ThreadLoop()
        let first = try await Probes.install(for: .loops(of: loop), proofTime: .zero)
        // A proof by time would never end.
        let second = try await Probes.install(for: .loops(of: loop), proofTime: .seconds(3600))
        #expect(first.pingedLoops.map(\.generation) == second.pingedLoops.map(\.generation))
        #expect(first.sharesLoops(with: second))
        try await loop.shutdownGracefully()
    }

    @Test func `loops of NIO prove their waits, and nobody pings them`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let probes = try await Probes.install(for: .loops(of: group))
        #expect(probes.pingedLoops.isEmpty)
        #expect(probes.groupThreads.count == 2)
        #expect(probes.methods.loops == .probe)
        try await group.shutdownGracefully()
    }
}
#endif
