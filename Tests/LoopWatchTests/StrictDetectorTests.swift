import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import LoopWatch

#if os(Linux)
extension BlockDetectorTests {
    @Test func `a strict detector tells of each place once and goes on counting`() async {
        // Calls that other tests' threads lose would count here.
        await #expect(processExitsWith: .success) {
            let (group, pipe) = (MultiThreadedEventLoopGroup(numberOfThreads: 1), FullPipe())
            let told = Mutex<[String?]>([])
            var configuration = BlockDetector.Configuration()
            configuration.watched = .loops(of: group)
            configuration.threshold = .seconds(30)
            configuration.strict = .calls
            configuration.onBlock = { block in told.withLock { $0.append(block.call) } }
            let detector = try await BlockDetector.start(configuration)
            _ = try await group.next().submit { pipe.readsAnAnswer() }.get()
            await detector.settle()
            _ = try await group.next().submit { pipe.readsAnAnswer() + pipe.asksAQuestion() }.get()
            await detector.settle()
            let snapshot = detector.snapshot()
            #expect(snapshot.blocks.map(\.call) == ["read", "write"])
            #expect(snapshot.blocks.map(\.kind) == [.blockingCall, .blockingCall])
            #expect(snapshot.blocks.map(\.calls) == [2, 1])
            #expect(snapshot.groups.map(\.count).sorted() == [1, 2])
            #expect(snapshot.loops.map(\.intervals) == [0])
            #expect(snapshot.dropped == 0)
            #expect(snapshot.text.contains("blocking call read on NIO-ELT-"))
            #expect(told.withLock { $0 } == ["read", "write"])
            #expect(await detector.stop().blocks.map(\.calls) == [2, 1])
            try await group.shutdownGracefully()
        }
    }
}
#endif
