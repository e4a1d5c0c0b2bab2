import LoopWatch
import LoopWatchTesting
import Synchronization
import Testing

/// What the traits are made of; that they find something is for packages whose tests must fail.
@Suite struct TraitTests {
    @Test func `watched tests run one at a time, and each of them runs`() async {
        let turn = TestTurn()
        let visits = Visits()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await turn.take {
                        visits.enter()
                        await Task.yield()
                        visits.leave()
                    }
                }
            }
        }
        let (most, done) = visits.totals
        #expect(most == 1)
        #expect(done == 50)
    }

    @Test func `a test that throws ends its turn`() async {
        struct Failure: Error {}
        let turn = TestTurn()
        await #expect(throws: Failure.self) { try await turn.take { throw Failure() } }
        await turn.take {}
    }

    @Test func `an issue stands at its frame's file, line and column`() throws {
        let path = "/srv/shop/Sources/Shop/Cart.swift"
        let frame = StackFrame(function: "pay(_:)", file: path, line: 7, column: 3)
        let location = try #require(SourceLocation(frame: frame))
        #expect(location.fileID == "Shop/Cart.swift")
        #expect(location.filePath == path)
        #expect(location.line == 7)
        #expect(location.column == 3)
    }

    @Test func `of a suite's and a test's traits of one kind the nearest wins`() {
        let checks = LeakTrait.nearest(of: [.noLeaks, .noTaskLeaks(grace: .seconds(7))])
        #expect(checks.tasks?.grace == .seconds(7))
        #expect(checks.threads?.grace == .milliseconds(100))
        #expect(checks.blocking?.threshold == .milliseconds(10))
    }

    @Test func `a test can turn off what its suite asks for`() {
        let checks = LeakTrait.nearest(of: [.noLeaks, .noLeaks(tasks: nil, blocking: .milliseconds(30))])
        #expect(checks.tasks == nil)
        #expect(checks.threads != nil)
        #expect(checks.blocking?.threshold == .milliseconds(30))
    }

    @Test func `a trait of one kind asks for nothing else`() {
        let tasks = LeakTrait.nearest(of: [.noTaskLeaks(named: "worker")])
        #expect(tasks.tasks?.named.matches("worker") == true)
        #expect(tasks.tasks?.named.matches("other") == false)
        #expect(tasks.threads == nil && tasks.blocking == nil)
        let threads = LeakTrait.nearest(of: [.noThreadLeaks(grace: .seconds(3))])
        #expect(threads.threads?.grace == .seconds(3))
        #expect(threads.tasks == nil && threads.blocking == nil)
        let blocking = LeakTrait.nearest(of: [.noEventLoopBlocking(.allLoops)])
        #expect(blocking.blocking != nil)
        #expect(blocking.tasks == nil && blocking.threads == nil)
    }

    @Test func `a trait asks for strict mode as its parameters do`() {
        #expect(LeakTrait.nearest(of: [.noEventLoopBlocking()]).blocking?.strict == .off)
        let strict = LeakTrait.nearest(of: [.noLeaks, .noEventLoopBlocking(strict: .callsAndFiles)])
        #expect(strict.blocking?.strict == .callsAndFiles)
    }

    @Test func `a frame without a line is no place for an issue`() {
        #expect(SourceLocation(frame: StackFrame(function: "usleep")) == nil)
        #expect(SourceLocation(frame: StackFrame(function: "f()", file: "/a/b.swift", line: 0)) == nil)
    }
}

/// How many are inside at once.
private final class Visits: Sendable {
    private struct Counts { var inside = 0, most = 0, done = 0 }

    private let counts = Mutex(Counts())

    var totals: (most: Int, done: Int) { counts.withLock { ($0.most, $0.done) } }

    func enter() {
        counts.withLock { counts in
            counts.inside += 1
            counts.most = max(counts.most, counts.inside)
        }
    }

    func leave() {
        counts.withLock { counts in
            counts.inside -= 1
            counts.done += 1
        }
    }
}
