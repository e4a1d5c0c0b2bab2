@testable import LoopWatch
import Logging
import NIOCore
import NIOPosix
import Testing

private struct BodyError: Error {}

/// What the body of a test leaves behind, which the test ends.
private struct Leftovers {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let tasks = HeldTasks()
    let threads = HeldThreads()
    private let lines = KeptLog.Lines()

    /// Keeps what is logged.
    var logger: Logger { Logger(label: "leaks") { [lines] _ in KeptLog(lines: lines) } }

    /// The first line of all that was logged, in its order.
    var logged: [String] {
        lines.all.map { text in String(text.prefix { $0 != "(" }) }
    }

    /// Checks that see only what this test does, with no time to spare.
    func checks(
        tasks: TaskLeakAction? = nil,
        threads: WatchAction? = nil,
        blocking: WatchAction? = nil
    ) -> LeakChecks {
        LeakChecks(
            tasks: tasks.map { LeakChecks.Tasks(grace: .zero, action: $0) },
            threads: threads.map { LeakChecks.Threads(named: "held-pthread", grace: .zero, action: $0) },
            blocking: blocking.map {
                LeakChecks.Blocking(.loops(of: group), threshold: .milliseconds(2), action: $0)
            }
        )
    }

    /// Leaves a task and a thread, and blocks a loop until its stack has been taken.
    func make() async throws {
        Task(name: "left") { [tasks] in await tasks.wait() }
        threads.startByPthread()
        let blocker = Blocker()
        let listener = try await BlockScope.open(
            .loops(of: group),
            threshold: .milliseconds(2),
            sampled: { _ in blocker.sampled() }
        )
        _ = try await group.next().submit { handlesRequest(blocker) }.get()
        _ = await listener.close()
    }

    /// Ends all of it.
    func end() async throws {
        tasks.letGo()
        threads.letGo()
        try await group.shutdownGracefully()
    }
}

/// What a scope with some checks throws around a body that leaves one of everything.
private func errors(
    _ checks: (Leftovers) -> LeakChecks
) async throws -> (thrown: LeakErrors?, logged: [String]) {
    let leftovers = Leftovers()
    var thrown: LeakErrors?
    do {
        try await withNoLeaks(checks(leftovers)) { try await leftovers.make() }
    } catch let error as LeakErrors {
        thrown = error
    }
    try await leftovers.end()
    return (thrown, leftovers.logged)
}

#if os(Linux)
@Suite(.serialized, .timeLimit(.minutes(1)))
struct WithNoLeaksTests {
    @Test func `a scope returns the value of its body, whatever is looked for`() async throws {
        let leftovers = Leftovers()
        let all = leftovers.checks(tasks: .throw, threads: .throw, blocking: .throw)
        #expect(try await withNoLeaks(all) { 1 } == 1)
        #expect(try await withNoLeaks(leftovers.checks()) { 2 } == 2)
        try await leftovers.end()
    }

    @Test func `blocks alone are thrown when nothing else is looked for`() async throws {
        let thrown = try #require(try await errors { $0.checks(blocking: .throw) }.thrown)
        #expect(thrown.blocks?.blockCount == 1)
        #expect(thrown.blocks?.blocks.first?.blame?.function == "readsTheWholeFile(_:)")
        #expect(thrown.blocks?.site.file == "LoopWatchTests/WithNoLeaksTests.swift")
        #expect(thrown.tasks == nil)
        #expect(thrown.threads == nil)
    }

    @Test func `tasks alone are thrown when nothing else is looked for`() async throws {
        let thrown = try #require(try await errors { $0.checks(tasks: .throw) }.thrown)
        #expect(thrown.tasks?.leakedTasks.map(\.name) == ["left"])
        #expect(thrown.blocks == nil)
        #expect(thrown.threads == nil)
    }

    @Test func `threads alone are thrown when nothing else is looked for`() async throws {
        let thrown = try #require(try await errors { $0.checks(threads: .throw) }.thrown)
        #expect(thrown.threads?.leakedThreads.map(\.name) == ["held-pthread"])
        #expect(thrown.blocks == nil)
        #expect(thrown.tasks == nil)
    }

