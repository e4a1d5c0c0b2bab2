import BenchReport
import Measurements
import Testing

struct RunAnalysisTests {
    private func verdicts(_ run: SampleRun) -> [MetricResult.Verdict?] {
        let document = run.document()
        return [Metric.throughput, .response(.percentile(.p50))].map { metric in
            document.result(metric, of: "async", at: run.load)?.change?.verdict
        }
    }

    @Test func `a run has a result for each target and metric`() {
        let document = SampleRun().document()
        let names = document.results.filter { $0.target == "async" }.map(\.metric.name)
        #expect(
            names == [
                "throughput", "min", "p50", "p90", "p95", "p99", "max", "errors", "probe.p50", "probe.p99",
                "probe.max", "probe.errors",
            ]
        )
        #expect(document.results.count == 2 * names.count)
        #expect(document.results.allSatisfy { Metric(name: $0.metric.name) == $0.metric })
    }

    @Test func `throughput improves while the median waits longer`() {
        #expect(verdicts(SampleRun()) == [.better, .worse])
    }

    @Test(arguments: [1, 5]) func `too few rounds have no interval`(_ rounds: Int) {
        var run = SampleRun()
        run.rounds = rounds
        #expect(verdicts(run) == [.noInterval, .noInterval])
    }

    @Test func `error rates that differ make the rest incomparable`() {
        var run = SampleRun()
        run.edit = { sample, target, _, place in
            guard target == 1, place < 4 else { return }
            sample.outcome = .status
            sample.status = 500
        }
        #expect(verdicts(run) == [.notComparable, .notComparable])
        #expect(
            run.document().verdict
                == "not comparable: async failed 40 of 1000 uploads (4 %), blocking 0 of 1000."
        )
    }

    @Test func `an invalid run is not comparable`() {
        var run = SampleRun()
        run.validity = Validity(verdict: .invalid, reasons: ["the client was late"])
        #expect(verdicts(run) == [.notComparable, .notComparable])
        #expect(run.document().verdict == "not comparable: the run is INVALID (the client was late).")
    }

    @Test func `a percentile above an ended upload has no verdict and is a bound`() throws {
        var run = SampleRun()
        run.uploads = 400
        run.edit = { sample, target, round, place in
            guard target == 1, round == 3, place == 399 else { return }
            sample.outcome = .timeoutWaiting
            sample.flags.insert(.censored)
            sample.done = 120_000_000_000
        }
        let document = run.document()
        let maximum = try #require(document.result(.response(.maximum), of: "async", at: 400))
        #expect(maximum.level.isCensored)
        #expect(maximum.change?.verdict == .noInterval)
        let median = try #require(document.result(.response(.percentile(.p50)), of: "async", at: 400))
        #expect(!median.level.isCensored && median.change?.verdict == .worse)
    }

    @Test func `a block with an invalid round is not counted`() {
        var run = SampleRun()
        run.editRound = { round in
            guard !round.isWarmup, round.index == 2, round.target == "async" else { return }
            round.validity = Validity(
                verdict: .invalid,
                reasons: ["the client was late (send lag p99 31 ms)"]
            )
        }
        let document = run.document()
        #expect(document.countedRounds(at: 100).count == 18)
        #expect(document.warnings.map(\.text).contains("1 of 10 blocks is left out: the client was late"))
    }

    @Test func `equal targets seldom differ`() {
        // Two targets alike, rounds that share a mood: at 5 % a test of whole runs may err in 10 of 200.
        var random = SplitMix64(seed: 2024)
        var different = 0
        for seed in 0..<200 {
            let moods = (0..<11).map { _ in 30 * (1 + 0.1 * random.unit()) }
            var run = SampleRun()
            run.seed = UInt64(seed)
            run.uploads = 4
            run.hasProbe = false
            run.hasStages = false
            run.milliseconds = { _ in 30 }
            run.editRound = { round in
                let pace = moods[round.index] * (1 + 0.03 * (random.unit() - 0.5)) / 30
                round.makespan = Int64(Double(400_000_000) * pace)
            }
            let verdict = run.document().result(.throughput, of: "async", at: 4)?.change?.verdict
            #expect(verdict != nil)
            if verdict == .better || verdict == .worse { different += 1 }
        }
        #expect(different <= 20)
        #expect(different > 0)
    }

    @Test func `a target that takes 20 % longer is found`() {
        // Rounds that share a mood of up to 10 %, and differ by up to 10 % besides.
        var random = SplitMix64(seed: 2025)
        var found = 0
        for seed in 0..<20 {
            let moods = (0..<11).map { _ in 1 + 0.1 * random.unit() }
            var run = SampleRun()
            run.seed = UInt64(seed)
            run.uploads = 4
            run.hasProbe = false
            run.hasStages = false
            run.milliseconds = { _ in 30 }
            run.editRound = { round in
                let pace = moods[round.index] * (1 + 0.2 * (random.unit() - 0.5))
                round.makespan = Int64(400_000_000 * pace * (round.target == "async" ? 1.2 : 1))
            }
            if run.document().result(.throughput, of: "async", at: 4)?.change?.verdict == .worse {
                found += 1
            }
        }
        #expect(found >= 19)
    }

    @Test(
        arguments: [
            (ReportWarning.Code.fewRounds, "5 rounds give no 95 % interval; use --rounds 6 or more"),
            (
                .tailThin,
                "p99 of one 70-upload round rests on its slowest; by itself its upper bound is open below 368 "
                    + "uploads. It is judged across rounds instead."
            ),
            (
                .burstIdentity,
                "Burst load: p99 and max follow from throughput (last reply ≈ N ÷ req/s), so they are not separate wins."
            ),
            (.partial, "PARTIAL: 5 of 5 blocks, interrupted by SIGTERM"),
            (.validity, "SUSPECT: the client was late"),
            (.errors, "async: 37 of 500 uploads failed: 30 × 500, 7 × refused; first answer: no room"),
            (
                .timeouts,
                "5 uploads of async timed out after 120 s and count as ≥ 120 s; percentiles above p99 are lower bounds"
            ),
            (.repeated, "2 blocks were measured again: steal 3.4 % (block 3), swapping (block 5)"),
            (.fresh, "connecting is part of each response time"),
            (.debugBuild, "this is a debug build; don't compare it with a release build"),
        ] as [(ReportWarning.Code, String)]
    )
    func `a warning has its exact text`(_ code: ReportWarning.Code, _ text: String) {
        let warnings = Self.troubled.warnings.filter { $0.code == code }
        #expect(warnings.map(\.text) == [text])
        #expect(Self.troubled.warnings.map(\.severity) == Self.troubled.warnings.map(\.severity).sorted())
    }

    @Test func `what was cut off and what was answered too early are said apart`() {
        var run = SampleRun()
        run.firstAnswers = [FirstAnswer(target: "async", status: 413, body: "too large")]
        run.edit = { sample, target, _, place in
            guard target == 1, place < 5 else { return }
            (sample.outcome, sample.status) = place < 2 ? (.closedDuringUpload, 0) : (.earlyResponse, 413)
            if place == 3 { (sample.outcome, sample.status) = (.retryPrevented, 0) }
            if place == 4 { (sample.outcome, sample.status) = (.status, 503) }
        }
        #expect(
            run.document().warnings.filter { $0.code == .errors }.map(\.text) == [
                "async: 20 of 1000 uploads were cut off while sending (closedDuringUpload)",
                "async: 10 of 1000 uploads lost a kept connection before an answer and were not sent twice "
                    + "(retryPrevented)",
                "async: 10 of 1000 uploads were answered before the body was sent (413); the server may limit the "
                    + "body size; first answer: too large",
                "async: 10 of 1000 uploads failed: 10 × 503",
            ]
        )
    }

    @Test func `a closed loop is noted`() {
        var run = SampleRun()
        run.mode = .closed
        let texts = run.document().warnings.map(\.text)
        #expect(texts.contains("closed loop: waiting that the load itself avoided is not shown"))
        #expect(!texts.contains { $0.hasPrefix("Burst load") })
    }

    @Test func `a good run warns of nothing it need not`() {
        var run = SampleRun()
        run.uploads = 400
        run.mode = .closed
        #expect(run.document().warnings.map(\.code) == [.closedLoop])
    }

    /// A run that almost everything went wrong in.
    private static let troubled: RunDocument = {
        var run = SampleRun()
        run.rounds = 5
        run.interrupted = "SIGTERM"
        run.validity = Validity(verdict: .suspect, reasons: ["the client was late"])
        run.connections = .fresh
        run.build = "debug"
        run.firstAnswers = [FirstAnswer(target: "async", status: 500, body: "no room")]
        run.edit = { sample, target, round, place in
            guard target == 1 else { return }
            if round == 0, place < 30 {
                sample.outcome = .status
                sample.status = 500
            } else if round == 1, place < 7 {
                sample.outcome = .refused
                sample.status = 0
            } else if place == 99 {
                sample.outcome = .timeoutWaiting
                sample.flags.insert(.censored)
            }
        }
        run.editRound = { round in
            guard !round.isWarmup, round.index == 2 || round.index == 4 else { return }
            round.attempt = 2
            round.discarded = round.index == 2 ? ["steal 3.4 %", "steal 1.2 %"] : ["swapping"]
        }
        return run.document()
    }()
}

