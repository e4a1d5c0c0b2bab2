import Foundation
import HTTPServing
import HTTPTypes
import LoopWatch
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Where a server blocks.
enum BlockPlace: String, CaseIterable, Sendable {
    case task = "task on a loop"
    case channel = "channelRead"
    case job = "pool job"
    case loopResumption = "task on a loop, after a suspension"
    case poolResumption = "pool job, after a suspension"
    case hummingbirdLoop = "Hummingbird, handlers on the loop"
    case hummingbirdPool = "Hummingbird, handlers on the pool"

    /// What kind of thread is blocked.
    var kind: LoopBlock.Kind {
        switch self {
        case .task, .channel, .loopResumption, .hummingbirdLoop: .eventLoop
        case .job, .poolResumption, .hummingbirdPool: .concurrencyPool
        }
    }

    /// The functions outside of the one that blocks, innermost first.
    var callers: [String] {
        switch self {
        case .channel: ["handles", "EchoHandler.channelRead"]
        case .task, .job: ["handles"]
        case .loopResumption, .poolResumption: ["handles", "handlesResumed"]
        case .hummingbirdLoop, .hummingbirdPool: ["handles", "respondsSlowly"]
        }
    }

    /// The async callers behind them.
    var asyncCallers: [String] {
        switch self {
        case .loopResumption, .poolResumption: ["awaitsHandler"]
        default: []
        }
    }
}

/// Everything that can be blocked, running.
@MainActor
struct BlockedServices {
    /// What is to be done next.
    private struct Work: Sendable {
        let blocker: Blocker
        let obstacle: Obstacle
    }

    private let group: MultiThreadedEventLoopGroup
    private let executor: LoopExecutor
    private let echo: any Channel
    private let servers: [BlockPlace: HTTPServer]
    private let work: WorkPlace

    /// Hands the work to whoever is asked next.
    private final class WorkPlace: Sendable {
        let work = Mutex<Work?>(nil)

        /// Does the work, once.
        func run() {
            guard let work = work.withLock({ $0.take() }) else { return }
            _ = handles(work.blocker, work.obstacle)
        }
    }

    /// Starts them.
    ///
    /// - Throws: What the system says.
    init() async throws {
        let work = WorkPlace()
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        executor = LoopExecutor(group.next())
        echo = try await EchoServer.open(on: group) { work.run() }
        var servers: [BlockPlace: HTTPServer] = [:]
        for (place, executor) in [
            (BlockPlace.hummingbirdLoop, HandlerExecutor.loop), (.hummingbirdPool, .pool),
        ] {
            servers[place] = try await HelloServer.start(executor) { work.run() }
        }
        self.servers = servers
        self.work = work
    }

    /// Blocks one of them.
    ///
    /// - Parameters:
    ///   - place: Where.
    ///   - blocker: How.
    ///   - obstacle: What it runs into.
    /// - Throws: What the connection says.
    func block(_ place: BlockPlace, by blocker: Blocker, _ obstacle: Obstacle) async throws {
        work.work.withLock { $0 = Work(blocker: blocker, obstacle: obstacle) }
        switch place {
        case .task: _ = await Task.detached(executorPreference: executor) { handles(blocker, obstacle) }.value
        case .job: _ = await Task.detached { handles(blocker, obstacle) }.value
        case .loopResumption:
            _ = await Task.detached(executorPreference: executor) { await awaitsHandler(blocker, obstacle) }
                .value
        case .poolResumption: _ = await Task.detached { await awaitsHandler(blocker, obstacle) }.value
        case .channel: try ask(.echo, port: echo.localAddress?.port ?? 0)
        case .hummingbirdLoop, .hummingbirdPool: try ask(.http, port: servers[place]?.port ?? 0)
        }
    }

    private func ask(_ exchange: Connection.Exchange, port: Int) throws {
        let connection = try Connection(port: port, exchange)
        defer { connection.close() }
        try connection.exchange()
    }

    /// Ends them.
    ///
    /// - Throws: What NIO says.
    func stop() async throws {
        for server in servers.values { await server.stop(grace: .seconds(1)) }
        try await echo.close()
        try await group.shutdownGracefully()
    }
}

@inline(never) private func handles(_ blocker: Blocker, _ obstacle: Obstacle) -> Int {
    do {
        return try blocker.run(obstacle) + 1
    } catch {
        fatalError("\(blocker) did not block: \(error)")
    }
}

@inline(never) private func handlesResumed(_ blocker: Blocker, _ obstacle: Obstacle) async -> Int {
    // A real suspension: the rest runs in a function of its own, with no caller on the stack.
    await withUnsafeContinuation { continuation in
        Thread.detachNewThread { continuation.resume() }
    }
    return handles(blocker, obstacle) + 1
}

@inline(never) private func awaitsHandler(_ blocker: Blocker, _ obstacle: Obstacle) async -> Int {
    let result = await handlesResumed(blocker, obstacle)
    return result + 1
}
