import Dispatch
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import LoopWatch

@inline(never) private func waitsForAnother(_ semaphore: DispatchSemaphore) -> Int {
    semaphore.signal()
    semaphore.wait()
    return 1
}

@inline(never) private func looksAtAFile() -> Int {
    let file = open("/proc/self/comm", O_RDONLY)
    defer { close(file) }
    var byte: UInt8 = 0
    return read(file, &byte, 1)
}

#if os(Linux)
/// Calls that may block, really made.
///
/// None of them waits, so that nothing depends on time.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct StrictModeTests {
    /// What a strict scope over a group of one loop finds; no test here is as slow as its threshold.
    private func blocks(
        strict: Strictness = .calls,
        ignoring: [IgnoreRule] = [],
        _ body: (any EventLoop) async throws -> Void
    ) async throws -> [LoopBlock] {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var found: [LoopBlock] = []
        do {
            try await withNoEventLoopBlocking(
                .loops(of: group),
                threshold: .seconds(30),
                ignoring: ignoring,
                strict: strict
            ) {
                try await body(group.next())
            }
        } catch let error as EventLoopBlockError {
            #expect(error.methods?.notes.contains { $0.hasPrefix("strict") } == false)
            found = error.blocks
        }
        try await group.shutdownGracefully()
        return found
    }

    @Test func `a call that may block is found on a loop, however short, with the line that made it`()
        async throws
    {
        let pipe = FullPipe()
        let found = try await blocks { loop in
            _ = try await loop.submit { pipe.readsAnAnswer() }.get()
        }
        let block = try #require(found.first)
        #expect(found.count == 1)
        #expect(block.kind == .blockingCall)
        #expect(block.call == "read")
        #expect(block.calls == 1)
        #expect(block.thread.hasPrefix("NIO-ELT-"))
        #expect(block.blame?.function == "FullPipe.readsAnAnswer()")
        #expect(block.blame?.file?.hasSuffix("Tests/LoopWatchTests/FullPipe.swift") == true)
        #expect(block.callee?.nameText == "read")
        #expect(block.samples.count == 1)
        #expect(block.duration == block.cpu + block.waiting + block.notScheduled)
    }

    @Test func `each place is one report, in the order they were reached, and says how often`() async throws {
        let pipe = FullPipe()
        let found = try await blocks { loop in
            for number in 0..<5 {
                _ = try await loop.submit {
                    number.isMultiple(of: 2) ? pipe.readsAnAnswer() : pipe.asksAQuestion()
                }.get()
            }
        }
        #expect(found.map(\.call) == ["read", "write"])
        #expect(found.map(\.calls) == [3, 2])
        #expect(found.map(\.id) == [1, 2])
    }

    @Test func `a call is found in a job of the pool, with its task`() async throws {
        let error = await #expect(throws: EventLoopBlockError.self) {
            try await withNoEventLoopBlocking(.concurrencyPool, threshold: .seconds(30), strict: .calls) {
                _ = waitsForAnother(DispatchSemaphore(value: 0))
                await Task.detached(name: "asks") {
                    _ = waitsForAnother(DispatchSemaphore(value: 0))
                }.value
            }
        }
        let block = try #require(error?.blocks.first)
        #expect(error?.blockCount == 1)
        #expect(block.call == "dispatch_semaphore_wait")
        #expect(block.calls == 2)
        #expect(block.thread.hasPrefix("pool-"))
        #expect(block.blame?.function == "waitsForAnother(_:)")
    }

    @Test func `files count only where files are asked for`() async throws {
        #expect(
            try await blocks { loop in _ = try await loop.submit { looksAtAFile() }.get() }.isEmpty
        )
        let found = try await blocks(strict: .callsAndFiles) { loop in
            _ = try await loop.submit { looksAtAFile() }.get()
        }
        #expect(found.map(\.call) == ["open", "read"])
        #expect(found.allSatisfy { $0.blame?.function == "looksAtAFile()" })
    }

    @Test func `what is ignored is allowed`() async throws {
        let pipe = FullPipe()
        let found = try await blocks(ignoring: [.symbol("FullPipe.readsAnAnswer")]) { loop in
            _ = try await loop.submit { pipe.readsAnAnswer() + pipe.asksAQuestion() }.get()
        }
        #expect(found.map(\.call) == ["write"])
    }

    @Test func `without strict mode no call is found`() async throws {
        let pipe = FullPipe()
        let found = try await blocks(strict: .off) { loop in
            _ = try await loop.submit { pipe.readsAnAnswer() }.get()
        }
        #expect(found.isEmpty)
    }

    @Test func `what NIO does on its loops is no blocking call`() async throws {
        let found = try await blocks(strict: .callsAndFiles) { loop in
            let server = try await ServerBootstrap(group: loop)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Echo())
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let answered = loop.makePromise(of: Void.self)
            let client = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Listener(answered: answered))
                    }
                }
                .connect(to: #require(server.localAddress)).get()
            try await client.writeAndFlush(ByteBuffer(string: "hello")).get()
            try await answered.futureResult.get()
            try await client.close().get()
            try await server.close().get()
        }
        #expect(found.isEmpty, "\(found.map { "\($0.call ?? "") \($0.causeText)" })")
    }

    @Test func `what LoopWatch does on a watched thread is no finding`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await withNoEventLoopBlocking(.concurrencyPool, threshold: .seconds(30), strict: .callsAndFiles) {
            for _ in 0..<2 {
                try await withNoEventLoopBlocking(.loops(of: group), threshold: .seconds(30)) {}
                try await withNoLeaks(
                    LeakChecks(tasks: .init(), threads: .init(named: "held"), blocking: nil)
                ) {}
            }
            OwnCalls.name()
        }
        try await group.shutdownGracefully()
    }

    /// The wait for a mutex is as good as always short, and locks are everywhere.
    @Test func `known miss: the wait for a mutex`() async throws {
        let mutex = Mutex(0)
        let found = try await blocks(strict: .callsAndFiles) { loop in
            _ = try await loop.submit { mutex.withLock { $0 += 1 } }.get()
        }
        #expect(found.isEmpty)
    }

    @Test func `a check for everything has strict mode too`() async throws {
        let (group, pipe) = (MultiThreadedEventLoopGroup(numberOfThreads: 1), FullPipe())
        let blocking = LeakChecks.Blocking(.loops(of: group), threshold: .seconds(30), strict: .calls)
        let error = await #expect(throws: LeakErrors.self) {
            try await withNoLeaks(LeakChecks(tasks: nil, threads: nil, blocking: blocking)) {
                _ = try await group.next().submit { pipe.readsAnAnswer() }.get()
            }
        }
        #expect(error?.blocks?.blocks.map(\.call) == ["read"])
        try await group.shutdownGracefully()
    }

    @Test func `a scope within another finds what that one knows already`() async throws {
        let pipe = FullPipe()
        let found = try await blocks { loop in
            _ = try await loop.submit { pipe.readsAnAnswer() }.get()
            let scope = try await BlockScope.open(
                .loops(of: loop),
                threshold: .seconds(30),
                strict: .calls
            )
            _ = try await loop.submit { pipe.readsAnAnswer() }.get()
            let inner = await BlockFinder(threshold: .seconds(30)).blocks(in: await scope.close())
            #expect(inner.map(\.calls) == [1])
        }
        #expect(found.map(\.calls) == [2])
    }
}

/// Has LoopWatch name a stack on the thread that calls.
private enum OwnCalls {
    static func name() {
        _ = Symbolicator.shared.frames(addresses: [1], kinds: [0], patience: .none)
    }
}

private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(data, promise: nil)
    }
}

private final class Listener: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let answered: EventLoopPromise<Void>

    init(answered: EventLoopPromise<Void>) { self.answered = answered }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { answered.succeed() }
}
#endif
