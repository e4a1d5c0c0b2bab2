import LoopWatch
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Long enough for a thread that only has to be scheduled; the wait is over as soon as it has ended.
private let patience = Duration.seconds(60)

private struct BodyError: Error {}

/// What a scope finds while a test holds threads, which it then ends.
private func leaks(
    named filter: NameFilter,
    includingRuntimeThreads: Bool = false,
    _ body: (HeldThreads) -> Void
) -> ThreadLeakError? {
    let held = HeldThreads()
    defer { held.letGo() }
    do {
        try withNoThreadLeaks(
            named: filter,
            grace: .zero,
            includingRuntimeThreads: includingRuntimeThreads
        ) { body(held) }
        return nil
    } catch {
        return error as? ThreadLeakError
    }
}

@Suite(.serialized) struct ThreadLeakTests {
    @Test func `a scope returns the value of its body, with and without await`() async throws {
        #expect(try withNoThreadLeaks(named: "held-pthread") { 1 } == 1)
        #expect(try await withNoThreadLeaks(named: "held-pthread") { await Task { 2 }.value } == 2)
    }

    #if os(Linux)
    @Test func `a thread by pthread_create is leaked, with its name and its maker`() throws {
        let error = try #require(leaks(named: "held-pthread") { held in held.startByPthread() })
        let thread = try #require(error.leakedThreads.first)
        #expect(error.threadCount == 1)
        #expect(error.notes.isEmpty)
        #expect(error.site.file == "LoopWatchTests/ThreadLeakTests.swift")
        #expect(thread.name == "held-pthread")
        let maker = try #require(thread.creationStack.first { $0.isUserCode })
        #expect(maker.function?.contains("startByPthread") == true)
        #expect(maker.file?.hasSuffix("LoopWatchTests/HeldThreads.swift") == true)
        #expect(error.description.contains("thread \(thread.id) \"held-pthread\" still running"))
        #expect(error.description.contains("created at Tests/LoopWatchTests/HeldThreads.swift:"))
    }

    @Test func `a thread of Foundation's is leaked, with its maker`() throws {
        let error = try #require(leaks(named: "held-thread") { held in held.startByFoundation() })
        let maker = error.leakedThreads.first?.creationStack.first { $0.isUserCode }
        #expect(error.leakedThreads.map(\.name) == ["held-thread"])
        #expect(maker?.function?.contains("startByFoundation") == true)
    }

    /// A thread bears its maker's name at first: one without a name of its own passed for a worker of dispatch's.
    @Test func `a thread without a name that a task made is leaked`() async throws {
        let held = HeldThreads()
        let error = await #expect(throws: ThreadLeakError.self) {
            try await withNoThreadLeaks(grace: .zero) {
                await Task.detached { held.startWithoutName() }.value
            }
        }
        held.letGo()
        let makers = try #require(error).leakedThreads.compactMap { thread in
            thread.creationStack.first { $0.isUserCode }?.function
        }
        #expect(makers.contains { $0.contains("startWithoutName") })
    }

    @Test func `threads of dispatch count only when asked for, and then have their maker`() throws {
        let workers = NameFilter.matching(/qos/)
        #expect(leaks(named: workers) { held in held.startByDispatch() } == nil)

        let held = HeldThreads()
        // The threads of the first half are idle now and serve again; more are made for the second.
        held.startByDispatch()
        let error = leaks(named: workers, includingRuntimeThreads: true) { more in more.startByDispatch() }
        held.letGo()
        let makers = try #require(error).leakedThreads.compactMap { thread in
            thread.creationStack.first { $0.isUserCode }?.function
        }
        #expect(makers.contains { $0.contains("startByDispatch") })
    }

    @Test func `threads that another name was asked for are left out`() {
        #expect(leaks(named: .exactly("other")) { held in held.startByPthread() } == nil)
        #expect(leaks(named: .matching(/^held-p/)) { held in held.startByPthread() }?.threadCount == 1)
    }

    @Test func `a thread from before the scope is no leak`() throws {
        let held = HeldThreads()
        held.startByPthread()
        try withNoThreadLeaks(named: "held-pthread", grace: .zero) {}
        held.letGo()
    }

    @Test func `a thread that ends within the grace period is no leak`() async throws {
        let held = HeldThreads()
        try withNoThreadLeaks(named: "held-pthread", grace: patience) {
            held.startByPthread()
            held.letGo()
        }
        let other = HeldThreads()
        try await withNoThreadLeaks(named: "held-pthread", grace: patience) {
            other.startByPthread()
            await Task { other.letGo() }.value
        }
    }

    @Test func `the body's own error is thrown whatever is left`() async throws {
        let held = HeldThreads()
        #expect(throws: BodyError.self) {
            try withNoThreadLeaks(named: "held-pthread", grace: .zero) {
                held.startByPthread()
                throw BodyError()
            }
        }
        await #expect(throws: BodyError.self) {
            try await withNoThreadLeaks(named: "held-pthread", grace: .zero) {
                held.startByPthread()
                await Task.yield()
                throw BodyError()
            }
        }
        held.letGo()
    }

    @Test func `LoopWatch's own threads are never reported`() async throws {
        let names = Symbolicator(resolver: RecordedResolver(names: [:], places: [:]))
        let own = NameFilter.matching(/(?i)^loopwatch/)
        try await withNoThreadLeaks(named: own, grace: .zero, includingRuntimeThreads: true) {
            // It answers with a thread of its own, which has a name by then.
            let frames = await names.frames(addresses: [1], kinds: [0], patience: .none)
            #expect(frames.count == 1)
            try await withNoEventLoopBlocking(.allLoops, threshold: .seconds(5)) {}
        }
    }

    @Test func `without the wrapper threads are found without their maker, and a note says so`() async {
        await #expect(processExitsWith: .success) {
            setenv("LOOPWATCH_DISABLE", "threads", 1)
            let error = try #require(leaks(named: "held-pthread") { held in held.startByPthread() })
            #expect(error.leakedThreads.map(\.creationStack.count) == [0])
            #expect(error.notes.count == 1)
        }
    }
    #endif

    @Test func `a negative grace period is refused`() {
        #expect(throws: LoopWatchError.graceNegative(.seconds(-1))) {
            try withNoThreadLeaks(grace: .seconds(-1)) {}
        }
    }
}
