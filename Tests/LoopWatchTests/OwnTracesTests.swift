import CLoopProbe
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import LoopWatch

#if os(Linux)
/// What watching leaves behind itself: nothing, in a process where nothing else runs.
@Suite(.timeLimit(.minutes(10)))
struct OwnTracesTests {
    @Test func `starting and stopping leaves no thread, task or descriptor`() async {
        await #expect(processExitsWith: .success) {
            // Everything is tried out, and what serves the whole process is there, from the first time on.
            try await OwnTraces.watchOnce()
            let before = OwnTraces.descriptors()
            let checks = LeakChecks(
                tasks: .init(grace: .seconds(30)),
                threads: .init(grace: .seconds(30)),
                blocking: nil
            )
            try await withNoLeaks(checks) { try await OwnTraces.watchOnce() }
            // The system lists a thread for a moment after it was joined.
            while !OwnTraces.ownThreads().isEmpty { await Task.yield() }
            #expect(OwnTraces.descriptors() == before)
        }
    }

    @Test func `a thousand scopes in a row grow neither memory nor threads`() async {
        await #expect(processExitsWith: .success) {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            func scopes(_ count: Int) async throws {
                for _ in 0..<count {
                    try await withNoEventLoopBlocking(.loops(of: group), threshold: .seconds(60)) {
                        try await withNoTaskLeaks { await Task {}.value }
                    }
                }
            }
            try await scopes(1)
            let workers = OwnTraces.extraWorkers()
            try await scopes(1000)
            // Timers on dispatch's default queue had it make dozens.
            #expect(OwnTraces.extraWorkers() <= workers)
            var growths: [Int] = []
            var before = try #require(await OwnTraces.allocatedAtRest())
            // A scope that kept anything at all would keep 16 bytes, and most would keep hundreds.
            // It would do so each time, while what serves the whole process grows once.
            while growths.last ?? .max >= 1000 * 16, growths.count < 3 {
                try await scopes(1000)
                let after = try #require(await OwnTraces.allocatedAtRest())
                growths.append(after - before)
                before = after
            }
            let least = try #require(growths.last)
            #expect(least < 1000 * 16, "\(growths) bytes more")
            try await group.shutdownGracefully()
        }
    }
}

private enum OwnTraces {
    /// A detector and a scope, from start to stop.
    static func watchOnce() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        var configuration = BlockDetector.Configuration()
        configuration.watched = .loops(of: group)
        configuration.threshold = .seconds(60)
        let detector = try await BlockDetector.start(configuration)
        try await withNoEventLoopBlocking(.loops(of: group), threshold: .seconds(60)) {}
        _ = await detector.stop()
        try await group.shutdownGracefully()
    }

    /// The names of LoopWatch's threads that run.
    static func ownThreads() -> [String] {
        ThreadList.now().entries.filter(\.isOwn).map(\.name)
    }

    /// How many workers dispatch has made beyond one a processor.
    static func extraWorkers() -> Int {
        ThreadList.now().entries.count { $0.name.hasSuffix("qos.overcommit") }
    }

    /// What the process has open, without the accounts of the pool's threads, which live as long as these.
    ///
    /// Dispatch's timers are left out too: it opens one for each clock, when a timer first needs it, and keeps it.
    static func descriptors() -> [String] {
        let folder = "/proc/self/fd"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        // One that was closed meanwhile leads nowhere: that of the listing itself.
        return numbers.compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
        .filter { !$0.hasSuffix("/schedstat") && !$0.hasSuffix("/fd") && $0 != "anon_inode:[timerfd]" }
        .sorted()
    }

    /// What ``allocated()`` tells once dispatch's workers have ended, which they do when they had nothing to do for long.
    ///
    /// A worker keeps the memory of each job that it takes over from another kind of thread, such as a loop's, to use
    /// it for jobs of its own: of a thousand at the most, for as long as it lives, whoever makes the jobs.
    static func allocatedAtRest() async -> Int? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                // A thread bears the name of its maker at first.
                lp_name_thread("at-rest")
                // Nobody tells of the end of a worker, so it is looked for.
                while ThreadList.now().entries.contains(where: { $0.name.hasSuffix("-qos") }) {
                    usleep(20_000)
                }
                continuation.resume(returning: allocated())
            }
        }
    }

    /// The bytes that are allocated; nil if the C library doesn't tell, as `malloc_info` does.
    static func allocated() -> Int? {
        typealias Tell = @convention(c) (Int32, OpaquePointer?) -> Int32
        var text: UnsafeMutablePointer<CChar>?
        var length = 0
        guard let symbol = dlsym(nil, "malloc_info"), let stream = open_memstream(&text, &length) else {
            return nil
        }
        let told = unsafeBitCast(symbol, to: Tell.self)(0, OpaquePointer(stream))
        fclose(stream)
        guard told == 0, let text else { return nil }
        defer { free(text) }
        // What follows the last heap is the sum of all.
        guard let sum = String(cString: text).components(separatedBy: "</heap>").last else { return nil }
        func size(_ element: String, _ type: String) -> Int? {
            let line = sum.split(separator: "\n").first { $0.hasPrefix("<\(element) type=\"\(type)\"") }
            return line?.firstMatch(of: /size="(\d+)"/).flatMap { Int($0.1) }
        }
        guard let system = size("system", "current"), let mapped = size("total", "mmap"),
            let fast = size("total", "fast"), let rest = size("total", "rest")
        else { return nil }
        return system + mapped - fast - rest
    }
}
#endif
