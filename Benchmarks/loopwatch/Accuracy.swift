import CLoopProbe
import Foundation
import LoopWatch
import NIOCore
import NIOPosix
import Synchronization

/// Blocks loops and the pool for 12 ms at a threshold of 10 ms, and looks what was found.
@MainActor
struct Accuracy {
    /// Where a block happens.
    private enum Place: String, CaseIterable {
        case task = "task on the loop"
        case channel = "channelRead"
        case pool = "pool job"
    }

    private let count: Int

    /// Takes the options.
    ///
    /// - Parameter options: `--count` is the number of blocks of each kind.
    init(_ options: Options) { count = options.count ?? 200 }

    /// Measures.
    ///
    /// - Parameter report: Where the figures go.
    /// - Throws: What went wrong before there was a figure.
    func run(_ report: inout Report) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let executor = LoopExecutor(group.next())
        let blocked = Mutex<[BlockingWork.Stretch]>([])
        let work = Mutex(BlockingWork.sleep)
        let server = try await EchoServer.open(on: group) {
            let stretch = work.withLock { $0 }.run()
            blocked.withLock { $0.append(stretch) }
        }
        let connection = try Connection(port: server.localAddress?.port ?? 0)
        var configuration = BlockDetector.Configuration()
        configuration.watched = .loops(of: group).union(.concurrencyPool)
        configuration.capacity = 10_000
        let detector = try await BlockDetector.start(configuration)
        for place in Place.allCases {
            for kind in BlockingWork.allCases {
                work.withLock { $0 = kind }
                let since = detector.snapshot().next
                blocked.withLock { $0 = [] }
                for _ in 0..<count {
                    switch place {
                    case .channel: try connection.exchange()
                    case .task:
                        let stretch = await Task(executorPreference: executor) { kind.run() }.value
                        blocked.withLock { $0.append(stretch) }
                    case .pool:
                        let stretch = await Task.detached { kind.run() }.value
                        blocked.withLock { $0.append(stretch) }
                    }
                    try await Task.sleep(for: .milliseconds(5))
                }
                await detector.settle()
                let found = detector.snapshot(since: since).blocks
                compare(
                    blocked.withLock { $0 },
                    with: found.filter { ($0.kind == .concurrencyPool) == (place == .pool) },
                    kind,
                    "\(kind.rawValue), \(place.rawValue)",
                    &report
                )
            }
        }
        report.figure(
            "dropped",
            "\(await detector.stop().dropped)",
            goal: "0",
            isMet: detector.snapshot().dropped == 0
        )
        connection.close()
        try await server.close()
        try await group.shutdownGracefully()
    }

    private func compare(
        _ made: [BlockingWork.Stretch],
        with found: [LoopBlock],
        _ kind: BlockingWork,
        _ title: String,
        _ report: inout Report
    ) {
        var errors: [Double] = []
        var missed = 0
        var withStack = 0
        var named = 0
        var matched: Set<Int> = []
        for stretch in made {
            let parts = found.filter { stretch.isWithin($0) }
            matched.formUnion(parts.map(\.id))
            guard !parts.isEmpty else {
                missed += 1
                continue
            }
            let duration = parts.reduce(Duration.zero) { $0 + $1.duration } / .milliseconds(1)
            errors.append(abs(duration - stretch.milliseconds))
            if parts.contains(where: { $0.samples.contains { !$0.frames.isEmpty } }) { withStack += 1 }
            if parts.contains(where: { $0.blame?.function?.hasPrefix(kind.function) == true }) { named += 1 }
        }
        Report.say(" \(title): \(made.count) blocks of 12 ms")
        report.figure("missed", "\(missed)", goal: "0", isMet: missed == 0)
        let error = errors.median ?? .infinity
        report.figure("duration error, median", "\(error.text(3)) ms", goal: "< 0.2", isMet: error < 0.2)
        let share = Double(withStack) / Double(max(1, errors.count)) * 100
        report.figure("with a stack", "\(share.text(1)) %", goal: ">= 99", isMet: share >= 99)
        let namedShare = Double(named) / Double(max(1, errors.count)) * 100
        report.figure("blamed on \(kind.function)", "\(namedShare.text(1)) %")
        report.figure("blocks that nobody made", "\(found.count { !matched.contains($0.id) })")
    }
}

/// Runs tasks on one loop.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    /// Makes the executor of a loop, which outlives its tasks.
    ///
    /// - Parameter loop: The loop.
    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
