import LoopWatch
import Testing

@Suite struct ClassifierTests {
    @Test(arguments: [(9, 0, false), (10, 0, true), (26, 16, true), (26, 17, false), (17, 16, false)])
    func `an interval counts when it lasted the threshold without the time not scheduled`(
        duration: Int,
        notScheduled: Int,
        isBlock: Bool
    ) {
        let interval = Recorded.interval(
            duration,
            before: Recorded.accounts(0, cpu: 7, wait: 3),
            after: Recorded.accounts(duration, cpu: 7, wait: 3 + notScheduled),
            samples: [Recorded.sample(5, Recorded.stack("a"))]
        )
        #expect(Classifier().judge(interval, firstID: 1).blocks.isEmpty == !isBlock)
    }

    @Test func `a thread that starved isn't blamed, but 25 ms of waiting on top are`() {
        let starved = Recorded.interval(
            40,
            before: Recorded.accounts(0, cpu: 0, wait: 0),
            after: Recorded.accounts(40, cpu: 1, wait: 38)
        )
        #expect(Classifier().judge(starved, firstID: 1) == .init())
        let waited = Recorded.interval(
            65,
            before: Recorded.accounts(0, cpu: 0, wait: 0),
            after: Recorded.accounts(65, cpu: 1, wait: 38)
        )
        let blocks = Classifier().judge(waited, firstID: 1).blocks
        #expect(blocks.map(\.blocked) == [.milliseconds(27)])
        #expect(blocks.map(\.waiting) == [.milliseconds(26)])
    }

    @Test func `without accounts the duration alone is judged`() {
        #expect(Classifier().judge(Recorded.interval(12), firstID: 1).blocks.count == 1)
        #expect(Classifier().judge(Recorded.interval(9), firstID: 1).blocks.isEmpty)
    }

    @Test(arguments: [
        (80, 20, LoopBlock.Verdict.waiting), (79, 21, .mixed), (21, 79, .mixed), (20, 80, .computing),
        (0, 0, .mixed),
    ])
    func `80 % of the blocked time decides the verdict`(
        waiting: Int,
        cpu: Int,
        verdict: LoopBlock.Verdict
    ) {
        let shares = TimeShares(
            cpu: .milliseconds(cpu),
            waiting: .milliseconds(waiting),
            notScheduled: .milliseconds(500)
        )
        #expect(Splitter.verdict(of: shares, split: .full) == verdict)
        #expect(Splitter.verdict(of: shares, split: .unknown) == .mixed)
    }

    @Test func `an interval is cut at the edges of a scope`() throws {
        let interval = Recorded.interval(
            100,
            before: Recorded.accounts(0, cpu: 0, wait: 0),
            after: Recorded.accounts(100, cpu: 50, wait: 10),
            samples: [10, 40, 90].map { Recorded.sample($0, Recorded.stack("a")) }
        )
        let cut = try #require(interval.clipped(open: .milliseconds(1020), close: .milliseconds(1060)))
        #expect(cut.start == .milliseconds(1020) && cut.duration == .milliseconds(40))
        #expect(cut.startUnixNanoseconds == interval.startUnixNanoseconds + 20_000_000)
        #expect(cut.samples.map(\.offset) == [.milliseconds(20)])
        let block = try #require(Splitter.blocks(of: cut, firstID: 1).first)
        #expect(block.cpu == .milliseconds(20) && block.notScheduled == .milliseconds(4))
    }

    @Test func `a scope that saw nothing of an interval has no part of it`() {
        let interval = Recorded.interval(100)
        #expect(interval.clipped(open: .milliseconds(1100), close: .milliseconds(1200)) == nil)
        #expect(interval.clipped(open: .milliseconds(900), close: .milliseconds(1000)) == nil)
        #expect(interval.clipped(open: .milliseconds(900), close: .milliseconds(1200)) == interval)
    }

    @Test(arguments: 0..<100)
    func `the two halves of a cut interval add up to it`(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var interval = RandomInterval.make(using: &generator)
        interval.end += .nanoseconds(2)
        let middle = interval.start + .nanoseconds(interval.duration.wholeNanoseconds / 2)
        let first = try #require(interval.clipped(open: .zero, close: middle))
        let second = try #require(interval.clipped(open: middle, close: .seconds(1000)))
        #expect(first.duration + second.duration == interval.duration)
        let whole = AccountTimeline(interval).shares(from: .zero, to: interval.duration)
        let halves = [first, second].map { AccountTimeline($0).shares(from: .zero, to: $0.duration) }
        let cpu = halves.reduce(Duration.zero) { $0 + $1.cpu }
        #expect(abs((cpu - whole.cpu).wholeNanoseconds) <= 4)
    }

