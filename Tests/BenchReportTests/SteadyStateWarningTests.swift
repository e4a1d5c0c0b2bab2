import Measurements
import Testing

@testable import BenchReport

/// What is said of rounds that don't settle, and of closed loops that were not kept full.
struct SteadyStateWarningTests {
    /// A closed loop with one upload in flight; the first 60 % of some rounds of "async" take `factor` times as long.
    private static func run(
        slow rounds: Set<Int>,
        factor: Double = 2,
        pause: Nanoseconds = 0,
        _ change: (inout SampleRun) -> Void = { _ in }
    ) -> RunDocument {
        var run = SampleRun()
        run.mode = .closed
        run.concurrency = 1
        run.uploads = 200
        run.hasProbe = false
        run.editRound = { round in
            guard !round.isWarmup else { return }
            var now: Nanoseconds = 0
            let isSlow = round.target == "async" && rounds.contains(round.index)
            let samples = (0..<200).map { place in
                var sample = Sample(intended: now)
                let time = 10_000_000 * (isSlow && place < 120 ? factor : 1)
                sample.sent = now
                sample.done = now + Nanoseconds(time) + Nanoseconds((place * 7 + round.index) % 5) * 100_000
                sample.outcome = .ok
                now = sample.done + pause
                return sample
            }
            round.samples = SampleSequence(samples)
            round.makespan = samples.last?.done ?? 0
        }
        change(&run)
        return run.document()
    }

    private func unsettled(_ document: RunDocument) -> [ReportWarning] {
        document.warnings.filter { $0.code == .noSteadyState }
    }

    @Test func `a target whose rounds don't settle is warned of`() {
        let warnings = unsettled(Self.run(slow: [1, 2, 4, 6, 9]))
        #expect(
            warnings.map(\.text) == [
                "async: the first 60 % of round 2 is still warming up; 5 of 10 rounds are like it"
            ]
        )
        #expect(warnings.map(\.target) == ["async"])
        #expect(warnings.map(\.round) == [1])
        #expect(warnings.map(\.severity) == [.warning])
    }

    @Test func `one round of one target is told in so many words`() {
        let document = Self.run(slow: [0]) { run in
            run.names = ["async"]
            run.rounds = 1
        }
        #expect(unsettled(document).map(\.text) == ["the first 60 % of round 1 is still warming up"])
    }

    @Test func `fewer than half of the rounds, or rounds that go both ways, are chance`() {
        #expect(unsettled(Self.run(slow: [1, 2, 4, 6])).isEmpty)
        #expect(unsettled(Self.run(slow: [])).isEmpty)
        let both = Self.run(slow: Set(0..<10)) { run in
            let edit = run.editRound
            run.editRound = { round in
                edit(&round)
                guard !round.isWarmup, round.index < 6, round.target == "async" else { return }
                round.summary = RoundSummary(of: round)
                round.summary?.transient = Transient(share: 0.6, isRising: round.index < 2)
                if round.index > 3 { round.summary?.transient = nil }
            }
        }
        #expect(both.rounds.count { $0.summary.transient?.isRising == true } == 2)
        #expect(unsettled(both).map(\.text).first?.hasSuffix("; 6 of 10 rounds are like it") == true)
        #expect(unsettled(both).map(\.round) == [2])
    }

    @Test func `in a sweep of rates each is told by itself, and what is overloaded is told as that alone`() {
        // 1000 uploads arrive in 10 s; at 40/s "async" falls behind, and at 20/s its rounds don't settle.
        var random = SplitMix64(seed: 4)
        let document = SampleSweep.document([[5, 10, 20, 40], [5, 10, 20, 40]], isOpen: true) { run in
            run.uploads = 1
            run.editRound = { round in
                round.window = 10_000_000_000
                let rate = round.target == "async" && !round.isWarmup ? round.load.rate : nil
                let samples = (0..<1000).map { place in
                    var sample = Sample(intended: Nanoseconds(place) * 10_000_000)
                    sample.sent = sample.intended
                    let growth: Nanoseconds = rate == 40 ? 4_000_000 * Nanoseconds(place) : 0
                    let slow: Nanoseconds = rate == 20 && place < 600 ? 3_000_000 : 0
                    let service = 3_000_000 + Nanoseconds(random.below(900_000))
                    sample.done = sample.intended + service + growth + slow
                    if sample.done > 10_000_000_000 { sample.flags.insert(.drained) }
                    sample.outcome = .ok
                    return sample
                }
                round.samples = SampleSequence(samples)
                round.makespan = samples.map(\.done).max() ?? 0
            }
        }
        #expect(
            document.warnings.filter { $0.code == .overloaded }.map(\.text) == [
                "async at 40/s is overloaded: latency grows with the length of the run; "
                    + "percentiles are not a property of the server"
            ]
        )
        let texts = unsettled(document).map(\.text)
        #expect(texts.count == 1)
        #expect(texts[0].hasPrefix("async at 20/s: the first 6"))
        #expect(texts[0].hasSuffix(" % of round 1 is still warming up; 6 of 6 rounds are like it"))
    }

    @Test func `a rate that changes and a burst are not to settle`() {
        let staged = Self.run(slow: Set(0..<10)) { $0.mode = .open }
        var plan = staged.plan
        #expect(unsettled(staged).count == 1)
        plan.stages = "10s:50/s"
        var document = staged
        document.plan = plan
        #expect(ReportWarning.all(of: document).filter { $0.code == .noSteadyState }.isEmpty)
        #expect(unsettled(SampleRun(uploads: 400).document()).isEmpty)
    }

    @Test func `a document without samples says it, too`() throws {
        var document = Self.run(slow: Set(0..<10))
        for place in document.rounds.indices { document.rounds[place].record.samples = [] }
        let read = try RunDocument(json: try document.json())
        #expect(read.rounds.map(\.summary.transient) == document.rounds.map(\.summary.transient))
        #expect(unsettled(read) == unsettled(document) && unsettled(read).count == 1)
    }

    private func filling(_ document: RunDocument) -> String? {
        ReportFacts(of: document).checks(noted: []).first { $0.hasPrefix("closed loop ") }
    }

    @Test func `a closed loop that was kept full is told as such, and one with pauses as that`() {
        let full = "closed loop 100 % full at worst (throughput × mean time ÷ in flight)"
        #expect(filling(Self.run(slow: [])) == full)
        #expect(
            filling(Self.run(slow: [], pause: 1_000_000))
                == "closed loop 91.1 % full at worst (throughput × mean time ÷ in flight), limit ±5 %: "
                + "the load had pauses"
        )
    }

    @Test func `other loads, short rounds and failures leave open how full a loop was`() {
        #expect(filling(SampleRun().document()) == nil)
        let failing = Self.run(slow: []) { run in
            let edit = run.editRound
            run.editRound = { round in
                edit(&round)
                var samples = Array(round.samples)
                samples[0].outcome = .status
                round.samples = SampleSequence(samples)
            }
        }
        #expect(filling(failing) == nil)
        let wide = Self.run(slow: []) { run in
            let edit = run.editRound
            run.concurrency = 11
            run.editRound = { round in
                edit(&round)
                round.load = Load(concurrency: 11)
            }
        }
        #expect(filling(wide) == nil)
    }
}
