import BenchReport
import Foundation
import Measurements
import Testing

/// The program against a server whose log is the truth, on real sockets.
///
/// Slow, and only meaningful on a machine that does nothing else: `scripts/test-accuracy` runs it.
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["INGEST_BENCH_ACCURACY"] != nil,
        "scripts/test-accuracy runs these"
    )
)
struct AccuracyTests {
    /// A tenth of all arrivals waits, evenly from 0 to 1 s.
    ///
    /// One concurrency proves nothing: by luck ten connections give a tool that waits for answers the right p99.
    @Test(arguments: [4, 10, 100, 200])
    func `a stall of 1 s in every 10 s is seen at any concurrency`(concurrency: Int) async throws {
        let run = try await undisturbed { folder in
            try await MeasuredRun(
                script: ["stall=1000/10000"],
                flags: ["--rate", "100/s", "--duration", "20s", "-c", "\(concurrency)"] + Self.once,
                in: folder
            )
        }
        let response = try #require(run.round?.summary.response)
        let sent = run.lastUploads
        let start = try #require(sent.first?.arrival)
        // The k-th upload is meant to start k hundredths after the first, whenever the server came to see it.
        let truth = sent.enumerated().map { $1.reply - start - Nanoseconds($0) * 10_000_000 }
        #expect(sent.count == 2000)
        #expect(response.count == 2000)
        for (percent, percentile, exact) in [(95.0, Percentile.p95, 500.0), (99, .p99, 900)] {
            let said = Double(try #require(response.value(percentile))) / 1e6
            let true_ = truth.percentile(percent)
            print("stall, \(concurrency) connections: p\(Int(percent)) \(said) ms, by the log \(true_) ms")
            #expect(abs(said - exact) < 60, "p\(percent) at \(concurrency) connections")
            #expect(abs(said - true_) < 0.05 * true_, "p\(percent) at \(concurrency) connections")
        }
        let median = Double(try #require(response.value(.p50))) / 1e6
        #expect(abs(median - truth.percentile(50)) < 1)
        #expect(sent.allSatisfy { $0.bytes == sent[0].bytes && $0.status == 200 })
        #expect(run.round?.summary.bytesSent == sent.reduce(0) { $0 + $1.bytes })
    }

    @Test func `a closed loop prints what the log says, percentile by percentile`() async throws {
        let run = try await undisturbed { folder in
            try await MeasuredRun(
                script: ["mix=88:5,10:50,2:400", "seed=7"],
                flags: ["--duration", "8s", "-c", "10"] + Self.once,
                in: folder
            )
        }
        let response = try #require(run.round?.summary.response)
        let sent = run.lastUploads
        let truth = sent.map { $0.reply - $0.arrival }
        #expect(sent.count == run.round?.summary.uploads)
        #expect(run.round?.summary.bytesSent == sent.reduce(0) { $0 + $1.bytes })
        for (percent, percentile) in Self.percentiles {
            let said = Double(try #require(response.value(percentile))) / 1e6
            let true_ = truth.percentile(percent)
            print("mix: p\(percent) \(said) ms, by the log \(true_) ms")
            #expect(abs(said - true_) < max(1, 0.03 * true_), "p\(percent)")
        }
    }

    @Test func `what is in flight at the deadline is waited for and kept out of the rate`() async throws {
        let run = try await undisturbed { folder in
            try await MeasuredRun(
                script: ["delay=3000"],
                flags: ["--duration", "5s", "-c", "10"] + Self.once,
                in: folder
            )
        }
        let round = try #require(run.round)
        #expect(run.lastUploads.count == 20)
        #expect(round.summary.succeeded == 20)
        #expect(round.record.samples.count { $0.flags.contains(.drained) } == 10)
        #expect(round.record.samples.allSatisfy { abs($0.responseTime - 3_000_000_000) < 30_000_000 })
        #expect(abs(round.summary.throughput - 2) < 0.02)
        #expect(run.report.contains("10 of 20 finished after the window"))
    }

    @Test func `an upload that times out counts at its time, as a bound`() async throws {
        let run = try await undisturbed { folder in
            try await MeasuredRun(
                script: ["delay=3000"],
                requests: 20,
                flags: ["-c", "10", "--timeout", "1s"] + Self.once,
                in: folder
            )
        }
        let round = try #require(run.round)
        #expect(round.record.samples.count == 20)
        for sample in round.record.samples {
            #expect(sample.outcome == .timeoutWaiting && sample.flags.contains(.censored))
            #expect(abs(sample.responseTime - 1_000_000_000) < 30_000_000)
        }
        let median = try #require(
            run.document.result(.response(.percentile(.p50)), of: "upload0", at: run.document.loads[0])
        )
        #expect(median.level.isCensored)
        #expect(run.report.contains("≥1.00") || run.report.contains("≥ 1.00"), "\(run.report)")
    }

    @Test func `every failing answer is counted as the server gave it`() async throws {
        let run = try await undisturbed { folder in
            try await MeasuredRun(
                script: ["fail=7"],
                fileSize: 100_000,
                requests: 700,
                flags: ["-c", "10"] + Self.once,
                in: folder
            )
        }
        let summary = try #require(run.round?.summary)
        let failed = run.lastUploads.count { $0.status == 500 }
        #expect(run.lastUploads.count == 700)
        #expect(summary.statuses == [200: 700 - Int(failed), 500: failed])
        #expect(summary.bytesSent == run.lastUploads.reduce(0) { $0 + $1.bytes })
    }

    private static let once = ["--rounds", "1", "--warmup", "0"]
    private static let percentiles: [(Double, Percentile)] = [
        (50, .p50), (75, Percentile(partsPerMillion: 750_000)), (90, .p90), (95, .p95), (99, .p99),
    ]
}

/// Comparisons of one server with itself and with a slower one, twenty seeded runs each.
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["INGEST_BENCH_ACCURACY"] != nil,
        "scripts/test-accuracy runs these"
    )
)
struct ComparisonAccuracyTests {
    @Test func `the same endpoint twice has no clear change`() async throws {
        let verdicts = try await verdicts(paths: ["upload", "upload"])
        #expect(verdicts.count { $0 == .noClearChange || $0 == .equivalent } >= 19)
    }

    @Test func `an endpoint that takes 20 % longer is found`() async throws {
        let verdicts = try await verdicts(paths: ["upload", "slower"])
        #expect(verdicts.count { $0 == .worse } >= 19)
    }

    /// The verdicts on throughput of twenty runs: 10 rounds of 400 uploads of 4, 5 or 6 ms.
    private func verdicts(paths: [String]) async throws -> [MetricResult.Verdict] {
        var verdicts: [MetricResult.Verdict] = []
        for seed in 1...20 {
            let run = try await undisturbed { folder in
                try await MeasuredRun(
                    script: ["mix=34:4,33:5,33:6", "slower=20", "seed=\(seed)"],
                    paths: paths,
                    requests: 400,
                    flags: ["-c", "20", "--rounds", "10", "--seed", "\(seed)"],
                    in: folder
                )
            }
            let load = run.document.loads[0]
            let result = try #require(run.document.result(.throughput, of: "\(paths[1])1", at: load))
            verdicts.append(try #require(result.change).verdict)
        }
        print("\(paths): \(Dictionary(grouping: verdicts) { $0 }.mapValues(\.count))")
        return verdicts
    }
}
