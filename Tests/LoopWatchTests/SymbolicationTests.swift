import NIOCore
import NIOPosix
import Testing

@testable import LoopWatch

#if os(Linux)
/// When the blocks of a detector get their names.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct SymbolicationTests {
    /// What a detector of a process of its own sees of one block.
    private static func snapshot(_ symbolication: BlockDetector.Symbolication) async throws -> Snapshot {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let blocker = Blocker()
        var configuration = BlockDetector.Configuration()
        configuration.watched = .loops(of: group)
        configuration.threshold = .milliseconds(2)
        configuration.symbolication = symbolication
        let detector = try await BlockDetector.start(configuration)
        let listener = try await BlockScope.open(
            .loops(of: group),
            threshold: .milliseconds(2),
            sampled: { _ in blocker.sampled() }
        )
        _ = try await group.next().submit { handlesRequest(blocker) }.get()
        _ = await listener.close()
        let snapshot = await detector.stop()
        try await group.shutdownGracefully()
        return snapshot
    }

    @Test func `in the background frames get function, file and line`() async {
        await #expect(processExitsWith: .success) {
            let seen = try await Self.snapshot(.background)
            #expect(seen.blocks.first?.blame?.function == "readsTheWholeFile(_:)")
            #expect(seen.buildIDs.isEmpty && !seen.json().contains("build_ids"))
        }
    }

    @Test func `deferred frames keep image and offset, and the snapshot the builds of the images`() async {
        await #expect(processExitsWith: .success) {
            let seen = try await Self.snapshot(.deferred)
            let frames = seen.blocks.flatMap(\.samples).flatMap(\.frames)
            #expect(!frames.isEmpty)
            #expect(frames.allSatisfy { $0.function == nil && $0.file == nil && $0.offset != nil })
            #expect(seen.blocks.allSatisfy { $0.blame == nil })
            let images = Set(frames.compactMap(\.module))
            #expect(!seen.buildIDs.isEmpty && Set(seen.buildIDs.keys).isSubset(of: images))
            #expect(seen.json().contains(#""build_ids":{""#))
        }
    }

    @Test func `turned off frames are bare addresses`() async {
        await #expect(processExitsWith: .success) {
            let seen = try await Self.snapshot(.off)
            let frames = seen.blocks.flatMap(\.samples).flatMap(\.frames)
            #expect(!frames.isEmpty)
            #expect(frames.allSatisfy { $0.address > 0 && $0.function == nil && $0.module == nil })
            #expect(seen.loops.map(\.intervals) == [1])
        }
    }
}
#endif
