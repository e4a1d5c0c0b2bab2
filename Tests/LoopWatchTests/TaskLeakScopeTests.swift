import LoopWatch
import Logging
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

private actor Keeper {
    /// The task inherits the actor, so that no job of its own passes the hook.
    func start(_ held: HeldTasks) {
        Task(name: "on an actor") { await self.stay(held) }
    }

    private func stay(_ held: HeldTasks) async { await held.wait() }
}

private struct BodyError: Error {}

private func names(in scope: () async throws -> Void) async -> [String?] {
    do {
        try await scope()
        return []
    } catch let error as TaskLeakError {
        return error.leakedTasks.map(\.name)
    } catch {
        return ["\(error)"]
    }
}

@Suite struct TaskLeakScopeTests {
    @Test func `scopes that overlap blame their own tasks alone`() async {
        let held = HeldTasks()
        @Sendable func scope(_ names: [String]) async -> [String?] {
            await LoopWatchTests.names {
                try await withNoTaskLeaks(grace: .zero) {
                    for name in names {
                        Task(name: name) { await held.wait() }
                        await Task.yield()
                    }
                }
            }
        }
        async let a = scope(["a-1", "a-2"])
        async let b = scope(["b-1", "b-2", "b-3"])
        async let none = scope([])
        #expect(await a == ["a-1", "a-2"])
        #expect(await b == ["b-1", "b-2", "b-3"])
        #expect(await none == [])
        held.letGo()
    }

    @Test func `what an inner scope leaves is left to the outer one too`() async {
        let held = HeldTasks()
        let outer = await names {
            try await withNoTaskLeaks(grace: .zero) {
                Task(name: "outer") { await held.wait() }
                let inner = await names {
                    try await withNoTaskLeaks(grace: .zero) { _ = Task(name: "inner") { await held.wait() } }
                }
                #expect(inner == ["inner"])
            }
        }
        #expect(outer == ["outer", "inner"])
        held.letGo()
    }

    @Test func `a task from before the scope that the body wakes is not the scope's`() async throws {
        let held = HeldTasks()
        let rest = HeldTasks()
        let older = Task.detached(name: "older") {
            await held.wait()
            await rest.wait()
        }
        await held.untilOneWaits()
        #expect(await names { try await withNoTaskLeaks(grace: .zero) { held.letGo() } } == [])
        rest.letGo()
        await older.value
    }

    @Test func `a task on an actor is found, without a name`() async throws {
        let held = HeldTasks()
        let keeper = Keeper()
        let error = await #expect(throws: TaskLeakError.self) {
            try await withNoTaskLeaks(grace: .zero) { await keeper.start(held) }
        }
        held.letGo()
        #expect(error?.leakedTasks.map(\.name) == [nil])
        #expect(error?.notes.count == 1)
        #expect(error?.notes.first?.contains("custom executor") == true)
    }

    @Test func `the body's own error is thrown, and what is left is logged`() async throws {
        let held = HeldTasks()
        let lines = KeptLog.Lines()
        let logger = Logger(label: "leaks") { _ in KeptLog(lines: lines) }
        await #expect(throws: BodyError.self) {
            try await withNoTaskLeaks(grace: .zero, action: .log(logger)) {
                Task(name: "left") { await held.wait() }
                throw BodyError()
            }
        }
        held.letGo()
        let texts = lines.all
        #expect(texts.count == 1)
        #expect(texts.first?.hasPrefix("warning: LoopWatch: 1 leaked task") == true)
        #expect(texts.first?.contains("\"left\"") == true)
    }

    @Test func `findings do not replace the body's own error`() async throws {
        let held = HeldTasks()
        await #expect(throws: BodyError.self) {
            try await withNoTaskLeaks(grace: .zero) {
                Task(name: "expected warning on standard error") { await held.wait() }
                throw BodyError()
            }
        }
        held.letGo()
    }

    @Test func `a cancelled task still has its grace period`() async throws {
        let held = HeldTasks()
        let (bodyHasEnded, bodyEnds) = AsyncStream.makeStream(of: Void.self)
        let releaser = Task.detached {
            for await _ in bodyHasEnded {}
            held.letGo()
        }
        let cancelled = Task.detached {
            withUnsafeCurrentTask { $0?.cancel() }
            return await names {
                try await withNoTaskLeaks(grace: .seconds(60)) {
                    Task { await held.wait() }
                    bodyEnds.finish()
                }
            }
        }
        #expect(await cancelled.value == [])
        await releaser.value
    }

    @Test func `a negative grace period is refused`() async {
        await #expect(throws: LoopWatchError.graceNegative(.seconds(-1))) {
            try await withNoTaskLeaks(grace: .seconds(-1)) {}
        }
    }

    #if os(Linux)
    @Test func `without the hook a leak is still found, and names are refused`() async {
        await #expect(processExitsWith: .success) { await findWithout("jobs", reason: "hook") }
    }

    @Test func `with an unknown layout of tasks a leak is still found, and names are refused`() async {
        await #expect(processExitsWith: .success) { await findWithout("tasks", reason: "layout") }
    }
    #endif
}

#if os(Linux)
/// Runs in a process of its own, where nothing has been proven yet.
private func findWithout(_ mechanism: String, reason: String) async {
    setenv("LOOPWATCH_DISABLE", mechanism, 1)
    let held = HeldTasks()
    let error = await #expect(throws: TaskLeakError.self) {
        try await withNoTaskLeaks(grace: .zero) { _ = Task(name: "left") { await held.wait() } }
    }
    #expect(error?.leakedTasks.map(\.name) == [nil])
    #expect(error?.notes.contains { $0.contains(reason) } == true)
    await #expect(throws: LoopWatchError.self) { try await withNoTaskLeaks(named: "left") {} }
    await #expect(throws: LoopWatchError.self) { try await withNoTaskLeaks(action: .cancel) {} }
    await #expect(throws: Never.self) {
        try await withNoTaskLeaks(grace: .seconds(60)) { await Task { held.letGo() }.value }
    }
}
#endif
