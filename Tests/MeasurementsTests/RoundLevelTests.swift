import Measurements
import Testing

struct RoundLevelTests {
    @Test(arguments: Vectors.shared.median_ci_rounds.rows)
    func `the level's interval takes the ranks of the reference`(_ row: Vectors.MedianInterval) throws {
        let level = try #require(RoundLevel(rounds: (1...row.n).map(Double.init).reversed()))
        #expect(level.low == row.lo.map(Double.init))
        #expect(level.high == row.hi.map(Double.init))
        #expect(level.value == Double(row.n + 1) / 2)
    }

    @Test func `a level needs a round`() {
        #expect(RoundLevel(rounds: []) == nil)
        #expect(RoundLevel(rounds: [3]) != nil)
    }

    @Test func `ended uploads bound the percentiles they reach, failed ones leave the times`() throws {
        var samples = (0..<10).map { place -> Sample in
            var sample = Sample(intended: 0)
            sample.sent = 1
            sample.done = Int64(place + 1) * 1000
            sample.outcome = .ok
            sample.status = 200
            return sample
        }
        samples[8].outcome = .timeoutWaiting
        samples[8].flags = [.censored]
        samples[0].outcome = .status
        samples[0].status = 500
        let summary = RoundSummary(of: Self.round(samples))
        let response = try #require(summary.response)
        #expect(summary.succeeded == 8 && summary.errors == 2)
        #expect(response.count == 9)
        #expect(response.minimum == 2000)
        #expect(!response.isCensored(.percentile(.p50)))
        #expect(response.isCensored(.percentile(.p90)))
        #expect(response.isCensored(.maximum))
        #expect(summary.statuses == [200: 9, 500: 1])
        #expect(summary.throughput == 8 / 1e-5)
    }

    @Test func `a round of failures has no times and no throughput`() {
        var sample = Sample(intended: 0)
        sample.outcome = .refused
        sample.done = 5
        let summary = RoundSummary(of: Self.round([sample]))
        #expect(summary.response == nil && summary.service == nil)
        #expect(summary.throughput == 0)
        #expect(summary.failures == [RoundSummary.Failures(outcome: .refused, status: 0, count: 1)])
    }

    /// A round of given uploads that is over with the last of them.
    static func round(_ samples: [Sample]) -> RoundRecord {
        RoundRecord(
            index: 0,
            isWarmup: false,
            order: 0,
            target: "blocking",
            load: Load(concurrency: samples.count),
            started: Timestamp(nanosecondsSince1970: 0),
            makespan: samples.map(\.done).max() ?? 0,
            samples: SampleSequence(samples),
            probes: [],
            burst: nil,
            client: ClientHealth(cores: 0, busiestThread: 0, sendLagP99: 0),
            host: HostHealth(steal: 0, others: nil, pagesSwapped: 0),
            validity: Validity()
        )
    }
}
