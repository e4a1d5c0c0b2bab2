import Glibc
import Measurements
import Testing

@testable import LoadGenerator

/// What the user reads when a plan is wrong.
struct PlanTests {
    private static let limits = SystemLimits(openFiles: 20_000, localPorts: 28_232)

    private func draft(
        url: String = "http://127.0.0.1:8000/",
        isEmbedded: Bool = false,
        _ change: (inout LoadPlanDraft) -> Void
    ) throws -> LoadPlanDraft {
        let target = try LoadTarget(name: "async", url: url, isEmbedded: isEmbedded)
        var draft = LoadPlanDraft(files: [PlannedFile(path: "a.pdf", bytes: 1)], targets: [target])
        change(&draft)
        return draft
    }

    @Test func `the defaults are a burst of 100, ten rounds and a warm-up`() throws {
        let plan = try LoadPlan(try draft { _ in }, limits: Self.limits)
        #expect(plan.requests == 100 && plan.loads == [Load(concurrency: 100)])
        #expect(plan.rounds == 10 && plan.warmup == 1)
        #expect(plan.arrivals == .burst)
        #expect(plan.seed == 42 && plan.timeout == .seconds(120) && plan.field == "file")
    }

    @Test func `fewer in flight than uploads is a closed loop`() throws {
        let plan = try LoadPlan(try draft { $0.concurrency = [10] }, limits: Self.limits)
        #expect(plan.arrivals == .closed)
        let more = try LoadPlan(try draft { $0.concurrency = [200] }, limits: Self.limits)
        #expect(more.arrivals == .burst && more.loads.map(\.concurrency) == [100])
    }

    private static let wrong: [(change: @Sendable (inout LoadPlanDraft) -> Void, message: String)] = [
        ({ $0.requests = 0 }, "requests 0: expected a whole number from 1 to 10000000"),
        ({ $0.requests = -1 }, "requests -1: expected a whole number from 1 to 10000000"),
        ({ $0.concurrency = [0] }, "-c 0: expected a whole number from 1 to 65535"),
        ({ $0.concurrency = [1, 70_000] }, "-c 70000: expected a whole number from 1 to 65535"),
        ({ $0.rounds = 0 }, "--rounds 0: expected a whole number from 1 to 1000"),
        ({ $0.warmup = -1 }, "--warmup -1: expected a whole number from 0 to 1000"),
        ({ $0.timeout = .seconds(-3) }, "--timeout -3s: expected a time above zero"),
        ({ $0.targets = [] }, "there is no target to upload to"),
        ({ $0.targets += $0.targets }, "two targets are named async"),
        ({ $0.files = [] }, "there is no file to upload"),
        (
            { $0.probe = ProbePlan(path: "health", interval: .seconds(1)) },
            "--probe health: expected a path that begins with /"
        ),
        (
            { $0.probe = ProbePlan(path: "/health", interval: .nanoseconds(1)) },
            "--probe /health@1ns: expected an interval of at least 1ms"
        ),
        (
            { $0.probe = ProbePlan(path: "/health", interval: .microseconds(999)) },
            "--probe /health@999us: expected an interval of at least 1ms"
        ),
        ({ $0.duration = .seconds(-3) }, "--duration -3s: expected a time above zero"),
        ({ $0.duration = .zero }, "--duration 0s: expected a time above zero"),
        ({ $0.duration = .milliseconds(604_800_001) }, "--duration 604800001ms: the most is a week"),
        ({ $0.rates = [0] }, "--rate 0/s: expected a rate above zero"),
        ({ $0.rates = [-1.5] }, "--rate -1.5/s: expected a rate above zero"),
        ({ $0.rates = [5_000_000] }, "--rate 5000000/s: the most is 1000000/s"),
        ({ $0.stages = [RateStage(duration: .zero, rate: 5)] }, "--stages 0s: expected a time above zero"),
        (
            { $0.stages = [RateStage(duration: .seconds(1), rate: 0)] },
            "--stages 0/s: expected a rate above zero"
        ),
        (
            { $0.stages = [RateStage(duration: .seconds(1), rate: -4)] },
            "--stages -4/s: expected a rate above zero"
        ),
        (
            { $0.stages = [RateStage(duration: .seconds(1), rate: 2_000_000)] },
            "--stages 2000000/s: the most is 1000000/s"
        ),
        (
            { ($0.stages, $0.rates) = ([RateStage(duration: .seconds(1), rate: 4)], [3]) },
            "--stages and --rate: the stages say what the rate is"
        ),
        (
            { ($0.stages, $0.duration) = ([RateStage(duration: .seconds(1), rate: 4)], .seconds(3)) },
            "--stages and --duration: the stages say how long a round is"
        ),
        (
            { ($0.requests, $0.duration) = (50, .seconds(3)) },
            "50 uploads and --duration: a round ends after one of them"
        ),
        (
            { $0.spread = .poisson },
            "--arrivals needs --rate or --stages: without them an upload starts when one ends"
        ),
        (
            { ($0.rates, $0.concurrency) = ([5, 10], [1, 10]) },
            "-c and --rate: an open loop has one limit; a sweep goes through its rates"
        ),
        ({ $0.rates = [5, 0] }, "--rate 0/s: expected a rate above zero"),
        ({ $0.concurrency = [1, 10, 200] }, "-c 200 is more than the 100 uploads of a round"),
        ({ $0.threads = 0 }, "--threads 0: expected a whole number from 1 to 64"),
        (
            { ($0.threads, $0.concurrency) = (4, [3]) },
            "--threads 4: more threads than the 3 uploads in flight"
        ),
        (
            { ($0.transport.isInsecure, $0.transport.certificates) = (true, "/etc/hosts") },
            "--insecure and --cacert: one takes any certificate, the other checks it"
        ),
        ({ $0.transport.certificates = "/nowhere.pem" }, "/nowhere.pem: no such file"),
        (
            { ($0.measuresNoise, $0.targets) = (true, $0.targets + [$0.targets[0].measuredAgain]) },
            "two targets are named async-aa"
        ),
        ({ $0.requests = 19_801 }, "-c 19801 needs 20001 open files; the limit is 20000"),
    ]