    @Test func `one error holds blocks, tasks and threads, and tells them in this order`() async throws {
        let thrown = try #require(
            try await errors { $0.checks(tasks: .throw, threads: .throw, blocking: .throw) }.thrown
        )
        #expect(thrown.blocks?.blockCount == 1)
        #expect(thrown.tasks?.leakedTasks.map(\.name) == ["left"])
        #expect(thrown.threads?.leakedThreads.map(\.name) == ["held-pthread"])
        let heads = thrown.description.split(separator: "\n").filter { $0.hasPrefix("LoopWatch: ") }
        #expect(
            heads.map { $0.split(separator: " ").dropFirst(2).prefix(2).joined(separator: " ") }
                == ["loop block,", "leaked task", "leaked thread"],
            "\(heads)"
        )
    }

    @Test func `with everything off nothing is found`() async throws {
        let (thrown, logged) = try await errors { $0.checks() }
        #expect(thrown == nil)
        #expect(logged.isEmpty)
    }

    @Test func `blocks are looked for first, then tasks, then threads`() async throws {
        let (thrown, logged) = try await errors { leftovers in
            let action = WatchAction.log(leftovers.logger)
            return leftovers.checks(tasks: .log(leftovers.logger), threads: action, blocking: action)
        }
        #expect(thrown == nil)
        #expect(logged.count == 3)
        #expect(logged.first?.hasPrefix("warning: LoopWatch: 1 loop block") == true)
        #expect(
            logged.dropFirst() == [
                "warning: LoopWatch: 1 leaked task ", "warning: LoopWatch: 1 leaked thread ",
            ]
        )
    }

    @Test func `what is logged is not thrown with what is`() async throws {
        let (thrown, logged) = try await errors { leftovers in
            leftovers.checks(tasks: .log(leftovers.logger), threads: .throw, blocking: .throw)
        }
        #expect(thrown?.blocks != nil)
        #expect(thrown?.tasks == nil)
        #expect(thrown?.threads != nil)
        #expect(logged == ["warning: LoopWatch: 1 leaked task "])
    }

    @Test func `a task is cancelled before threads are looked for`() async throws {
        let threads = HeldThreads()
        let checks = LeakChecks(
            tasks: LeakChecks.Tasks(grace: .zero, action: .cancel),
            // Over as soon as the thread has ended.
            threads: LeakChecks.Threads(named: "held-pthread", grace: .seconds(60)),
            blocking: nil
        )
        try await withNoLeaks(checks) {
            threads.startByPthread()
            Task(name: "owner of the thread") {
                // Throws only when the task is cancelled, which is what it waits for.
                try? await Task.sleep(for: .seconds(3600))
                threads.letGo()
            }
        }
    }

    @Test func `the body's own error is thrown, and findings are told beside it`() async throws {
        let leftovers = Leftovers()
        let action = WatchAction.log(leftovers.logger)
        await #expect(throws: BodyError.self) {
            try await withNoLeaks(
                leftovers.checks(tasks: .log(leftovers.logger), threads: action, blocking: .throw)
            ) {
                try await leftovers.make()
                throw BodyError()
            }
        }
        try await leftovers.end()
        #expect(
            leftovers.logged == [
                "warning: LoopWatch: 1 leaked task ", "warning: LoopWatch: 1 leaked thread ",
            ]
        )
    }

    @Test func `a group that is watched leaves no task of LoopWatch's behind`() async throws {
        let leftovers = Leftovers()
        try await withNoLeaks(leftovers.checks(tasks: .throw)) {
            try await withNoEventLoopBlocking(.loops(of: leftovers.group), threshold: .seconds(5)) {}
        }
        try await leftovers.end()
    }

    @Test func `a check that can't be made is refused, and nothing stays open`() async throws {
        var checks = LeakChecks()
        checks.blocking?.threshold = .zero
        await #expect(throws: LoopWatchError.thresholdTooSmall(.zero)) { try await withNoLeaks(checks) {} }
        checks = LeakChecks()
        checks.tasks?.grace = .seconds(-1)
        await #expect(throws: LoopWatchError.graceNegative(.seconds(-1))) { try await withNoLeaks(checks) {} }
        let (thrown, _) = try await errors { $0.checks(tasks: .throw) }
        #expect(thrown?.tasks?.taskCount == 1)
    }
}
#endif
