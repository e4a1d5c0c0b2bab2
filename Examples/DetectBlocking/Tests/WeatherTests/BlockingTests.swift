import Foundation
import LoopWatchTesting
import Testing

@Suite(.serialized, .timeLimit(.minutes(1)))
struct BlockingTests {
    /// Such a test fails for a route that blocks: the issue stands at the line that blocks, in Sensor.swift.
    @Test(.noEventLoopBlocking(threshold: .milliseconds(100)))
    func `asking for the temperature blocks nobody`() async throws {
        let answer = try await RunningServer.get("temperature")
        #expect(answer == "21 degrees")
    }

    /// What a failing test would say, as a test that passes.
    @Test func `the blocking route is found, with the line that blocks`() async throws {
        let error = await #expect(throws: EventLoopBlockError.self) {
            try await withNoEventLoopBlocking(threshold: .milliseconds(100)) {
                _ = try await RunningServer.get("temperature/blocking")
            }
        }
        let blocks = try #require(error?.blocks)
        // A sample that comes just after the wait makes a second part of the same interval.
        #expect(Set(blocks.map(\.interval)) == [1], "\(blocks)")
        let block = try #require(blocks.first)
        #expect(block.kind == .concurrencyPool)
        #expect(block.blame?.function == "readSensor()")
        #expect(block.blame?.file?.hasSuffix("/Sources/Weather/Sensor.swift") == true)
        #expect(block.blame?.line == (try Self.lineOfTheWait()))
        let names = try #require(block.samples.first).frames.filter(\.isUserCode).compactMap(\.function)
        #expect(names.contains { $0.contains("temperatureByBlocking()") }, "\(names)")
    }

    /// Where the source waits, so that the test holds when lines move.
    private static func lineOfTheWait() throws -> Int {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let source = try String(
            contentsOf: package.appending(path: "Sources/Weather/Sensor.swift"),
            encoding: .utf8
        )
        let index = source.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
            $0.contains("usleep(")
        }
        return try #require(index) + 1
    }
}