    @Test(arguments: wrong.indices)
    func `a wrong plan is refused with a sentence`(row: Int) throws {
        let (change, message) = Self.wrong[row]
        let draft = try draft(change)
        let error = #expect(throws: PlanError.self) { try LoadPlan(draft, limits: Self.limits) }
        #expect(error?.message == message)
    }

    @Test func `a time bounds a round instead of a number`() throws {
        let plan = try LoadPlan(try draft { $0.duration = .seconds(30) }, limits: Self.limits)
        #expect(plan.requests == nil && plan.uploadsOfRound == nil && plan.loads.map(\.concurrency) == [100])
        #expect(plan.arrivals == .closed && plan.briefLoad == "30s" && plan.opensAll)
    }

    @Test func `a rate opens the loop, up to what the machine allows`() throws {
        let plan = try LoadPlan(
            try draft { ($0.rates, $0.duration, $0.spread) = ([200], .milliseconds(1500), .poisson) },
            limits: Self.limits
        )
        #expect(plan.arrivals == .open(ArrivalSchedule(rate: .constant(200), spread: .poisson)))
        #expect(plan.loads.map(\.concurrency) == [19_800] && !plan.opensAll)
        #expect(plan.uploadsOfRound == 300 && plan.briefLoad == "1500ms")
        let embedded = try LoadPlan(try draft(isEmbedded: true) { $0.rates = [5] }, limits: Self.limits)
        #expect(embedded.loads.map(\.concurrency) == [100], "no more than there are uploads")
        let capped = try LoadPlan(
            try draft { ($0.rates, $0.concurrency) = ([200], [10]) },
            limits: Self.limits
        )
        #expect(capped.loads.map(\.concurrency) == [10] && capped.opensAll && capped.requests == 100)
    }

    @Test func `stages say how long a round is and how many uploads it has`() throws {
        let plan = try LoadPlan(
            try draft {
                $0.stages = [
                    RateStage(duration: .seconds(10), rate: 50), RateStage(duration: .seconds(30), rate: 200),
                ]
            },
            limits: Self.limits
        )
        #expect(plan.duration == .seconds(40) && plan.requests == nil)
        #expect(plan.uploadsOfRound == 250 + 3750)
        #expect(plan.schedule?.stagesText == "10s:50/s,30s:200/s")
    }

