import Curl
import Measurements
import Testing

@testable import LoadGenerator

/// Loads that the clock makes, against real sockets on loopback.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct TimedLoadTests {
    private static let fine = ScriptedServer.Behaviour.answer(status: 200, body: "{}", fields: [])

    @Test(arguments: [1, 2, 3])
    func `an open loop sends what its schedule says, each from its intended start`(threads: Int) async throws
    {
        let server = try ScriptedServer(Self.fine)
        defer { server.stop() }
        let file = try TemporaryFile(size: 2000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.rates = [200]
            draft.duration = .milliseconds(250)
            draft.threads = threads
        }
        let round = try #require(result.rounds.last)
        #expect(round.samples.map(\.intended) == (0..<50).map { $0 * 5_000_000 })
        #expect(round.samples.allSatisfy { $0.outcome == .ok && $0.sent >= $0.intended })
        #expect(server.seen.uploads == 50)
        #expect(round.window == 250_000_000 && round.burst == nil)
        let drained = round.samples.count { $0.flags.contains(.drained) }
        #expect(drained == round.samples.count { $0.done > 250_000_000 })
        #expect(RoundSummary(of: round).throughput == Double(50 - drained) / 0.25)
    }

    @Test func `a counted open loop's window ends where the next upload would start`() async throws {
        let server = try ScriptedServer(Self.fine)
        defer { server.stop() }
        let file = try TemporaryFile(size: 2000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 12
            draft.stages = []
            draft.rates = [400]
            draft.spread = .poisson
        }
        let round = try #require(result.rounds.last)
        var arrivals = Arrivals(
            ArrivalSchedule(rate: .constant(400), spread: .poisson),
            seed: 42,
            block: 0
        )
        #expect(round.samples.map(\.intended) == (0..<12).compactMap { _ in arrivals.next() })
        #expect(round.window == arrivals.next())
    }

    @Test func `arrivals that find every slot in use are queued and still sent`() async throws {
        let server = try ScriptedServer(.holdUntil(3))
        defer { server.stop() }
        let file = try TemporaryFile(size: 2000)
        // Of 20 arrivals three are held until the third has come whole; with two slots it never would.
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 20
            draft.rates = [1000]
            draft.concurrency = [3]
        }
        let round = try #require(result.rounds.last)
        #expect(server.seen.uploads == 20 && server.seen.connections == 3)
        #expect(round.samples.map(\.intended) == (0..<20).map { $0 * 1_000_000 }, "never moved")
        #expect(round.samples.allSatisfy { $0.outcome == .ok })
        #expect(PeakInFlight.count(round.samples) <= 3)
        for sample in round.samples where sample.flags.contains(.queued) {
            #expect(sample.sent > sample.intended && sample.responseTime > sample.serviceTime)
        }
    }

    @Test func `an upload that waits for a slot as long as it may take is given up`() async throws {
        let server = try ScriptedServer(.silent)
        defer { server.stop() }
        let file = try TemporaryFile(size: 2000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 3
            draft.rates = [1000]
            draft.concurrency = [1]
            draft.timeout = .milliseconds(60)
        }
        let round = try #require(result.rounds.last)
        #expect(round.samples.map(\.intended) == [0, 1_000_000, 2_000_000])
        #expect(round.samples.allSatisfy { $0.flags.contains(.censored) && $0.responseTime >= 58_000_000 })
        #expect(round.samples.first?.outcome.outcomeClass == .timeout)
        #expect(round.samples.dropFirst().allSatisfy { $0.flags.contains(.queued) })
    }

    @Test(arguments: [1, 2])
    func `a closed loop by time throws nothing away that is in flight at its end`(threads: Int) async throws {
        let server = try ScriptedServer(Self.fine)
        defer { server.stop() }
        let file = try TemporaryFile(size: 2000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.duration = .milliseconds(150)
            draft.concurrency = [5]
            draft.threads = threads
        }
        let round = try #require(result.rounds.last)
        #expect(server.seen.uploads == round.samples.count && server.seen.connections == 5)
        #expect(round.samples.allSatisfy { $0.outcome == .ok && $0.intended == $0.sent })
        #expect(round.samples.allSatisfy { $0.flags.contains(.drained) == ($0.done > 150_000_000) })
        // A slow machine may leave a slot without an upload, but none is made up.
        #expect(Set(round.samples.map(\.connection)).isSubset(of: Set(0..<5)))
    }

    @Test func `a sweep runs every concurrency, warm-ups too`() async throws {
        let server = try ScriptedServer(Self.fine)
        defer { server.stop() }
        let file = try TemporaryFile(size: 2000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 6
            draft.concurrency = [1, 3]
            (draft.warmup, draft.rounds) = (1, 2)
        }
        #expect(result.rounds.prefix(2).allSatisfy { $0.isWarmup && $0.index == 0 })
        #expect(result.rounds.prefix(2).map(\.load.concurrency).sorted() == [1, 3])
        #expect(result.rounds.dropFirst(2).map(\.index) == [0, 0, 1, 1])
        #expect(server.seen.uploads == 36 && server.seen.connections == 3 * (1 + 3))
        for round in result.rounds { #expect(PeakInFlight.count(round.samples) <= round.load.concurrency) }
    }

    @Test(arguments: [2, 3])
    func `threads share a burst and begin it at one instant`(threads: Int) async throws {
        let server = try ScriptedServer(.holdUntil(31))
        defer { server.stop() }
        let file = try TemporaryFile(size: 100_000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 31
            draft.threads = threads
        }
        let round = try #require(result.rounds.last)
        #expect(round.burst?.openedAfterGo == 0 && round.burst?.peakInFlight == 31)
        #expect(round.samples.count == 31)
        #expect(round.samples.allSatisfy { $0.outcome == .ok && $0.intended == 0 })
        #expect(server.seen.connections == 31)
        #expect(Set(round.samples.map(\.connection)).count == 31)
    }

    @Test func `a stopped open loop keeps what is due as not sent`() async throws {
        let server = try ScriptedServer(.holdUntil(1_000_000))
        defer { server.stop() }
        let file = try TemporaryFile(size: 2000)
        let url = server.url
        let task = Task {
            try await run(file: file, url: url) { draft in
                // A third is due long before two have arrived.
                (draft.rates, draft.concurrency) = ([100_000], [2])
                draft.duration = .seconds(60)
            }
        }
        while server.seen.uploads < 2 { await Task.yield() }
        task.cancel()
        let result = try await task.value
        let samples = Array(try #require(result.rounds.last).samples)
        #expect(result.isInterrupted)
        #expect(samples.count > 2 && samples.prefix(2).allSatisfy { $0.outcome == .cancelled })
        #expect(samples.dropFirst(2).allSatisfy { $0.outcome == .notSent })
        #expect(samples.map(\.intended) == samples.indices.map { Nanoseconds($0) * 10_000 })
    }
}
