import Curl
import Glibc
import Measurements
import Synchronization
import Testing

@testable import LoadGenerator

/// What comes of uploads to servers that misbehave.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct HostileServerTests {
    @Test(
        arguments: [
            (ScriptedServer.Behaviour.closeAfter(bodyBytes: 0), Outcome.closedDuringUpload),
            (.closeAfter(bodyBytes: 100_000), .closedDuringUpload),
            (.closeAfter(bodyBytes: .max), .closedBeforeResponse),
            (.resetAfter(bodyBytes: 0), .closedDuringUpload),
            (.resetAfter(bodyBytes: 100_000), .closedDuringUpload),
            (.resetAfter(bodyBytes: .max), .closedBeforeResponse),
            (.answerEarly(status: 200, close: false), .earlyResponse),
            (.answerEarly(status: 200, close: true), .earlyResponse),
            (.answerEarly(status: 413, close: false), .earlyResponse),
            (.answerEarly(status: 413, close: true), .earlyResponse),
            (.truncated, .truncatedResponse),
            (.malformed, .malformedResponse),
            (.answer(status: 503, body: "busy", fields: []), .status),
        ]
    )
    func `each misbehaviour has its kind`(behaviour: ScriptedServer.Behaviour, kind: Outcome) async throws {
        let server = try ScriptedServer(behaviour)
        defer { server.stop() }
        let isCut = kind == .closedDuringUpload || kind == .earlyResponse
        let file = try TemporaryFile(size: isCut ? moreThanSocketsHold : 1_000_000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 3
            draft.connections = .fresh
        }
        let samples = try #require(result.rounds.last).samples
        #expect(samples.map(\.outcome) == [kind, kind, kind])
        #expect(server.seen.uploads == 3)
        #expect(result.failures.map(\.count) == [3])
    }

    /// libcurl by itself would send these a second time, unseen, and the server would get six.
    @Test(arguments: [3000, 1_000_000])
    func `an upload whose kept connection dies is not sent twice`(size: Int) async throws {
        let server = try ScriptedServer(.closeAfter(bodyBytes: size / 2))
        defer { server.stop() }
        let file = try TemporaryFile(size: size)
        let result = try await run(file: file, url: server.url) { draft in draft.requests = 3 }
        let samples = try #require(result.rounds.last).samples
        #expect(samples.allSatisfy { $0.outcome.outcomeClass == .reset }, "\(samples.map(\.outcome))")
        #expect(server.seen.uploads == 3)
    }

    @Test func `a full backlog delays the connections before go, not the uploads`() async throws {
        let server = try ScriptedServer(.acceptSlowly)
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in draft.requests = 40 }
        let round = try #require(result.rounds.last)
        #expect(server.seen.connectionsAtFirstUpload == 40)
        #expect(server.seen.connections == 40)
        #expect(server.seen.uploads == 40)
        #expect(round.burst?.openedAfterGo == 0)
        #expect(round.samples.allSatisfy { $0.outcome == .ok })
    }

    @Test func `a silent server times out in the waiting phase, censored`() async throws {
        let server = try ScriptedServer(.silent)
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 2
            draft.timeout = .milliseconds(50)
        }
        for sample in try #require(result.rounds.last).samples {
            #expect(sample.outcome == .timeoutWaiting)
            #expect(sample.flags.contains(.censored))
            #expect(sample.responseTime >= 50_000_000)
        }
    }

    @Test func `failures are counted with the first answer`() async throws {
        let server = try ScriptedServer(.answer(status: 422, body: "no field named file", fields: []))
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in draft.requests = 5 }
        #expect(
            result.failures == [
                FailureKind(
                    target: "scripted",
                    outcome: .status,
                    status: 422,
                    count: 5,
                    firstBody: "no field named file"
                )
            ]
        )
    }

    @Test func `expected statuses are successes`() async throws {
        let server = try ScriptedServer(.answer(status: 422, body: "", fields: []))
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 2
            draft.expectedStatuses = try ExpectedStatuses(parsing: "200-299,422")
        }
        #expect(result.failures.isEmpty)
    }

    @Test func `some failures do not end the run`() async throws {
        let server = try ScriptedServer(.failEvery(3))
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 9
            draft.warmup = 1
        }
        #expect(result.failure == nil)
        #expect(result.rounds[0].samples.count { $0.outcome == .status } == 3)
    }

    @Test func `a warm-up without a success ends the run with the first answer`() async throws {
        let server = try ScriptedServer(.answer(status: 500, body: "{\"error\":\"full\"}", fields: []))
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let error = await #expect(throws: LoadError.self) {
            try await run(file: file, url: server.url) { draft in
                draft.requests = 2
                draft.warmup = 1
            }
        }
        #expect(
            error?.message
                == "scripted: every upload failed in the warm-up (500); first answer: {\"error\":\"full\"}"
        )
        #expect(error?.isUnreachable == false)
    }

    @Test(arguments: [
        (413, "the server may limit the body size"), (200, "the server answers before it has read"),
    ])
    func `a warm-up that is answered too early says so`(status: Int, hint: String) async throws {
        let server = try ScriptedServer(.answerEarly(status: status, close: true))
        defer { server.stop() }
        let file = try TemporaryFile(size: moreThanSocketsHold)
        let error = await #expect(throws: LoadError.self) {
            try await run(file: file, url: server.url) { draft in
                draft.requests = 2
                draft.warmup = 1
            }
        }
        #expect(
            error?.message
                == "scripted: every upload failed in the warm-up (\(status) before the body was sent); "
                + "first answer: early"
        )
        #expect(error?.hint?.hasPrefix(hint) == true)
    }

    @Test func `a target that refuses is unreachable`() async throws {
        let server = try ScriptedServer(.silent)
        server.stop()
        let file = try TemporaryFile(size: 3000)
        for connections in ConnectionPolicy.allCases {
            let error = await #expect(throws: LoadError.self) {
                try await run(file: file, url: server.url) { draft in
                    draft.requests = 2
                    draft.warmup = 1
                    draft.connections = connections
                }
            }
            #expect(error == .refused(target: "scripted", address: "127.0.0.1:\(server.port)"))
            #expect(error?.isUnreachable == true)
            #expect(error?.hint == "is the server running?")
        }
    }

    @Test func `a host that does not exist is not found`() async throws {
        let file = try TemporaryFile(size: 3000)
        let error = await #expect(throws: LoadError.self) {
            try await run(file: file, url: "http://nowhere.invalid/") { _ in }
        }
        #expect(error?.message == "scripted: cannot find the host nowhere.invalid")
    }

    @Test func `plain text where TLS is spoken is said so`() async throws {
        let server = try ScriptedServer(.malformed)
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let error = await #expect(throws: LoadError.self) {
            // One handle loads the certificates of the whole system: a hundred take seconds.
            try await run(file: file, url: "https://127.0.0.1:\(server.port)/") { draft in draft.requests = 1
            }
        }
        #expect(error == .noTLS(target: "scripted", port: server.port))
    }

    @Test func `a target that goes away leaves the blocks before`() async throws {
        let server = try ScriptedServer(.answer(status: 200, body: "", fields: []))
        let file = try TemporaryFile(size: 3000)
        let blocks = Mutex(0)
        let hooks = LoadHooks(betweenRounds: {
            if blocks.withLock({ $0 }) == 2 { server.stop() }
        })
        let result = try await run(
            file: file,
            url: server.url,
            hooks: hooks,
            onEvent: { event in
                if case .roundFinished = event { blocks.withLock { $0 += 1 } }
            }
        ) { draft in
            draft.requests = 5
            draft.rounds = 4
        }
        #expect(result.rounds.map(\.index) == [0, 1])
        #expect(result.failure == .targetLost(target: "scripted", upload: 11))
        #expect(!result.isInterrupted)
    }

    @Test func `cancelling ends what is in flight and keeps it as cancelled`() async throws {
        let server = try ScriptedServer(.holdUntil(1_000_000))
        let file = try TemporaryFile(size: 3000)
        let url = server.url
        let task = Task {
            try await run(file: file, url: url) { draft in draft.requests = 8 }
        }
        while server.seen.bodies.count < 8 { await Task.yield() }
        task.cancel()
        let result = try await task.value
        #expect(result.isInterrupted)
        #expect(result.rounds.flatMap(\.samples).map(\.outcome) == Array(repeating: .cancelled, count: 8))
        server.stop()
    }

    @Test func `a cancelled run keeps its whole blocks`() async throws {
        let server = try ScriptedServer(.holdUntil(10))
        let file = try TemporaryFile(size: 3000)
        let url = server.url
        let task = Task {
            try await run(file: file, url: url) { draft in
                draft.requests = 10
                draft.rounds = 100
            }
        }
        while server.seen.uploads < 31 { await Task.yield() }
        task.cancel()
        let result = try await task.value
        #expect(result.isInterrupted)
        #expect(result.failure == nil)
        #expect(!result.rounds.isEmpty)
        #expect(result.rounds.dropLast().allSatisfy { $0.samples.allSatisfy { $0.outcome == .ok } })
        server.stop()
    }
}
