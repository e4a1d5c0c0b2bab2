import Foundation
import LoopWatch
import NIOCore
import NIOPosix

/// What watching costs while nothing happens.
@MainActor
struct IdleCost {
    private let seconds: Int

    /// Takes the options.
    ///
    /// - Parameter options: `--seconds` is how long, 30 by itself.
    init(_ options: Options) { seconds = options.seconds ?? 30 }

    /// Measures.
    ///
    /// - Parameter report: Where the figures go.
    /// - Throws: What went wrong before there was a figure.
    func run(_ report: inout Report) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 4)
        for loop in group.makeIterator() { try await loop.submit {}.get() }
        let before = try await share(seconds: min(seconds, 5))
        let detector = try await BlockDetector.start()
        for loop in group.makeIterator() { try await loop.submit {}.get() }
        let watched = try await share(seconds: seconds)
        _ = await detector.stop()
        try await group.shutdownGracefully()
        Report.say(" 4 idle loops and the pool, watched for \(seconds) s")
        report.figure("of a core, unwatched", "\(before.text(3)) %")
        report.figure("of a core, watched", "\(watched.text(3)) %", goal: "< 0.5", isMet: watched < 0.5)
    }

    /// How much of a core this process takes, in percent.
    private func share(seconds: Int) async throws -> Double {
        let cpu = Machine.cpuNanoseconds
        let start = Machine.nanoseconds(of: CLOCK_MONOTONIC)
        try await Task.sleep(for: .seconds(seconds))
        let passed = Machine.nanoseconds(of: CLOCK_MONOTONIC) - start
        return Double(Machine.cpuNanoseconds - cpu) / Double(passed) * 100
    }
}
