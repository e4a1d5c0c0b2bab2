import Measurements
import Testing

struct LoopActivityTests {
    private func block(
        at start: Nanoseconds,
        lasting duration: Nanoseconds,
        notScheduled: Nanoseconds = 0
    ) -> LoopBlockSample {
        LoopBlockSample(
            loop: 0,
            start: start,
            duration: duration,
            cpu: duration - max(0, notScheduled),
            waiting: 0,
            notScheduled: notScheduled
        )
    }

    @Test func `time without a processor is no blocked time`() {
        #expect(block(at: 0, lasting: 30, notScheduled: 10).blocked == 20)
        #expect(block(at: 0, lasting: 30, notScheduled: Sample.absent).blocked == 30)
        #expect(block(at: 0, lasting: 30, notScheduled: 40).blocked == 0)
    }

    @Test func `sums count every block while only the longest are kept`() {
        let all = (0..<2500).map { block(at: Int64($0) * 100, lasting: Int64($0 % 50) + 1) }
        let loops = LoopActivity(threshold: 1, watched: 1, notScheduled: 7, all: all.reversed())
        #expect(loops.count == 2500)
        #expect(loops.truncated == 500)
        #expect(loops.blocks.count == 2000)
        #expect(loops.blocked == all.reduce(0) { $0 + $1.blocked })
        #expect(loops.worst == 50)
        #expect(loops.notScheduled == 7)
        #expect(loops.blocks.map(\.duration).min() == 11)
        #expect(loops.blocks.map(\.start) == loops.blocks.map(\.start).sorted())
    }

    @Test(arguments: [(500, 1, 0.5), (500, 2, 0.25), (4000, 2, 1), (0, 1, 0), (500, 0, 0)])
    func `the blocked share is that of all loops watched, and never above 1`(
        _ blocked: Int,
        _ watched: Int,
        _ share: Double
    ) {
        let loops = LoopActivity(
            threshold: 1,
            watched: watched,
            blocked: Int64(blocked),
            worst: 0,
            count: 0,
            notScheduled: Int64(blocked),
            truncated: 0,
            blocks: []
        )
        #expect(loops.blockedShare(of: 1000) == share)
        #expect(loops.notScheduledShare(of: 1000) == share)
        #expect(loops.blockedShare(of: 0) == 0)
    }

    @Test func `a round of which no loop was watched has no summary of loops`() {
        var round = RoundRecord(
            index: 0,
            isWarmup: false,
            order: 0,
            target: "async",
            load: Load(concurrency: 1),
            started: Timestamp(nanosecondsSince1970: 0),
            makespan: 1000,
            samples: [],
            probes: [],
            burst: nil,
            client: ClientHealth(cores: 0, busiestThread: 0, sendLagP99: 0),
            host: HostHealth(steal: 0, others: nil, pagesSwapped: 0),
            validity: Validity()
        )
        #expect(RoundSummary(of: round).loops == nil)
        round.loops = LoopActivity(threshold: 1, watched: 0, notScheduled: 0, all: [])
        #expect(RoundSummary(of: round).loops == nil)
        round.loops = LoopActivity(
            threshold: 1,
            watched: 1,
            notScheduled: 0,
            all: [block(at: 0, lasting: 250)]
        )
        #expect(RoundSummary(of: round).loops == RoundSummary.Loops(blocked: 0.25, worst: 250, count: 1))
    }
}