    @Test func `a block is ignored when a rule names a call in each of its stacks`() {
        let samples = [10, 20].map { Recorded.sample($0, Recorded.stack("a")) }
        let classifier = Classifier(ignoring: [.symbol("a")])
        let outcome = classifier.judge(Recorded.interval(30, samples: samples), firstID: 1)
        #expect(outcome == .init(blocks: [], ignored: 1))
        let other = samples + [Recorded.sample(30, [Recorded.usleep] + Recorded.stack("b", calling: nil))]
        let mixed = classifier.judge(Recorded.interval(40, samples: other), firstID: 1)
        #expect(mixed.blocks.map { $0.blame?.function } == ["b()"])
        #expect(mixed.ignored == 1)
    }

    @Test func `a rule doesn't hide what it can't see`() {
        let classifier = Classifier(ignoring: [.symbol("a")])
        #expect(classifier.judge(Recorded.interval(30), firstID: 1).blocks.count == 1)
    }

    @Test func `one stack that no rule names is enough to report the block`() {
        let samples = [
            StackSample(offset: .zero, frames: Recorded.stack("a")),
            StackSample(offset: .zero, frames: Recorded.stack("b")),
        ]
        #expect(!IgnoreRule.excuse([.symbol("a")], samples: samples))
        #expect(IgnoreRule.excuse([.symbol("a"), .symbol("b()")], samples: samples))
        #expect(IgnoreRule.excuse([.symbol("usleep")], samples: samples))
        #expect(!IgnoreRule.excuse([], samples: samples))
    }

    @Test(arguments: [
        (IgnoreRule.symbol("ingestBlocking(_:)"), true), (.symbol("ingestBlocking"), true),
        (.symbol("ingest"), false), (.file("Sources/IngestServer/"), true), (.file("IngestServer/"), false),
        (.file("/home/me/service/Sources/IngestServer/IngestHandler.swift"), true),
        (.module("IngestServer"), true),
        (.module("ingest-bench"), true), (.module("Ingest"), false),
    ])
    func `a rule names a function, a file or a module`(rule: IgnoreRule, isMatch: Bool) {
        #expect(rule.matches(Recorded.ingestBlocking) == isMatch)
        var caller = Recorded.ingestBlocking
        caller.kind = .asyncCaller
        #expect(!rule.matches(caller))
    }

    @Test(arguments: [
        (CallerContext.file("IngestServer/IngestRoutes.swift"), true),
        (.file("IngestServer/Other.swift"), false), (.file("Other/IngestRoutes.swift"), false),
        (.module("IngestServer/Other.swift"), true), (.module("App/IngestRoutes.swift"), false),
    ])
    func `a caller's blocks hold a frame of it, async callers too`(caller: CallerContext, isKept: Bool) {
        let samples = [Recorded.sample(10, Recorded.routeStack)]
        let outcome = Classifier(onlyFrom: caller).judge(Recorded.interval(30, samples: samples), firstID: 1)
        #expect(outcome.blocks.isEmpty == !isKept)
        #expect(outcome.ignored == (isKept ? 0 : 1))
    }

    @Test func `a full series keeps every second sample and doubles its step`() {
        var series = SampleSeries<Int>(step: .milliseconds(10))
        for number in 0..<32 {
            series.add(number)
        }
        #expect(series.samples == Array(0..<32))
        #expect(series.step == .milliseconds(10))
        series.add(32)
        #expect(series.samples == Array(stride(from: 0, through: 32, by: 2)))
        #expect(series.step == .milliseconds(20))
    }

    @Test func `a series never grows beyond its capacity`() {
        var series = SampleSeries<Int>(step: .milliseconds(1), capacity: 4)
        for number in 0..<60 {
            series.add(number)
            #expect(series.samples.count <= 4)
        }
        #expect(series.samples.first == 0)
        #expect(series.samples.last == 59)
    }

    @Test func `blocks are grouped by blame and callee, longest total first`() {
        func block(_ id: Int, _ name: String, _ milliseconds: Int) -> LoopBlock {
            var interval = Recorded.interval(
                milliseconds,
                samples: [Recorded.sample(5, Recorded.stack(name))]
            )
            interval.number = id
            return Splitter.blocks(of: interval, firstID: id)[0]
        }
        let groups = StackGroup.groups(of: [
            block(1, "a", 20), block(2, "b", 50), block(3, "a", 40), block(4, "c", 50),
        ])
        #expect(groups.map { $0.blame?.function } == ["a()", "b()", "c()"])
        #expect(groups.map(\.ids) == [[1, 3], [2], [4]])
        #expect(groups.map(\.total) == [.milliseconds(60), .milliseconds(50), .milliseconds(50)])
        #expect(groups.map(\.longest) == [.milliseconds(40), .milliseconds(50), .milliseconds(50)])
        #expect(groups.map(\.stack) == ["a", "b", "c"].map { Recorded.stack($0) })
    }
}
