import Measurements
import Testing

@testable import LoadGenerator

/// Each check of the verdict at its limit and one step beyond.
struct VerdictTests {
    private static func inputs(_ change: (inout VerdictInputs) -> Void) -> VerdictInputs {
        var inputs = VerdictInputs()
        inputs.machineCores = 2
        inputs.isServerOnSameHost = true
        change(&inputs)
        return inputs
    }

    private static let limits: [(VerdictInputs, Validity.Verdict)] = [
        (inputs { $0.sendLagP99 = 1_000_000 }, .valid),
        (inputs { $0.sendLagP99 = 1_000_001 }, .suspect),
        (inputs { $0.sendLagP99 = 10_000_000 }, .suspect),
        (inputs { $0.sendLagP99 = 10_000_001 }, .invalid),
        (inputs { ($0.sendLagP99, $0.responseP50) = (50_000_000, 1_000_000_000) }, .valid),
        (inputs { ($0.sendLagP99, $0.responseP50) = (50_000_001, 1_000_000_000) }, .suspect),
        (inputs { ($0.sendLagP99, $0.responseP50) = (250_000_000, 1_000_000_000) }, .suspect),
        (inputs { ($0.sendLagP99, $0.responseP50) = (250_000_001, 1_000_000_000) }, .invalid),
        (inputs { $0.busiestThread = 0.8 }, .valid),
        (inputs { $0.busiestThread = 0.801 }, .suspect),
        (inputs { $0.busiestThread = 0.95 }, .suspect),
        (inputs { $0.busiestThread = 0.951 }, .invalid),
        (inputs { $0.clientCores = 0.4 }, .valid),
        (inputs { $0.clientCores = 0.401 }, .suspect),
        (inputs { $0.clientCores = 1.0 }, .suspect),
        (inputs { $0.clientCores = 1.001 }, .invalid),
        (inputs { ($0.clientCores, $0.isServerOnSameHost) = (2, false) }, .valid),
        (burst(opened: 0, peak: 200), .valid),
        (burst(opened: 1, peak: 200), .suspect),
        (burst(opened: 2, peak: 200), .suspect),
        (burst(opened: 3, peak: 200), .invalid),
        (burst(opened: 0, peak: 190), .valid),
        (burst(opened: 0, peak: 189), .suspect),
        (burst(opened: 0, peak: 100), .suspect),
        (burst(opened: 0, peak: 99), .invalid),
        (waits(0, of: 1000), .valid),
        (waits(1, of: 1000), .suspect),
        (waits(10, of: 1000), .suspect),
        (waits(11, of: 1000), .invalid),
        (inputs { $0.filling = 1.05 }, .valid),
        (inputs { $0.filling = 1.051 }, .suspect),
        (inputs { $0.filling = 0.95 }, .valid),
        (inputs { $0.filling = 0.949 }, .suspect),
        (inputs { $0.filling = 0.8 }, .suspect),
        (inputs { $0.filling = 0.799 }, .invalid),
        (inputs { ($0.sendLagP99, $0.rate) = (10_000_001, (1000, 969)) }, .invalid),
        (inputs { ($0.sendLagP99, $0.rate) = (1_000_000, (1000, 100)) }, .valid),
        (inputs { ($0.claimedBytes, $0.countedBytes) = (5, 5) }, .valid),
        (inputs { ($0.claimedBytes, $0.countedBytes) = (5, 4) }, .invalid),
        (inputs { ($0.claimedBytes, $0.countedBytes) = (5, nil) }, .valid),
        (inputs { $0.host.steal = 0.01 }, .valid),
        (inputs { $0.host.steal = 0.011 }, .suspect),
        (inputs { $0.host.steal = 0.1 }, .suspect),
        (inputs { $0.host.steal = 0.101 }, .invalid),
        (inputs { $0.host.others = 0.1 }, .valid),
        (inputs { $0.host.others = 0.101 }, .suspect),
        (inputs { $0.host.others = 0.3 }, .suspect),
        (inputs { $0.host.others = 0.301 }, .invalid),
        (inputs { $0.host.pagesSwapped = 1 }, .suspect),
        (inputs { $0.host.pagesSwapped = 1000 }, .suspect),
        (inputs { $0.host.pagesSwapped = 1001 }, .invalid),
    ]

