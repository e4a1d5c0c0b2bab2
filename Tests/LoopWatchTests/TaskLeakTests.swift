import LoopWatch
import Synchronization
import Testing

/// Long enough for a task that only has to be scheduled; the wait is over as soon as the task has finished.
private let patience = Duration.seconds(60)

/// What a scope finds while a test holds tasks, which it then lets go.
private func leaks(
    named filter: NameFilter = .any,
    creationStacks: Bool = true,
    _ body: (HeldTasks) async throws -> Void
) async -> TaskLeakError? {
    let held = HeldTasks()
    defer { held.letGo() }
    do {
        try await withNoTaskLeaks(named: filter, grace: .zero, creationStacks: creationStacks) {
            try await body(held)
        }
        return nil
    } catch {
        return error as? TaskLeakError
    }
}

@inline(never) private func startWorker(_ name: String?, _ held: HeldTasks) {
    Task(name: name) { await work(held) }
}

@inline(never) private func startDetached(_ held: HeldTasks) {
    Task.detached(name: "detached-1") { await work(held) }
}

@inline(never) private func work(_ held: HeldTasks) async {
    await waitInside(held)
    withExtendedLifetime(held) {}
}

@inline(never) private func waitInside(_ held: HeldTasks) async {
    await held.wait()
    withExtendedLifetime(held) {}
}

@Suite struct TaskLeakTests {
    @Test func `a scope returns the value of its body`() async throws {
        #expect(try await withNoTaskLeaks { 42 } == 42)
    }

    @Test func `tasks of a group, async lets and awaited tasks are no leaks`() async throws {
        let sum = try await withNoTaskLeaks(grace: patience) {
            async let one = 1
            let ten = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<10 { group.addTask { 1 } }
                return await group.reduce(0, +)
            }
            return await one + ten + Task { 1 }.value
        }
        #expect(sum == 12)
    }

    @Test func `a task that waits is leaked, with its name and the place that made it`() async throws {
        let error = try #require(await leaks { held in startWorker("worker-7", held) })
        let task = try #require(error.leakedTasks.first)
        #expect(error.taskCount == 1)
        #expect(error.notes.isEmpty)
        #expect(error.site.file == "LoopWatchTests/TaskLeakTests.swift")
        #expect(task.name == "worker-7")
        #expect(task.id > 0)
        let maker = try #require(task.creationStack.first { $0.isUserCode })
        #expect(maker.function?.contains("startWorker") == true)
        #expect(maker.file?.hasSuffix("LoopWatchTests/TaskLeakTests.swift") == true)
        #expect(error.description.contains("task \"worker-7\" not finished 0 ms after the scope"))
        #expect(error.description.contains("created at Tests/LoopWatchTests/TaskLeakTests.swift:"))
    }

    @Test func `a detached task is leaked`() async throws {
        let error = try #require(await leaks { held in startDetached(held) })
        #expect(error.leakedTasks.map(\.name) == ["detached-1"])
    }

    @Test func `a task without a name is leaked under its number`() async throws {
        let error = try #require(await leaks { held in startWorker(nil, held) })
        #expect(error.leakedTasks.map(\.name) == [nil])
        #expect(error.leakedTasks.allSatisfy { $0.id > 0 })
    }

    @Test func `a task that finishes within the grace period is no leak`() async throws {
        let (bodyHasEnded, bodyEnds) = AsyncStream.makeStream(of: Void.self)
        let held = HeldTasks()
        // Belongs to no scope, though the body wakes it.
        let releaser = Task.detached {
            for await _ in bodyHasEnded {}
            held.letGo()
        }
        try await withNoTaskLeaks(grace: patience) {
            startWorker("short", held)
            await held.untilOneWaits()
            bodyEnds.finish()
        }
        await releaser.value
    }

    @Test func `a finished task whose handle is kept is no leak`() async throws {
        let kept = try await withNoTaskLeaks(grace: patience) {
            let tasks = [Task { 1 }, Task.detached { 2 }]
            for task in tasks { _ = await task.value }
            return tasks
        }
        #expect(await kept[0].value + kept[1].value == 3)
    }

    @Test func `the children of a leaked task are not counted beside it`() async throws {
        let error = try #require(
            await leaks { held in
                _ = Task(name: "owner") {
                    async let other: Void = held.wait()
                    await withTaskGroup { group in
                        for _ in 0..<3 { group.addTask { await held.wait() } }
                    }
                    await other
                }
                await held.untilOneWaits()
            }
        )
        #expect(error.leakedTasks.map(\.name) == ["owner"])
    }

    @Test func `a task made by a child of the scope is leaked`() async throws {
        let error = try #require(
            await leaks { held in
                await withTaskGroup { group in group.addTask { startWorker("grandchild", held) } }
                async let other: Void = startWorker("great-grandchild", held)
                await other
            }
        )
        #expect(error.leakedTasks.compactMap(\.name).sorted() == ["grandchild", "great-grandchild"])
    }

    @Test func `the current stack names the functions that a task is suspended in`() async throws {
        var stack: [StackFrame] = []
        // A task that has said it waits may still run for a moment, and has no such stack then.
        while stack.isEmpty {
            let error = try #require(
                await leaks { held in
                    startWorker("suspended", held)
                    await held.untilOneWaits()
                }
            )
            stack = error.leakedTasks[0].currentStack
        }
        let functions = stack.map { $0.function ?? "" }
        let inner = try #require(functions.firstIndex { $0.contains("waitInside") })
        let outer = try #require(functions.firstIndex { $0.hasPrefix("work") || $0.contains(" work") })
        #expect(inner < outer)
    }

    @Test func `without creation stacks none is taken`() async throws {
        let error = try #require(await leaks(creationStacks: false) { held in startWorker("bare", held) })
        #expect(error.leakedTasks.map(\.name) == ["bare"])
        #expect(error.leakedTasks.allSatisfy { $0.creationStack.isEmpty })
    }

    @Test func `only tasks with the asked name are reported`() async throws {
        func start(_ held: HeldTasks) {
            for name in ["worker-1", "worker-2", nil] { startWorker(name, held) }
        }
        #expect(await leaks(named: "worker-1", start)?.leakedTasks.map(\.name) == ["worker-1"])
        #expect(await leaks(named: .matching(/worker-\d/), start)?.taskCount == 2)
        #expect(await leaks(named: .not("worker-1"), start)?.leakedTasks.map(\.name) == ["worker-2", nil])
        #expect(await leaks(named: "nobody", start) == nil)
    }

    @Test func `a leaked task can be cancelled after its scope`() async throws {
        let (endings, ending) = AsyncStream.makeStream(of: Bool.self)
        let error = await #expect(throws: TaskLeakError.self) {
            try await withNoTaskLeaks(grace: .zero) { startEndless(ending) }
        }
        for task in try #require(error).leakedTasks { task.cancel() }
        #expect(await endings.first { _ in true } == true)
    }

    @Test func `the action cancel cancels what is left and throws nothing`() async throws {
        let (endings, ending) = AsyncStream.makeStream(of: Bool.self)
        try await withNoTaskLeaks(grace: .zero, action: .cancel) { startEndless(ending) }
        #expect(await endings.first { _ in true } == true)
    }

    private func startEndless(_ ending: AsyncStream<Bool>.Continuation) {
        Task(name: "endless") {
            // Throws only when the task is cancelled, which is what it waits for.
            try? await Task.sleep(for: .seconds(3600))
            ending.yield(Task.isCancelled)
        }
    }
}
