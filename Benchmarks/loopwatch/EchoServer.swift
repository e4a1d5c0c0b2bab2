import Foundation
import HTTPServing
import LoopWatch
import NIOCore
import NIOPosix

/// Sends back what it reads.
enum EchoServer {
    /// Opens a server on a free port of this machine.
    ///
    /// - Parameters:
    ///   - group: Where it runs.
    ///   - work: What it does on the loop before each answer.
    /// - Returns: The listening channel.
    /// - Throws: What the system says.
    static func open(
        on group: any EventLoopGroup,
        work: @escaping @Sendable () -> Void = {}
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(EchoHandler(work: work))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// Serves as a process of its own: prints its port, then its state for each line it reads.
    ///
    /// - Parameters:
    ///   - isWatched: Whether its loop and the pool are watched.
    ///   - isHTTP: Whether it says hello over HTTP instead, as Hummingbird comes: with handlers on the pool.
    /// - Throws: What the system says, or a ``LoopWatchError``.
    @MainActor
    static func serve(isWatched: Bool, isHTTP: Bool) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let echo = isHTTP ? nil : try await open(on: group)
        let hello = isHTTP ? try await HelloServer.start(.pool) : nil
        let detector = isWatched ? try await BlockDetector.start() : nil
        Report.say("\(hello?.port ?? echo?.localAddress?.port ?? 0)")
        while readLine() != nil {
            await detector?.settle()
            let snapshot = detector?.snapshot()
            let loop = snapshot?.loops.first { $0.name.hasPrefix("NIO-ELT") }
            let times = [loop?.busy, loop?.notScheduled].map { Int(($0 ?? .zero) / .milliseconds(1)) }
            Report.say("\(Machine.cpuNanoseconds) \(snapshot?.blocks.count ?? 0) \(times[0]) \(times[1])")
        }
        if let snapshot = await detector?.stop(), !snapshot.blocks.isEmpty {
            FileHandle.standardError.write(Data("\(snapshot.text)\n".utf8))
        }
        await hello?.stop(grace: .zero)
        try await echo?.close()
        try await group.shutdownGracefully()
    }
}

/// Answers with the same bytes.
private final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let work: @Sendable () -> Void

    init(work: @escaping @Sendable () -> Void) { self.work = work }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        work()
        context.writeAndFlush(data, promise: nil)
    }
}
