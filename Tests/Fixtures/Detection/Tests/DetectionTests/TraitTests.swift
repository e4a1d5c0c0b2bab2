import LoopWatchTesting
import Testing

@Suite struct TraitTests {
    @Test(.noEventLoopBlocking()) func `blocks a loop`() async throws {
        try await blockLoop()
    }

    @Test(.noTaskLeaks()) func `leaves a task`() async {
        leaveTask()
    }

    @Test(.noThreadLeaks()) func `leaves a thread`() async {
        leaveThread()
    }

    @Test(.noLeaks) func `leaves one of each`() async throws {
        leaveTask()
        leaveThread()
        try await blockLoop()
    }

    @Test(.noLeaks(tasks: "left-task", threads: nil, blocking: nil))
    func `leaves one of each and is asked for tasks`() async throws {
        leaveTask()
        leaveThread()
        try await blockLoop()
    }

    @Test(.noLeaks(LeakChecks(tasks: nil, blocking: nil)))
    func `leaves one of each and is asked for threads`() async throws {
        leaveTask()
        leaveThread()
        try await blockLoop()
    }
}

@Suite(.noLeaks) struct SuiteTests {
    @Test func `leaves a task in a suite`() async {
        leaveTask()
    }

    @Test(.noLeaks(tasks: nil, threads: nil, blocking: nil))
    func `may leave whatever it likes`() async throws {
        leaveTask()
        leaveThread()
        try await blockLoop()
    }

    @Test(.noTaskLeaks(action: .warn)) func `is warned of a task`() async {
        leaveTask()
    }

    @Test(.noTaskLeaks(action: .cancel)) func `has a task cancelled`() async {
        leaveTask()
    }

    @Test func `leaves nothing`() async throws {
        #expect(await Task { 1 }.value == 1)
    }
}
