import Measurements
import Testing

/// What stands in for a round's uploads where they could not be kept.
struct RoundTotalsTests {
    private static let samples: [Sample] = {
        var random = SplitMix64(seed: 11)
        return (0..<3000).map { place in
            var sample = Sample(intended: Int64(place) * 1000)
            sample.sent = sample.intended + Int64(random.below(1_000_000))
            sample.done = sample.sent + 1_000_000 + Int64(random.below(80_000_000))
            sample.bytesOut = 1151
            sample.bytesIn = 12
            sample.outcome = place % 50 == 0 ? .status : place % 71 == 0 ? .timeoutWaiting : .ok
            sample.status = sample.outcome == .ok ? 200 : sample.outcome == .status ? 503 : 0
            if sample.outcome == .timeoutWaiting { sample.done = sample.sent + 120_000_000 }
            return sample
        }
    }()

    private static let round = RoundRecord(
        index: 0,
        isWarmup: false,
        order: 0,
        target: "a",
        load: Load(concurrency: 10),
        started: Timestamp(nanosecondsSince1970: 0),
        makespan: 2_000_000_000,
        samples: SampleSequence(samples),
        probes: [],
        burst: nil,
        client: ClientHealth(cores: 0, busiestThread: 0, sendLagP99: 0),
        host: HostHealth(steal: 0, others: nil, pagesSwapped: 0),
        validity: Validity()
    )

    @Test func `totals alone give the summary of the uploads, times to a thousandth`() throws {
        var totals = RoundTotals()
        for sample in Self.samples { totals.add(sample, lag: sample.sent - sample.intended) }
        var lost = Self.round
        lost.samples = []
        let counted = totals.summary(of: lost)
        let exact = RoundSummary(of: Self.round)
        #expect(counted.uploads == exact.uploads)
        #expect(counted.succeeded == exact.succeeded)
        #expect(counted.failures == exact.failures)
        #expect(counted.statuses == exact.statuses)
        #expect(counted.bytesSent == exact.bytesSent)
        #expect(counted.throughput == exact.throughput)
        for (times, reference) in [(counted.response, exact.response), (counted.service, exact.service)] {
            let (times, reference) = (try #require(times), try #require(reference))
            #expect(times.count == reference.count)
            #expect(abs(times.mean - reference.mean) < 1)
            for percentile in TimeSummary.known {
                let (value, wanted) = (
                    try #require(times.value(percentile)), try #require(reference.value(percentile))
                )
                #expect(value >= wanted && value - wanted <= wanted / 1000, "\(percentile)")
            }
            #expect(times.isCensored(.percentile(.p999)) && reference.isCensored(.percentile(.p999)))
            #expect(!times.isCensored(.percentile(.p50)) && !reference.isCensored(.percentile(.p50)))
        }
    }

    @Test func `errors are in no histogram of successes`() {
        var totals = RoundTotals()
        for sample in Self.samples { totals.add(sample, lag: nil) }
        let ok = Self.samples.count { $0.outcome == .ok }
        let timeouts = Self.samples.count { $0.outcome == .timeoutWaiting }
        #expect(totals.succeeded.response.count == ok)
        #expect(totals.ended.response.count == timeouts)
        #expect(totals.failed.response.count == Self.samples.count - ok - timeouts)
        #expect(totals.uploads == Self.samples.count)
        #expect(totals.lags.count == 0)
    }

    @Test func `a summary of many uploads keeps few values, all of them exact`() throws {
        let exact = RoundSummary(of: Self.round)
        let times = Self.samples.filter { $0.outcome == .ok || $0.isCensored }.map(\.responseTime).sorted()
        #expect(times.count > TimeSummary.mostKept)
        for percentile in TimeSummary.known {
            #expect(exact.response?.value(percentile) == percentile.value(in: times), "\(percentile)")
        }
        #expect(exact.response?.value(Percentile(partsPerMillion: 973_512)) == nil)
    }

    @Test func `an upload lies in its layout and comes out the same`() {
        var sample = Self.samples[0]
        sample.connection = 7
        sample.flags = [.drained, .reused]
        sample.tls = 5
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: SampleLayout.size, alignment: 8)
        defer { bytes.deallocate() }
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        #expect(SampleLayout.decode(UnsafeRawBufferPointer(bytes)) == nil)
        for outcome in Outcome.allCases {
            sample.outcome = outcome
            SampleLayout.encode(sample, stages: .init(start: 1 << 40, count: 9), to: bytes)
            let read = SampleLayout.decode(UnsafeRawBufferPointer(bytes))
            #expect(read?.sample == sample)
            #expect(read?.stages == .init(start: 1 << 40, count: 9))
        }
    }
}
