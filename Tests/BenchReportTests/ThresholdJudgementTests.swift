import BenchReport
import Measurements
import Testing

/// What thresholds say of runs: each kind of term, for one target or several, at one concurrency or several.
struct ThresholdJudgementTests {
    /// Three targets that serve 50, 100 and 40 uploads a second in each round.
    private func results(_ texts: [String], _ change: (inout SampleRun) -> Void = { _ in }) throws
        -> [ThresholdResult]
    {
        var run = SampleRun()
        run.names = ["blocking", "async", "v2"]
        run.hasProbe = false
        run.editRound = { round in
            let all: [String: Double] = ["blocking": 2, "async": 1, "v2": 2.5]
            let seconds = all[round.target] ?? 0
            round.makespan = Nanoseconds(seconds * 1e9)
        }
        change(&run)
        run.thresholds = try texts.map { try Threshold(parsing: $0, targets: run.names) }
        return run.document().thresholds
    }

    @Test func `a change is judged for every candidate`() throws {
        let results = try results(["throughput.change>=20%"])
        #expect(results.map(\.target) == ["async", "v2"])
        #expect(results.map(\.verdict) == [.pass, .fail])
        #expect(
            results.map(\.text) == [
                "async throughput.change is +100 % (+100 … +100), limit 20 %",
                "v2 throughput.change is −20.0 % (−20.0 … −20.0), limit 20 %",
            ]
        )
        #expect(
            results.map(\.brief) == [
                "async +100 % (+100 … +100)", "v2 −20.0 % (−20.0 … −20.0): all below the limit",
            ]
        )
    }

    @Test func `two targets are judged by their paired ratio, whichever is the baseline`() throws {
        let results = try results(["async.throughput>v2*2", "v2.throughput >= async * 0.5", "throughput<v2"])
        #expect(results.map(\.target) == ["async", "v2", "blocking", "async"])
        #expect(results.map(\.verdict) == [.pass, .fail, .fail, .fail])
        #expect(
            results.map(\.text) == [
                "async throughput against v2 is +150 % (+150 … +150), limit +100 %",
                "v2 throughput against async is −60.0 % (−60.0 … −60.0), limit −50.0 %",
                "blocking throughput against v2 is +25.0 % (+25.0 … +25.0), limit 0.0 %",
                "async throughput against v2 is +150 % (+150 … +150), limit 0.0 %",
            ]
        )
    }

    @Test(arguments: [
        ("async.throughput>99", "async throughput is 100 /s (100 … 100), limit 99 /s", "pass"),
        ("async.throughput>100/s", "async throughput is 100 /s (100 … 100), limit 100 /s", "fail"),
        ("async.throughput>=100/s", "async throughput is 100 /s (100 … 100), limit 100 /s", "pass"),
        ("async.throughput<100", "async throughput is 100 /s (100 … 100), limit 100 /s", "fail"),
        ("async.throughput<=100", "async throughput is 100 /s (100 … 100), limit 100 /s", "pass"),
        ("async.min<1ms", "async min is 7.00 ms (7.00 … 7.00), limit 1 ms", "fail"),
        ("async.max<=5.005s", "async max is 5.00 s (5.00 … 5.00), limit 5.005 s", "pass"),
        ("async.mean>1us", "async mean is 56.9 ms (56.9 … 56.9), limit 0.001 ms", "pass"),
        ("async.p50<7000000ns", "async p50 is 7.00 ms (7.00 … 7.00), limit 7 ms", "fail"),
        ("async.service.p99<1m", "async service.p99 is 6.00 ms (6.00 … 6.00), limit 60 s", "pass"),
        ("async.errors.change<1%", "async errors.change is 0.0 points (0.0 … 0.0), limit 1 point", "pass"),
    ])
    func `each kind of term reads what it names`(term: String, text: String, verdict: String) throws {
        let result = try #require(
            try results([term]) { run in
                run.edit = { sample, _, _, place in
                    sample.sent = 1_000_000
                    sample.done = place == 99 ? 5_000_000_000 : 7_000_000
                }
            }.first
        )
        #expect(result.text == text)
        #expect(result.verdict.rawValue == verdict)
    }

    @Test func `loops are judged by share and by what happened, probes by errors counted`() throws {
        let run = { (run: inout SampleRun) in
            run = SampleLoops.run()
            run.hasProbe = true
            let edit = run.editRound
            run.editRound = { round in
                edit(&round)
                round.makespan = 4_000_000_000
                guard var probe = round.probes.first, round.target == "async" else { return }
                probe.outcome = .refused
                round.probes[0] = probe
            }
        }
        let all = try results(["loop.worst<50ms", "loop.blocked<100%", "probe.errors<=0%"], run)
        #expect(all.map(\.verdict) == [.fail, .pass, .pass, .pass, .pass, .fail])
        #expect(all[0].text == "blocking loop.worst is 113 ms, limit 50 ms")
        #expect(all[0].brief == "blocking 113 ms: above the limit")
        #expect(all[2].text.hasPrefix("blocking loop.blocked is ") && all[2].text.hasSuffix(", limit 100 %"))
        #expect(all[2].text.contains(" … "))
        #expect(all[4].text == "blocking probe.errors is 0 %, limit 0 %")
        #expect(all[5].brief.hasPrefix("async 0.") && all[5].brief.hasSuffix(" %: above the limit"))
    }

    @Test func `what was not measured, or can't be compared, can't be told`() throws {
        let missing = try results(["async.loop.blocked<5%", "async.probe.p99<5ms", "loop.worst<1s"])
        #expect(missing.allSatisfy { $0.verdict == .undecided })
        #expect(missing[0].text == "async loop.blocked: not measured")
        #expect(missing[0].brief == "not measured: can't tell")
        #expect(
            missing.map(\.brief).suffix(3)
                == ["blocking", "async", "v2"].map { "\($0) not measured: can't tell" }
        )
        let failing = try results(["throughput.change>0%", "async.p50<blocking"]) { run in
            run.edit = { sample, target, _, place in
                if target == 1, place < 5 { sample.outcome = .status }
            }
        }
        #expect(failing.map(\.verdict) == [.undecided, .fail, .undecided])
        #expect(failing[0].text == "async throughput.change: not comparable")
        #expect(failing[2].text == "async p50 against blocking: not comparable")
    }

    @Test func `too few rounds bound nothing, whatever they show`() throws {
        let results = try results(["throughput>1", "errors<1%"]) { $0.rounds = 5 }
        #expect(results.map(\.verdict) == [.undecided, .undecided, .undecided, .pass, .pass, .pass])
        #expect(results[1].text == "async throughput is 100 /s, limit 1 /s")
        #expect(results[1].brief == "async 100 /s: can't tell")
    }

    @Test func `a run without a whole block judges nothing`() throws {
        let results = try results(["throughput>1"]) { run in
            run.rounds = 0
            run.interrupted = "SIGINT"
        }
        #expect(results.map(\.verdict) == [.notJudged])
        #expect(results[0].text == "throughput>1 is not judged: no complete block")
        #expect(results[0].target == nil)
    }

    @Test func `each concurrency of a sweep is judged by itself`() throws {
        let limits = try ["throughput>15", "async.throughput.change>50%"].map {
            try Threshold(parsing: $0, targets: ["blocking", "async"])
        }
        let document = SampleSweep.document([[10, 20, 20.5, 20.1], [10, 20, 40, 80]], thresholds: limits)
        let levels = document.thresholds.filter { $0.expression == "throughput>15" }
        #expect(levels.map(\.load?.concurrency) == [1, 1, 2, 2, 4, 4, 8, 8])
        #expect(levels.map(\.verdict.rawValue) == ["fail", "fail"] + [String](repeating: "pass", count: 6))
        #expect(levels[2].text.hasPrefix("blocking throughput with 2 in flight is "))
        #expect(levels[2].brief.hasPrefix("blocking with 2 in flight "))
        let changes = document.thresholds.filter { $0.expression != "throughput>15" }
        #expect(changes.map(\.verdict.rawValue) == ["fail", "fail", "pass", "pass"])
        #expect(changes[3].brief.hasPrefix("with 8 in flight +"))
    }

    @Test func `a comparison that can't tell is an open question, the baseline's second measurement is none`()
    {
        func questions(_ change: (inout SampleRun) -> Void) -> [String] {
            var run = SampleRun()
            run.names = ["blocking", "async", "blocking-aa"]
            run.hasProbe = false
            run.editRound = { round in
                // A baseline that differs from itself by a tenth, up and down.
                let isUp = round.index.isMultiple(of: 2) == (round.target == "blocking")
                round.makespan = round.target == "async" ? 500_000_000 : isUp ? 1_100_000_000 : 1_000_000_000
            }
            change(&run)
            return run.document().openQuestions
        }
        #expect(questions { _ in }.isEmpty)
        #expect(questions { $0.rounds = 5 } == ["throughput of async: no interval"])
        #expect(
            questions { run in
                run.editRound = { round in
                    let isUp = round.index.isMultiple(of: 2) == (round.target == "async")
                    round.makespan = isUp ? 1_100_000_000 : 1_000_000_000
                }
            } == ["throughput of async: no clear change"]
        )
        #expect(
            questions { run in
                run.rounds = 5
                run.thresholds = ["async.throughput>1", "errors<1%"].compactMap {
                    try? Threshold(parsing: $0, targets: run.names)
                }
            } == ["async.throughput>1 (async throughput is 200 /s, limit 1 /s)"]
        )
    }
}