    @Test func `a sweep runs closed loops, each load in every pass`() throws {
        let plan = try LoadPlan(
            try draft { ($0.concurrency, $0.rounds) = ([100, 1, 10, 1], 7) },
            limits: Self.limits
        )
        #expect(plan.loads.map(\.concurrency) == [1, 10, 100] && plan.arrivals == .closed)
        let blocks = RunBlock.draw(plan)
        #expect(blocks.count == 8 * 3 && plan.roundsTotal == 8 * 3)
        #expect(blocks.prefix(3).allSatisfy { $0.isWarmup && $0.index == 0 })
        for pass in stride(from: 0, to: blocks.count, by: 3) {
            let numbers = blocks[pass..<pass + 3].map(\.load.concurrency)
            #expect(numbers.sorted() == [1, 10, 100])
        }
        #expect(Set(blocks.map(\.load).prefix(24)).count == 3)
    }

    @Test func `a sweep of rates runs an open loop at each of them`() throws {
        let plan = try LoadPlan(
            try draft { ($0.rates, $0.requests, $0.rounds) = ([200, 50, 200], 30, 6) },
            limits: Self.limits
        )
        #expect(plan.loads == [Load(concurrency: 30, rate: 50), Load(concurrency: 30, rate: 200)])
        #expect(plan.roundsTotal == 7 * 2)
        for load in plan.loads {
            let schedule = ArrivalSchedule(rate: .constant(load.rate ?? 0), spread: .constant)
            #expect(plan.arrivals(at: load) == .open(schedule))
        }
        // The window ends where the next upload would start.
        #expect(plan.loads.map { plan.window(ofBlock: 0, at: $0) } == [600_000_000, 150_000_000])
        for pass in Dictionary(grouping: RunBlock.draw(plan), by: { $0.isWarmup ? -1 : $0.index }).values {
            #expect(pass.map(\.load).sorted() == plan.loads)
        }
    }

    @Test func `the baseline is measured a second time under a name of its own`() throws {
        let plan = try LoadPlan(try draft { $0.measuresNoise = true }, limits: Self.limits)
        #expect(plan.targets.map(\.name) == ["async", "async-aa"])
        #expect(plan.targets.map(\.selfComparisonOf) == [nil, "async"])
        #expect(plan.targets[0].address == plan.targets[1].address)
    }

    @Test func `cleartext HTTP/2 is refused where libcurl breaks it`() throws {
        let message =
            "--http 2 needs https:// with libcurl 7.88.1, whose cleartext HTTP/2 fails on reused connections"
        let draft = try draft { $0.transport.version = .two }
        let error = #expect(throws: PlanError.self) { try draft.checkTransport(curlVersion: "7.88.1") }
        #expect(error?.message == message)
        #expect(throws: Never.self) { try draft.checkTransport(curlVersion: "8.0.0") }
        let secure = try self.draft(url: "https://h/") { $0.transport.version = .two }
        #expect(throws: Never.self) { try secure.checkTransport(curlVersion: "7.88.1") }
    }

