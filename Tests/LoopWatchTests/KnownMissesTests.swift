import CLoopProbe
import Dispatch
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import LoopWatch

#if os(Linux)
/// What LoopWatch doesn't see, written down: each of these fails when someone mends it, and then goes.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct KnownMissesTests {
    /// Occupies a thread for longer than every threshold here.
    private static func occupy(milliseconds: UInt64 = 10) {
        let end = lp_now() + milliseconds * 1_000_000
        while lp_now() < end {}
    }

    private func blocks(
        _ watched: Watched,
        threshold: Duration = .milliseconds(2),
        _ body: () async throws -> Void
    ) async throws -> [LoopBlock] {
        let scope = try await BlockScope.open(watched, threshold: threshold)
        try await body()
        return await BlockFinder(threshold: threshold).blocks(in: await scope.close())
    }

    @Test func `a block shorter than the threshold is missed`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let found = try await blocks(.loops(of: group), threshold: .seconds(60)) {
            try await group.next().submit { Self.occupy() }.get()
        }
        #expect(found.isEmpty)
        try await group.shutdownGracefully()
    }

    @Test func `a block on a loop that is busy when watching begins is missed`() async {
        await #expect(processExitsWith: .success) {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let (began, end) = (AsyncStream.makeStream(of: Void.self), DispatchSemaphore(value: 0))
            group.next().execute {
                began.continuation.yield()
                end.wait()
            }
            _ = await began.stream.first { true }
            // A group that is named would be waited for.
            let scope = try await BlockScope.open(.allLoops, threshold: .milliseconds(2))
            Self.occupy()
            end.signal()
            try await group.next().submit {}.get()
            let found = await BlockFinder(threshold: .milliseconds(2)).blocks(in: await scope.close())
            #expect(found.filter { $0.kind == .eventLoop }.isEmpty)
            try await group.shutdownGracefully()
        }
    }

    /// The compiler merges equal functions, so that a frame may bear a sibling's name; the C library has such pairs.
    @Test func `functions at one address bear one name`() throws {
        let (one, other) = (try #require(dlsym(nil, "close")), try #require(dlsym(nil, "__close")))
        #expect(one == other)
        let names = [one, other].map { symbol in
            Symbolicator.shared.frames(addresses: [UInt64(UInt(bitPattern: symbol))], kinds: [0])
                .compactMap(\.function)
        }
        #expect(names[0].count == 1 && names[0] == names[1])
    }

    @Test func `a system call made without the C library's function is not shielded`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let pipe = try #require(HeldPipe())
        // Ends the call, should a shield have made it again.
        let taken = Mutex(0)
        let scope = try await BlockScope.open(
            .loops(of: group),
            threshold: .milliseconds(2),
            sampled: { _ in
                let count = taken.withLock { taken in
                    taken += 1
                    return taken
                }
                if count == 20 { pipe.end() }
            }
        )
        let result = try await group.next().submit { pollsByNumber(pipe.reader) }.get()
        #expect(result == -EINTR)
        #expect(taken.withLock { $0 } < 20)
        _ = await scope.close()
        try await group.shutdownGracefully()
    }

    /// The C library's resolver makes up for the signal by itself, so only the count of the shields shows the miss.
    @Test func `the resolver is not shielded`() async {
        await #expect(processExitsWith: .success) {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let server = try #require(HeldNameServer())
            let taken = Mutex(0)
            let scope = try await BlockScope.open(
                .loops(of: group),
                threshold: .milliseconds(2),
                sampled: { _ in
                    let count = taken.withLock { taken in
                        taken += 1
                        return taken
                    }
                    if count >= 3 { server.answer() }
                }
            )
            let (isAnswered, restarts) = try await group.next().submit {
                let before = lp_shield_restarts()
                return (server.isAsked(), lp_shield_restarts() - before)
            }.get()
            #expect(isAnswered && taken.withLock { $0 } >= 3)
            #expect(restarts == 0)
            let found = await BlockFinder(threshold: .milliseconds(2)).blocks(in: await scope.close())
            // The wait shows all the same.
            #expect(found.contains { $0.call == "poll" })
            try await group.shutdownGracefully()
        }
    }

    @Test func `a block of the main actor is missed`() async {
        await #expect(processExitsWith: .success) {
            let scope = try await BlockScope.open(.everything, threshold: .milliseconds(2))
            await MainActor.run { Self.occupy() }
            #expect(await scope.close().intervals.filter { $0.threadID == Int(getpid()) }.isEmpty)
        }
    }

    @Test func `a task on an executor of its own has no name`() async throws {
        let held = HeldTasks()
        let executor = QueueExecutor()
        let error = await #expect(throws: TaskLeakError.self) {
            try await withNoTaskLeaks(grace: .zero) {
                _ = Task(name: "named-in-vain", executorPreference: executor) { await held.wait() }
                await held.untilOneWaits()
            }
        }
        #expect(error?.leakedTasks.map(\.name) == [nil])
        #expect(error?.notes.contains { $0.contains("custom executor") } == true)
        held.letGo()
    }

    @Test func `without the hook a detached task is missed`() async {
        await #expect(processExitsWith: .success) {
            setenv("LOOPWATCH_DISABLE", "jobs", 1)
            let held = HeldTasks()
            try await withNoTaskLeaks(grace: .zero) {
                Task.detached { await held.wait() }
                await held.untilOneWaits()
            }
            held.letGo()
        }
    }

    @Test func `many short callbacks look like one long one where no stack is taken`() async {
        await #expect(processExitsWith: .success) {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            var configuration = BlockDetector.Configuration()
            configuration.watched = .loops(of: group)
            configuration.threshold = .milliseconds(5)
            configuration.capturesPerSecond = 0
            let gate = DispatchSemaphore(value: 0)
            configuration.sampled = { _ in gate.signal() }
            let detector = try await BlockDetector.start(configuration)
            let loop = group.next()
            loop.execute { gate.wait() }
            for _ in 0..<50 { loop.execute { Self.occupy(milliseconds: 1) } }
            // The interval ends when the loop waits again.
            while (detector.snapshot().loops.first?.intervals ?? 0) < 1 { await detector.settle() }
            let found = await detector.stop().blocks
            #expect(found.map(\.parts) == [1])
            #expect(found.allSatisfy { $0.blame == nil && $0.samples.isEmpty })
            #expect(found.first?.note == "no stack: more than 0 a second were asked for")
            try await group.shutdownGracefully()
        }
    }

    /// The kernel doesn't charge what the host takes from the machine to any thread.
    @Test func `time that the host took counts as blocked`() throws {
        let starved = RecordedInterval(
            number: 1,
            kind: .eventLoop,
            thread: "NIO-ELT-0-#0",
            threadID: 1,
            start: .seconds(1),
            end: .seconds(1) + .milliseconds(30),
            startUnixNanoseconds: 0,
            before: RecordedAccounts(offset: .zero, cpu: .zero, wait: .zero),
            after: RecordedAccounts(offset: .milliseconds(30), cpu: .milliseconds(5), wait: .zero),
            threshold: .milliseconds(10)
        )
        let block = try #require(Classifier().judge(starved, firstID: 1).blocks.first)
        #expect(block.blocked == .milliseconds(30))
        #expect(block.waiting == .milliseconds(25) && block.notScheduled == .zero)
        let accounts = try #require(starved.after)
        #expect(Mirror(reflecting: accounts).children.map(\.label) == ["offset", "cpu", "wait"])
    }

    @Test func `a block that ends less than the threshold after the next ping is missed`() {
        let millisecond: UInt64 = 1_000_000
        var tracker = HeartbeatTracker(threshold: 10 * millisecond)
        tracker.sent(at: 0)
        #expect(tracker.answered(at: 1) == nil)
        // 12 ms long, from 1 ns on: the next ping is sent 2.5 ms later, and 9.5 ms are seen.
        #expect(tracker.isPingDue(at: tracker.period))
        tracker.sent(at: tracker.period)
        #expect(tracker.answered(at: 12 * millisecond) == nil)
    }

    @Test func `with heartbeat a block of a group that isn't named is missed`() async {
        await #expect(processExitsWith: .success) {
            setenv("LOOPWATCH_DISABLE", "loops", 1)
            let (named, other) = (
                MultiThreadedEventLoopGroup(numberOfThreads: 1),
                MultiThreadedEventLoopGroup(numberOfThreads: 1)
            )
            let scope = try await BlockScope.open(
                .allLoops.union(.loops(of: named)),
                threshold: .milliseconds(2)
            )
            try await other.next().submit { Self.occupy() }.get()
            let seen = try await Probes.install(for: .loops(of: named)).groupThreads
            // A busy machine may hold the named loop up.
            #expect(await scope.close().intervals.filter { !seen.contains($0.generation) }.isEmpty)
            try await named.shutdownGracefully()
            try await other.shutdownGracefully()
        }
    }
}

/// A pipe that nobody writes to until its end.
private final class HeldPipe: Sendable {
    let reader: Int32
    private let writer: Int32

    init?() {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        close(reader)
        close(writer)
    }

    func end() { _ = write(writer, "x", 1) }
}

/// `ppoll` by its number, which no function of the C library's stands in front of; what the kernel answered.
@inline(never) private func pollsByNumber(_ file: Int32) -> Int32 {
    typealias Call = @convention(c) (Int, UnsafeMutablePointer<pollfd>, Int, Int, Int, Int) -> Int
    #if arch(x86_64)
    let number = 271
    #else
    let number = 73
    #endif
    guard let symbol = dlsym(nil, "syscall") else { return 0 }
    var event = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    let result = unsafeBitCast(symbol, to: Call.self)(number, &event, 1, 0, 0, 0)
    return result < 0 ? -errno : Int32(result)
}

/// Runs tasks on a queue, past the runtime's hook.
private final class QueueExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "an-executor-of-its-own")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
#endif