    private static func waits(_ count: Int, of uploads: Int) -> VerdictInputs {
        inputs { ($0.waitsForContinue, $0.uploads) = (count, uploads) }
    }

    private static func burst(opened: Int, peak: Int) -> VerdictInputs {
        inputs { inputs in
            inputs.burst = BurstFacts(openedAfterGo: opened, lastSent: 0, peakInFlight: peak)
            inputs.burstSize = 200
        }
    }

    @Test(arguments: limits.indices)
    func `a check holds at its limit and not beyond`(row: Int) {
        let (inputs, verdict) = Self.limits[row]
        #expect(ClientVerdict(inputs).validity.verdict == verdict, "\(inputs)")
    }

    @Test func `a late client is told with its lag and the limit`() {
        let verdict = ClientVerdict(Self.inputs { $0.sendLagP99 = 3_100_000 })
        #expect(verdict.validity.reasons == ["the client was late (send lag p99 3.10 ms, limit 1.00 ms)"])
        #expect(verdict.disturbances.isEmpty)
    }

    @Test func `a client too slow for the rate is told what to do`() {
        let slow = ClientVerdict(Self.inputs { ($0.sendLagP99, $0.rate) = (80_000_000, (50_000, 31_200)) })
        #expect(
            slow.validity
                == Validity(
                    verdict: .invalid,
                    reasons: [
                        "asked for 50000/s, sent 31200/s; the client was late. Lower --rate or add --threads."
                    ]
                )
        )
        // At 97 % of the rate the lag alone is told.
        let late = ClientVerdict(Self.inputs { ($0.sendLagP99, $0.rate) = (80_000_000, (1000, 970)) })
        #expect(late.validity.reasons == ["the client was late (send lag p99 80.0 ms, limit 10.0 ms)"])
    }

    @Test func `a closed loop that was not kept full is told`() {
        let verdict = ClientVerdict(Self.inputs { $0.filling = 0.76 })
        #expect(
            verdict.validity.reasons == [
                "the closed loop held 76.0 % of its uploads in flight, limit ±20.0 %"
            ]
        )
    }

    /// Ten uploads at a time of 3 s for 5 s: all slots are full until the window ends.
    @Test func `a window looks at what was in flight inside it`() throws {
        var round = round(index: 0, validity: .valid)
        #expect(WindowFacts(round) == nil)
        round.window = 5_000_000_000
        #expect(WindowFacts(round) == nil)
        round.samples = SampleSequence(
            (0..<20).map { place in
                var sample = Sample(intended: place < 10 ? 0 : 3_000_000_000)
                sample.sent = sample.intended
                sample.done = sample.sent + 3_000_000_000
                return sample
            } + [Sample(intended: 6_000_000_000)]
        )
        let facts = try #require(WindowFacts(round))
        #expect(facts.meanInFlight == 10)
        #expect(facts.askedRate == 4)
        #expect(facts.sentRate == 4)
    }

    /// Opening a connection takes half of each upload's time, and one is never opened.
    @Test func `a window counts the time that fresh connections take`() throws {
        var round = round(index: 0, validity: .valid)
        round.window = 4_000_000_000
        round.samples = SampleSequence(
            (0..<4).map { place in
                var sample = Sample(intended: Int64(place) * 1_000_000_000)
                (sample.connect, sample.tls) = (200_000_000, 300_000_000)
                sample.sent = sample.intended + 500_000_000
                sample.done = sample.intended + 1_000_000_000
                return sample
            } + [
                {
                    var sample = Sample(intended: 0)
                    sample.done = 4_000_000_000
                    sample.outcome = .timeoutConnecting
                    return sample
                }()
            ]
        )
        let facts = try #require(WindowFacts(round))
        #expect(facts.meanInFlight == 2)
        #expect(facts.sentRate == 1)
    }

    @Test func `only what comes from outside repeats a block, three times at most`() {
        let outside = ClientVerdict(
            Self.inputs { $0.host = HostHealth(steal: 0.034, others: 0.31, pagesSwapped: 7) }
        )
        #expect(outside.disturbances == ["steal 3.40 %", "other processes 31.0 %", "swapping"])
        var repeats = BlockRepeats()
        let attempts = [[], ["swapping"], ["steal 3.40 %", "swapping"], ["swapping"], ["swapping"]]
        #expect(attempts.map { repeats.repeats(after: $0) } == [false, true, true, true, false])
        #expect(repeats.discarded == ["swapping", "steal 3.40 %, swapping", "swapping"])
        #expect(repeats.attempt == 4)
    }

    @Test(
        arguments: [
            (0, 10, 0.0, Validity.Verdict.valid), (0, 10, 1.01, .suspect), (1, 10, 0, .suspect),
            (2, 10, 0, .suspect), (3, 10, 0, .invalid), (1, 1, 0, .invalid),
        ]
    )
    func `a run is invalid when over a fifth of a target's rounds are`(
        invalid: Int,
        rounds: Int,
        load: Double,
        verdict: Validity.Verdict
    ) {
        let records = (0..<rounds).map { index in
            round(index: index, validity: index < invalid ? .invalid : .valid)
        }
        #expect(RunVerdict.judge(records, reasons: [], loadPerCore: load).verdict == verdict)
    }

    @Test func `a run is suspect when one round is`() {
        let records = [round(index: 0, validity: .valid), round(index: 1, validity: .suspect)]
        #expect(RunVerdict.judge(records, reasons: [], loadPerCore: 0).verdict == .suspect)
    }

    @Test func `a run tells each kind of reason once, with its worst`() {
        let reasons = [0.02, 0.034, 0.015].flatMap { steal in
            ClientVerdict(Self.inputs { $0.host = HostHealth(steal: steal, others: nil, pagesSwapped: 0) })
                .reasons
        }
        let late = ClientVerdict(Self.inputs { $0.sendLagP99 = 3_100_000 }).reasons
        #expect(
            RunVerdict.judge([], reasons: reasons + late, loadPerCore: 1.06).reasons == [
                "steal 3.40 % in the worst of 3 rounds",
                "the client was late (send lag p99 3.10 ms, limit 1.00 ms)",
                "the machine was busy at the start (load 1.1 per processor)",
            ]
        )
    }

    private func round(index: Int, validity: Validity.Verdict) -> RoundRecord {
        RoundRecord(
            index: index,
            isWarmup: false,
            order: 0,
            target: "a",
            load: Load(concurrency: 1),
            started: Timestamp(nanosecondsSince1970: 0),
            makespan: 1,
            samples: [],
            probes: [],
            burst: nil,
            client: ClientHealth(cores: 0, busiestThread: 0, sendLagP99: 0),
            host: HostHealth(steal: 0, others: nil, pagesSwapped: 0),
            validity: Validity(verdict: validity, reasons: validity == .valid ? [] : ["because"])
        )
    }

    @Test func `the peak counts uploads that overlap`() {
        let samples = [(0, 10), (1, 5), (5, 8), (6, 7), (20, 30)].map { sent, done in
            var sample = Sample(intended: 0)
            sample.sent = Nanoseconds(sent)
            sample.done = Nanoseconds(done)
            return sample
        }
        #expect(PeakInFlight.count(samples + [Sample(intended: 0)]) == 3)
        #expect(PeakInFlight.count([]) == 0)
    }

    @Test func `the machine's shares come from the kernel's counters`() {
        let before = MachineSnapshot(
            time: 0,
            stat: "cpu  100 10 50 800 5 7 8 20 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n",
            vmstat: "pgpgin 5\npswpin 3\npswpout 9\n",
            ownTime: 0
        )
        let after = MachineSnapshot(
            time: 1_000_000_000,
            stat: "cpu  180 10 70 890 5 9 8 28 0 0\n",
            vmstat: "pswpin 8\n",
            ownTime: 500_000_000
        )
        let health = MachineSnapshot.health(
            from: before,
            to: after,
            ticksPerSecond: 100,
            cores: 2,
            isServerInside: true
        )
        #expect(health == HostHealth(steal: 0.04, others: 0.25, pagesSwapped: 5, idle: 0.45))
        let outside = MachineSnapshot.health(
            from: before,
            to: after,
            ticksPerSecond: 100,
            cores: 2,
            isServerInside: false
        )
        #expect(outside.others == nil)
    }
}