struct VerdictSentenceTests {
    private func verdict(_ change: (inout SampleRun) -> Void) -> String {
        var run = SampleRun()
        run.uploads = 40
        change(&run)
        return run.document().verdict
    }

    @Test func `a better throughput is said with what got worse, why, and how responsive the service was`() {
        #expect(
            SampleRun().document().verdict
                == "async serves 23 % more uploads per second, but its median upload waits 30 % longer: replies "
                + "start at 1.81 s instead of 0.04 s. While uploads ran, GET /health took 8.43 ms (p99) instead of "
                + "368 ms."
        )
    }

    @Test func `a worse throughput is said as such`() {
        let text = verdict { run in
            run.hasProbe = false
            run.milliseconds = { $0 == 0 ? 30 : 45 }
        }
        #expect(text.hasPrefix("async serves 34 % fewer uploads per second"))
        #expect(!text.contains("While uploads ran"))
    }

    @Test func `too few rounds are said`() {
        let text = verdict { run in
            run.rounds = 1
            run.hasProbe = false
        }
        #expect(
            text.hasPrefix("async served 22 % more uploads per second in 1 round, too few for an interval")
        )
    }

    @Test func `equal targets are said to be equal`() {
        let text = verdict { run in
            run.hasProbe = false
            run.editRound = { $0.makespan = 1_000_000_000 }
        }
        #expect(text.hasPrefix("async and blocking serve equally many uploads per second (within 1 %), but"))
    }

    @Test func `an unclear difference is said with its interval`() {
        let text = verdict { run in
            run.hasProbe = false
            run.editRound = { round in
                let isOdd = round.index.isMultiple(of: 2) == (round.target == "async")
                round.makespan = isOdd ? 1_100_000_000 : 1_000_000_000
            }
        }
        #expect(text.hasPrefix("no clear change in throughput between async and blocking (−9.1 … +10.0 %)"))
    }

    @Test func `one target alone is said without comparison`() {
        let text = verdict { run in
            run.names = ["blocking"]
            run.editRound = { $0.makespan = 1_000_000_000 }
        }
        #expect(text.hasPrefix("blocking serves 40.0 uploads per second (40.0 … 40.0); p99 1."))
    }

    @Test func `nothing measured is nothing to report`() {
        let nothing = verdict { run in
            run.rounds = 0
            run.warmup = 0
        }
        #expect(nothing == "no complete block, so there is nothing to compare; kept: no round.")
    }
}
