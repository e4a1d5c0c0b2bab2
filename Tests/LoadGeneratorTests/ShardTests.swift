import Measurements
import Testing

@testable import LoadGenerator

/// A run that several processes share.
struct ShardTests {
    private static let now = Timestamp(nanosecondsSince1970: 1_795_000_000_000_000_000)

    private static func time(_ seconds: Double, after time: Timestamp = now) -> Timestamp {
        Timestamp(nanosecondsSince1970: time.nanosecondsSince1970 + Int64(seconds * 1e9))
    }

    private static func shard(_ text: String) throws -> ShardPlan {
        try ShardPlan(parsing: text, startAt: time(1), now: now)
    }

    @Test func `a shard is one of its number`() throws {
        let shard = try Self.shard("2/4")
        #expect(shard.index == 2 && shard.count == 4 && shard.startAt == Self.time(1))
        for text in ["", "2", "0/4", "5/4", "-1/4", "1/0", "1/1001", "1/4/4", "a/b", "1/"] {
            let error = #expect(throws: PlanError.self) { try Self.shard(text) }
            #expect(error?.message == "--shard \(text): expected I/N, the I-th of N shards, such as 2/4")
        }
    }

    @Test(arguments: [
        (-90.5, "--start-at: that time was 90 s ago"), (0.0, "--start-at: that time was 0 s ago"),
        (86_401.0, "--start-at: that time is more than a day ahead"),
    ])
    func `a start that no shard can meet is refused`(seconds: Double, message: String) {
        let error = #expect(throws: PlanError.self) {
            try ShardPlan(parsing: "1/2", startAt: Self.time(seconds), now: Self.now)
        }
        #expect(error?.message == message)
        #expect(error?.hint?.contains("--start-at $(date -u -d '+1 minute' +%FT%TZ)") == true)
    }

    @Test func `rounds begin at whole seconds from the first`() {
        let starts = RoundStarts(first: Self.now)
        #expect(starts.next(now: Self.time(-7.25)) == Self.now)
        #expect(starts.next(now: Self.now) == Self.now)
        #expect(starts.next(now: Self.time(0.001)) == Self.time(1))
        #expect(starts.next(now: Self.time(2)) == Self.time(2))
        #expect(starts.next(now: Self.time(2.5)) == Self.time(3))
    }

    private static func plan(
        isEmbedded: Bool = false,
        _ change: (inout LoadPlanDraft) throws -> Void
    ) throws -> LoadPlan {
        let target = try LoadTarget(name: "async", url: "http://127.0.0.1:8000/", isEmbedded: isEmbedded)
        var draft = LoadPlanDraft(files: [PlannedFile(path: "a.pdf", bytes: 1)], targets: [target])
        draft.shard = try Self.shard("2/4")
        try change(&draft)
        return try LoadPlan(draft, limits: SystemLimits(openFiles: 20_000, localPorts: 28_232))
    }

    @Test func `a shard's plan is the whole run's, its share of it exact`() throws {
        let plans = try (1...4).map { index in
            try Self.plan { ($0.requests, $0.shard) = (10, try Self.shard("\(index)/4")) }
        }
        #expect(plans.allSatisfy { $0.requests == 10 && $0.arrivals == .burst })
        #expect(plans.allSatisfy { $0.loads == [Load(concurrency: 10)] })
        #expect(plans.map(\.uploadsOfRound) == [3, 3, 2, 2])
        #expect(plans[1].briefLoad == "10-2of4")
        #expect(plans.map { RunBlock.draw($0) }.allSatisfy { $0 == RunBlock.draw(plans[0]) })
        let many = try Self.plan { ($0.requests, $0.concurrency) = (80_000, [40_000]) }
        #expect(many.loads.map(\.concurrency) == [40_000], "each machine opens a quarter of them")
    }

    private static let wrong: [(change: @Sendable (inout LoadPlanDraft) -> Void, message: String)] = [
        ({ $0.requests = 3 }, "--shard of 4: more parts than the 3 uploads in flight"),
        (
            { ($0.concurrency, $0.threads) = ([7], 2) },
            "--shard of 4 with 2 threads: more parts than the 7 uploads in flight"
        ),
        (
            { $0.rates = [10] },
            "--shard with an open loop needs -c: by itself each machine's limit of open files is the cap"
        ),
        (
            { ($0.requests, $0.concurrency) = (65_535, [65_535]) },
            "-c 65535 needs 16584 open files; the limit is 10000"
        ),
    ]

    @Test(arguments: wrong.indices)
    func `a plan that can't be shared is refused with a sentence`(row: Int) throws {
        let (change, message) = Self.wrong[row]
        var draft = LoadPlanDraft(
            files: [PlannedFile(path: "a.pdf", bytes: 1)],
            targets: [try LoadTarget(name: "async", url: "http://127.0.0.1:8000/")]
        )
        draft.shard = try Self.shard("2/4")
        change(&draft)
        let limits = SystemLimits(openFiles: 10_000, localPorts: 28_232)
        let error = #expect(throws: PlanError.self) { try LoadPlan(draft, limits: limits) }
        #expect(error?.message == message)
    }

    @Test func `shards don't share an embedded server`() {
        let error = #expect(throws: PlanError.self) { try Self.plan(isEmbedded: true) { _ in } }
        #expect(error?.message == "--shard needs --target: each process would embed a server of its own")
    }

    @Test(.timeLimit(.minutes(1)))
    func `shards send the whole schedule between them, each file where one process would`() async throws {
        let server = try ScriptedServer(.answer(status: 200, body: "{}", fields: []))
        defer { server.stop() }
        let files = [try TemporaryFile(size: 1000), try TemporaryFile(size: 2000)]
        let schedule = ArrivalSchedule(rate: .constant(400), spread: .poisson)
        // Each begins at the first second from here on that finds it ready.
        let startAt = Self.time(0.001, after: wallTime())
        let rounds = try await withThrowingTaskGroup(of: (Int, RoundRecord).self) { group in
            for index in 0..<3 {
                group.addTask {
                    let result = try await run(file: files[0], url: server.url) { draft in
                        draft.files = try PlannedFile.find(files.map(\.path))
                        (draft.rates, draft.spread, draft.requests) = ([400], .poisson, 20)
                        (draft.concurrency, draft.threads) = ([10], 2)
                        draft.shard = try ShardPlan(
                            parsing: "\(index + 1)/3",
                            startAt: startAt,
                            now: Self.time(-1, after: startAt)
                        )
                    }
                    return (index, try #require(result.rounds.last))
                }
            }
            var rounds: [Int: RoundRecord] = [:]
            for try await (index, round) in group { rounds[index] = round }
            return rounds
        }
        var arrivals = Arrivals(schedule, seed: 42, block: 0)
        var order = FileOrder(files: 2, seed: 42)
        for sequence in 0..<20 {
            let round = try #require(rounds[sequence % 3])
            let sample = Array(round.samples)[sequence / 3]
            #expect(sample.intended == arrivals.next() && sample.file == order.file(of: sequence))
            #expect(sample.outcome == .ok)
        }
        #expect(rounds.values.map(\.samples.count).reduce(0, +) == 20 && server.seen.uploads == 20)
        #expect(rounds.values.allSatisfy { $0.load.concurrency == 10 && $0.started >= startAt })
    }
}
