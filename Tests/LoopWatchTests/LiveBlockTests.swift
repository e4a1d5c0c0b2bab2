import Dispatch
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import LoopWatch

/// Blocks a thread for exactly as long as it takes until its stack has been taken, on any machine.
final class Blocker: Sendable {
    /// More than one, so that the wait is well over the threshold also without the time the machine took.
    private static let enough = 4

    private let missing = Mutex(0)
    private let semaphore = DispatchSemaphore(value: 0)

    /// What to wait for until a stack has been taken.
    ///
    /// The wait itself stands in the function that blocks, which is to be blamed.
    /// Without a frame of its own no stack shows another place than the wait.
    @inline(__always)
    func untilSampled() -> DispatchSemaphore {
        missing.withLock { $0 = Self.enough }
        return semaphore
    }

    /// Ends the wait, if anyone waits.
    func sampled() {
        let isLast = missing.withLock { missing in
            guard missing > 0 else { return false }
            missing -= 1
            return missing == 0
        }
        if isLast { semaphore.signal() }
    }
}

@inline(never) func readsTheWholeFile(_ blocker: Blocker) -> Int {
    blocker.untilSampled().wait()
    return 1
}

@inline(never) func asksAnotherService(_ blocker: Blocker) -> Int {
    blocker.untilSampled().wait()
    return 2
}

@inline(never) func handlesRequest(_ blocker: Blocker) -> Int {
    readsTheWholeFile(blocker) + 1
}

/// Real loops, really blocked.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct LiveBlockTests {
    /// What a scope over a group of one loop finds.
    private func blocks(
        threshold: Duration = .milliseconds(2),
        _ body: (any EventLoop, Blocker) async throws -> Void
    ) async throws -> [LoopBlock] {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let blocker = Blocker()
        let scope = try await BlockScope.open(
            .loops(of: group),
            threshold: threshold,
            sampled: { _ in blocker.sampled() }
        )
        try await body(group.next(), blocker)
        let sight = await scope.close()
        let found = await BlockFinder(threshold: threshold).blocks(in: sight)
        try await group.shutdownGracefully()
        return found
    }

    @Test func `a function that blocks a loop is named with its line`() async throws {
        let found = try await blocks { loop, blocker in
            _ = try await loop.submit { handlesRequest(blocker) }.get()
        }
        // A loop without a processor before it waits makes a part more of the same interval.
        let block = try #require(found.first { $0.blame?.function == "readsTheWholeFile(_:)" })
        #expect(Set(found.map(\.interval)).count == 1)
        #expect(block.kind == .eventLoop)
        #expect(block.thread.hasPrefix("NIO-ELT-"))
        let names = block.samples[0].frames.filter(\.isUserCode).compactMap(\.function)
        #expect(names.starts(with: ["readsTheWholeFile(_:)", "handlesRequest(_:)"]), "\(names)")
        #expect(block.blame?.file?.hasSuffix("Tests/LoopWatchTests/LiveBlockTests.swift") == true)
        #expect(block.duration == block.cpu + block.waiting + block.notScheduled)
    }

    @Test func `blocks come in their order, each with its own cause`() async throws {
        let found = try await blocks { loop, blocker in
            for number in 0..<5 {
                _ = try await loop.submit {
                    number.isMultiple(of: 2) ? readsTheWholeFile(blocker) : asksAnotherService(blocker)
                }.get()
            }
        }
        let names = ["readsTheWholeFile(_:)": "a", "asksAnotherService(_:)": "b"]
        let causes = found.compactMap { names[$0.blame?.function ?? ""] }
        // Two parts of one interval may have one cause.
        let changes = causes.indices.filter { $0 == 0 || causes[$0] != causes[$0 - 1] }.map { causes[$0] }
        #expect(changes == ["a", "b", "a", "b", "a"])
        #expect(found.map(\.id) == Array(1...max(1, found.count)))
    }

    @Test func `a loop that is never blocked gives nothing`() async throws {
        let found = try await blocks(threshold: .seconds(5)) { loop, _ in
            for _ in 0..<1000 { _ = try await loop.submit { 1 }.get() }
        }
        #expect(found.isEmpty)
    }

    @Test func `what the body throws comes out, not what was found`() async throws {
        struct Failure: Error {}
        await #expect(throws: Failure.self) {
            try await withNoEventLoopBlocking(.allLoops, threshold: .seconds(5)) { throw Failure() }
        }
    }

    @Test func `a threshold too short to tell is refused`() async throws {
        await #expect(throws: LoopWatchError.thresholdTooSmall(.microseconds(999))) {
            try await withNoEventLoopBlocking(threshold: .microseconds(999)) {}
        }
    }

    @Test func `a group that was shut down can't be watched`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await group.shutdownGracefully()
        await #expect(throws: LoopWatchError.groupShutDown) {
            try await withNoEventLoopBlocking(.loops(of: group)) {}
        }
    }
}

/// The detector of live servers; there is one a process.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct BlockDetectorTests {
    @Test func `a live detector keeps what blocked and counts it`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let told = Mutex<[Int]>([])
        var configuration = BlockDetector.Configuration()
        configuration.watched = .loops(of: group)
        configuration.threshold = .milliseconds(2)
        configuration.capacity = 2
        configuration.onBlock = { block in told.withLock { $0.append(block.id) } }
        let detector = try await BlockDetector.start(configuration)
        await #expect(throws: LoopWatchError.alreadyRunning) { try await BlockDetector.start() }
        let blocker = Blocker()
        let listener = try await BlockScope.open(
            .loops(of: group),
            threshold: .milliseconds(2),
            sampled: { _ in blocker.sampled() }
        )
        for count in 1...3 {
            _ = try await group.next().submit { handlesRequest(blocker) }.get()
            // A loop that has not come to its wait yet would take the next task into the same interval.
            while detector.snapshot().loops.first?.intervals != count { await detector.settle() }
        }
        _ = await listener.close()
        await detector.settle()
        let snapshot = detector.snapshot()
        // A stack that is taken as the wait ends shows another place, and makes a block of its own.
        let ids = told.withLock { $0 }
        let last = ids.count
        #expect(last >= 3)
        #expect(ids == Array(1...max(1, last)))
        #expect(snapshot.blocks.map(\.id) == [last - 1, last])
        #expect(snapshot.dropped == last - 2)
        #expect(snapshot.loops.map(\.intervals) == [3])
        #expect(snapshot.next == last)
        #expect(detector.snapshot(since: last - 1).blocks.map(\.id) == [last])
        #expect(detector.snapshot(since: last).blocks.isEmpty)
        #expect(detector.snapshot(since: last).next == last)
        let oldest = detector.snapshot(limit: 1)
        #expect(oldest.blocks.map(\.id) == [last - 1] && oldest.next == last - 1)
        #expect(detector.snapshot(since: oldest.next, limit: 1).blocks.map(\.id) == [last])
        #expect(detector.snapshot(limit: 0).blocks.isEmpty && detector.snapshot(limit: 0).next == 0)
        let usage = try #require(snapshot.loops.first)
        #expect(usage.busy >= usage.blocked)
        #expect(await detector.stop().blocks.map(\.id) == [last - 1, last])
        let again = try await BlockDetector.start(configuration)
        _ = await again.stop()
        try await group.shutdownGracefully()
    }
}
