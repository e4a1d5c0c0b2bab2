import BenchReport
import Measurements
import Testing

/// What holds of the results of any run.
struct AnalysisPropertyTests {
    private static var run: SampleRun {
        var run = SampleRun()
        run.uploads = 30
        run.rounds = 7
        return run
    }

    /// A document of the same rounds under other settings.
    private func document(
        _ base: RunDocument,
        rounds: [RoundRecord]? = nil,
        baseline: String = "blocking"
    ) -> RunDocument {
        RunDocument(
            id: base.id,
            tool: base.tool,
            started: base.started,
            finished: base.finished,
            interrupted: nil,
            validity: base.validity,
            environment: base.environment[0],
            plan: base.plan,
            targets: base.targets.map { target in
                var target = target
                target.isBaseline = target.name == baseline
                return target
            },
            rounds: rounds ?? base.rounds.map(\.record)
        )
    }

    @Test func `swapping baseline and candidate inverts every change`() throws {
        let forward = Self.run.document()
        let back = document(forward, baseline: "async")
        let mirrored: [MetricResult.Verdict: MetricResult.Verdict] = [.better: .worse, .worse: .better]
        var seen = 0
        for result in forward.results {
            guard let change = result.change else { continue }
            let other = try #require(back.result(result.metric, of: "blocking", at: 30)?.change)
            seen += 1
            #expect(abs(change.p - other.p) < 1e-12 && change.kind == other.kind)
            #expect(other.verdict == mirrored[change.verdict] ?? change.verdict, "\(result.metric.name)")
            if change.kind == .ratio {
                #expect(abs((1 + change.estimate) * (1 + other.estimate) - 1) < 1e-9, "\(result.metric.name)")
                let (low, high) = (try #require(change.low), try #require(other.high))
                #expect(abs((1 + low) * (1 + high) - 1) < 1e-9)
            } else {
                #expect(abs(change.estimate + other.estimate) < 1e-12)
            }
        }
        #expect(seen == 12)
    }

    @Test func `a clock that counts twice as fast changes no change`() throws {
        let plain = Self.run.document()
        let rounds = plain.rounds.map(\.record).map { record -> RoundRecord in
            var round = record
            round.makespan *= 2
            round.samples = SampleSequence(
                record.samples.map { sample in
                    var sample = sample
                    (sample.intended, sample.sent, sample.done) = (
                        2 * sample.intended, 2 * sample.sent, 2 * sample.done
                    )
                    return sample
                }
            )
            for place in round.probes.indices {
                round.probes[place].intended *= 2
                round.probes[place].done *= 2
            }
            return round
        }
        let scaled = document(plain, rounds: rounds)
        for (result, other) in zip(plain.results, scaled.results) {
            #expect(result.change?.verdict == other.change?.verdict && result.metric == other.metric)
            guard let change = result.change, let same = other.change else { continue }
            #expect(abs(change.estimate - same.estimate) < 1e-12 && abs(change.p - same.p) < 1e-12)
        }
        let (before, after) = (plain.results[0].level.value, scaled.results[0].level.value)
        #expect(abs(before - 2 * after) < 1e-9)
    }

    @Test func `neither the order of rounds nor that of uploads matters`() {
        let plain = Self.run.document()
        var random = SplitMix64(seed: 6)
        var rounds = plain.rounds.map(\.record).map { record -> RoundRecord in
            var round = record
            var samples = Array(record.samples)
            random.shuffle(&samples)
            round.samples = SampleSequence(samples)
            return round
        }
        random.shuffle(&rounds)
        let shuffled = document(plain, rounds: rounds)
        for (result, other) in zip(plain.results, shuffled.results) {
            #expect(result.level == other.level && result.change?.verdict == other.change?.verdict)
            // Sums of means depend on the order in their last digit.
            #expect(abs((result.change?.estimate ?? 0) - (other.change?.estimate ?? 0)) < 1e-12)
        }
    }

    @Test func `percentiles rise and lie between the extremes`() throws {
        let document = Self.run.document()
        for target in ["blocking", "async"] {
            let levels = document.results.filter { $0.target == target }.compactMap { result -> Double? in
                if case .response = result.metric { result.level.value } else { nil }
            }
            #expect(levels.count == 6 && levels == levels.sorted())
        }
    }

    @Test(arguments: [(1, false), (5, false), (6, true), (7, true), (1000, true)])
    func `an interval needs six rounds, and takes any number`(rounds: Int, hasInterval: Bool) throws {
        var run = SampleRun()
        (run.rounds, run.uploads, run.hasProbe, run.hasStages) = (rounds, 1, false, false)
        let document = run.document()
        for metric in [Metric.throughput, .response(.percentile(.p50)), .errors] {
            let result = try #require(document.result(metric, of: "async", at: 1))
            let change = try #require(result.change)
            #expect(result.rounds == rounds)
            #expect((change.low != nil) == hasInterval && (change.high != nil) == hasInterval)
            #expect((result.level.low != nil) == hasInterval)
            #expect((change.verdict == .noInterval) == !hasInterval)
            if let low = change.low, let high = change.high {
                #expect(low <= change.estimate && change.estimate <= high)
            }
        }
    }

    @Test func `rounds that are all alike are equivalent, and nothing is certain without a difference`()
        throws
    {
        var run = Self.run
        run.edit = { sample, _, _, place in
            sample.sent = 0
            sample.done = Nanoseconds(place + 1) * 1_000_000
        }
        run.editRound = { $0.makespan = 1_000_000_000 }
        run.hasProbe = false
        let document = run.document()
        for result in document.results {
            guard let change = result.change else { continue }
            #expect(change.estimate == 0 && change.low == 0 && change.high == 0 && change.p == 1)
            #expect(change.verdict == .equivalent, "\(result.metric.name)")
        }
    }

    @Test func `a run of which everything failed has rates of errors and no times`() throws {
        var run = Self.run
        run.hasProbe = false
        run.edit = { sample, _, _, _ in
            sample.outcome = .status
            sample.status = 503
        }
        let document = run.document()
        #expect(Set(document.results.map(\.metric)) == [.throughput, .errors])
        #expect(document.results.allSatisfy { $0.errors == 210 && $0.uploads == 210 })
        let throughput = try #require(document.result(.throughput, of: "async", at: 30))
        #expect(throughput.level.value == 0 && throughput.change == nil)
        #expect(document.result(.errors, of: "async", at: 30)?.change?.verdict == .equivalent)
        #expect(
            document.verdict
                == "not comparable: async failed 210 of 210 uploads (100 %), blocking 210 of 210."
        )
        #expect(
            document.warnings.filter { $0.code == .errors }.map(\.text) == [
                "async: 210 of 210 uploads failed: 210 × 503",
                "blocking: 210 of 210 uploads failed: 210 × 503",
            ]
        )
        #expect(try RunDocument(json: try document.json()) == document)
    }

    @Test func `one upload is its own minimum, median and maximum`() throws {
        var run = Self.run
        (run.uploads, run.rounds, run.names) = (1, 1, ["blocking"])
        run.edit = { sample, _, _, _ in sample.done = 250_000_000 }
        run.editRound = { $0.makespan = 250_000_000 }
        let document = run.document()
        for name in ["min", "p50", "p90", "p95", "p99", "max"] {
            let metric = try #require(Metric(name: name))
            #expect(document.result(metric, of: "blocking", at: 1)?.level.value == 0.25, "\(name)")
        }
        #expect(document.verdict == "blocking serves 4.00 uploads per second; p99 250 ms.")
    }
}
