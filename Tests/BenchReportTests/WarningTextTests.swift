import BenchReport
import Measurements
import Testing

/// Warnings that need a run of their own to be triggered.
struct WarningTextTests {
    private func texts(_ code: ReportWarning.Code, _ run: SampleRun) -> [String] {
        run.document().warnings.filter { $0.code == code }.map(\.text)
    }

    @Test func `a baseline that differs from itself is told with the noise that follows`() throws {
        var run = SampleRun()
        run.names = ["blocking", "async", "blocking-aa"]
        run.hasProbe = false
        let excess = [8, 55, 31, 20, 42, 25, 37, 28, 33, 30].map { 1 + Double($0) / 1000 }
        run.editRound = { round in
            let factor = round.target == "blocking-aa" && !round.isWarmup ? excess[round.index] : 1
            round.makespan = Nanoseconds(1e9 / factor)
        }
        #expect(
            texts(.noiseUnstable, run) == [
                "blocking differs from itself by +3.1 % (+2.2 … +4.0): the machine drifts, changes below 4 % are noise"
            ]
        )
        let document = run.document()
        let change = try #require(document.result(.throughput, of: "async", at: 100)?.change)
        #expect(abs(change.noise - 0.039891821) < 1e-8)
        #expect(change.verdict == .equivalent)
        #expect(document.candidates.map(\.name) == ["async"])
        let start = "async and blocking serve equally many uploads per second (within 4 %)"
        #expect(document.verdict.hasPrefix(start))
    }

    @Test(arguments: [
        (1, 1, "1 round gives no 95 % interval; use --rounds 6 or more"),
        (5, 1, "5 rounds give no 95 % interval; use --rounds 6 or more"), (6, 1, nil),
        (5, 2, "5 rounds give no 95 % interval; use --rounds 7 or more"),
        (6, 2, "6 rounds can't tell a change of one of 2 candidates from chance; use --rounds 7 or more"),
        (7, 3, nil),
        (7, 4, "7 rounds can't tell a change of one of 4 candidates from chance; use --rounds 8 or more"),
    ])
    func `rounds that are too few for the number of candidates are told`(
        rounds: Int,
        candidates: Int,
        text: String?
    ) {
        var run = SampleRun()
        run.uploads = 10
        run.hasProbe = false
        run.rounds = rounds
        run.names = ["blocking"] + (0..<candidates).map { "c\($0)" }
        #expect(texts(.fewRounds, run) == [text].compactMap { $0 })
        // What the rule promises: as many rounds show a change that is there, fewer show none.
        run.milliseconds = { $0 == 0 ? 37 : 20 }
        let verdicts = run.document().results.filter { $0.metric == .throughput }.compactMap(
            \.change?.verdict
        )
        #expect(verdicts.allSatisfy { ($0 == .better) == (text == nil) })
    }

    @Test func `p99_9 is told of rounds of a thousand, with what it rests on`() {
        var run = SampleRun()
        run.mode = .closed
        run.hasProbe = false
        run.hasStages = false
        run.rounds = 6
        run.uploads = 999
        #expect(run.document().result(.response(.percentile(.p999)), of: "async", at: 999) == nil)
        #expect(texts(.tailThin, run).isEmpty)
        run.uploads = 1000
        #expect(run.document().result(.response(.percentile(.p999)), of: "async", at: 1000) != nil)
        #expect(
            texts(.tailThin, run) == [
                "p99.9 of one 1000-upload round rests on its 2 slowest; by itself its upper bound is open below 3688 "
                    + "uploads. It is judged across rounds instead."
            ]
        )
    }

    @Test func `time-outs are counted with the percentiles that they leave`() {
        func timeouts(_ isCut: @escaping (_ round: Int, _ place: Int) -> Bool) -> [String] {
            var run = SampleRun()
            run.edit = { sample, target, round, place in
                guard target == 1, isCut(round, place) else { return }
                sample.outcome = .timeoutWaiting
                sample.done = 120_000_000_000
            }
            return texts(.timeouts, run)
        }
        #expect(
            timeouts { $0 == 0 && $1 == 99 } == [
                "1 upload of async timed out after 120 s and counts as ≥ 120 s; percentiles above p99.9 are lower bounds"
            ]
        )
        #expect(
            timeouts { $0 < 2 && $1 > 93 } == [
                "12 uploads of async timed out after 120 s and count as ≥ 120 s; percentiles above p98.8 are lower bounds"
            ]
        )
        #expect(
            timeouts { _, _ in true } == [
                "1000 uploads of async timed out after 120 s and count as ≥ 120 s; all percentiles are lower bounds"
            ]
        )
    }

    @Test func `warnings stand by severity, then by code`() {
        var run = SampleRun()
        run.rounds = 5
        run.interrupted = "SIGINT"
        run.build = "debug"
        run.connections = .fresh
        run.validity = Validity(verdict: .invalid, reasons: ["the client was late"])
        let warnings = run.document().warnings
        let order = warnings.map { "\($0.severity) \($0.code.rawValue)" }
        #expect(
            order == [
                "error partial", "error validity", "warning debug_build", "warning few_rounds",
                "note burst_identity", "note fresh", "note tail_thin",
            ]
        )
        #expect(warnings[1].text == "INVALID: the client was late")
    }
}