    @Test func `both ends in one process need two files each`() throws {
        let draft = try draft(isEmbedded: true) { $0.requests = 20_000 }
        let error = #expect(throws: PlanError.self) { try LoadPlan(draft, limits: Self.limits) }
        #expect(
            error?.message
                == "-c 20000 needs 40200 open files (both ends are in this process); the limit is 20000"
        )
        #expect(error?.hint == "use -c 9900 or less, or raise the hard limit: ulimit -Hn")
        #expect(throws: Never.self) {
            try LoadPlan(try self.draft(isEmbedded: true) { $0.requests = 9900 }, limits: Self.limits)
        }
    }

    @Test func `more uploads at once than local ports are refused`() throws {
        let draft = try draft { $0.requests = 40_000 }
        let limits = SystemLimits(openFiles: 100_000, localPorts: 28_232)
        let error = #expect(throws: PlanError.self) { try LoadPlan(draft, limits: limits) }
        #expect(
            error?.message == "-c 40000 needs 40000 local ports to 127.0.0.1:8000; the system has 28232"
        )
        #expect(error?.hint == "use -c 28000 or less")
    }

    @Test(
        arguments: [
            ("async=htp://x", "--target async=htp://x: the URL must begin with http:// or https://"),
            ("async=http:///x", "--target async=http:///x: the URL has no host"),
            ("async=http://:80/", "--target async=http://:80/: the URL has no host"),
            (
                "async=http://h:99999/",
                "--target async=http://h:99999/: port 99999 is not between 1 and 65535"
            ),
            ("async=http://h:x/", "--target async=http://h:x/: port x is not between 1 and 65535"),
            (
                "async=http://h/a b",
                "--target async=http://h/a b: the URL holds a blank or a control character"
            ),
            ("http://h/", "--target http://h/: expected NAME=URL"),
            ("=http://h/", "--target =http://h/: expected NAME=URL"),
            ("http://h/?a=b", "--target http://h/?a=b: expected NAME=URL"),
            ("a,b=http://h/", "--target a,b: a name is 1 to 64 letters, digits, '_' or '-'"),
        ]
    )
    func `a wrong target is refused with a sentence`(text: String, message: String) {
        let error = #expect(throws: PlanError.self) { try LoadTarget(parsing: text) }
        #expect(error?.message == message)
    }

    @Test(
        arguments: [
            ("http://h/x", "h", 80, "http://h"), ("https://h:8443", "h", 8443, "https://h:8443"),
            ("http://u:p@h:1/?q", "h", 1, "http://u:p@h:1"),
            ("http://[::1]:8000/a", "::1", 8000, "http://[::1]:8000"),
            ("HTTPS://H", "H", 443, "HTTPS://H"),
        ]
    )
    func `a URL is taken apart`(url: String, host: String, port: Int, origin: String) throws {
        let address = try LoadTarget(name: "a", url: url).address
        #expect(address.host == host && address.port == port && address.origin == origin)
    }

    @Test func `header and form fields are read`() throws {
        #expect(try PlanField(header: "X-Key:  a: b") == PlanField(name: "X-Key", value: "a: b"))
        #expect(try PlanField(form: "a=b=c") == PlanField(name: "a", value: "b=c"))
        for text in ["no colon", ": v", "a b: c", "a: b\r\nc: d"] {
            #expect(throws: PlanError.invalidHeader(text: text)) { try PlanField(header: text) }
        }
        #expect(throws: PlanError.reservedHeader(name: "Expect")) { try PlanField(header: "Expect: x") }
        #expect(throws: PlanError.invalidForm(text: "=b")) { try PlanField(form: "=b") }
    }

    @Test func `statuses are read as codes and ranges`() throws {
        let statuses = try ExpectedStatuses(parsing: "200-299,409")
        #expect([200, 299, 409].allSatisfy(statuses.contains))
        #expect([199, 300, 408, 0].allSatisfy { !statuses.contains($0) })
        #expect(statuses.description == "200-299,409")
        for text in ["", "2xx", "299-200", "99", "600", "200,"] {
            #expect(throws: PlanError.invalidStatuses(text: text)) { try ExpectedStatuses(parsing: text) }
        }
    }

    @Test func `files are looked at before anything is sent`() throws {
        let file = try TemporaryFile(size: 10)
        let folder = file.path + ".folder"
        #expect(mkdir(folder, 0o700) == 0)
        defer { rmdir(folder) }
        #expect(try PlannedFile.find([file.path]) == [PlannedFile(path: file.path, bytes: 10)])
        #expect(throws: PlanError.emptyFolder(path: folder)) { try PlannedFile.find([folder]) }
        #expect(throws: PlanError.noSuchFile(path: "/nowhere.pdf")) { try PlannedFile.find(["/nowhere.pdf"]) }
        #expect(PlanError.noSuchFile(path: "sample.pdf").message == "sample.pdf: no such file")
        #expect(PlanError.permissionDenied(path: "sample.pdf").message == "sample.pdf: permission denied")
        #expect(PlanError.emptyFolder(path: "scans").message == "scans/ holds no regular files")

        let names = ["b.pdf", "a.pdf", ".hidden"].map { "\(folder)/\($0)" }
        defer { for name in names { unlink(name) } }
        for name in names { #expect(symlink(file.path, name) == 0) }
        #expect(try PlannedFile.find([folder]).map(\.name) == ["a.pdf", "b.pdf"])
    }

    @Test func `an empty file is refused`() throws {
        let file = try TemporaryFile(size: 0)
        let error = #expect(throws: PlanError.self) { try PlannedFile.find([file.path]) }
        #expect(error?.message == "\(file.path) is empty: an upload needs at least one byte")
    }
}
