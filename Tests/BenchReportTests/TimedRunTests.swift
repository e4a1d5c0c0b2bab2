import Measurements
import Testing

@testable import BenchReport

/// Runs that a time bounds: what ends after the window counts for times, not for throughput.
struct TimedRunTests {
    /// Rounds of 100 uploads whose window is 2 s: some end after it.
    private static func run() -> SampleRun {
        var run = SampleRun()
        run.mode = .open
        run.rounds = 6
        run.editRound = { round in
            round.window = 2_000_000_000
            round.burst = nil
            for place in round.samples.indices where round.samples[place].done > 2_000_000_000 {
                round.samples[place].flags.insert(.drained)
            }
        }
        return run
    }

    @Test func `throughput counts what ended inside the window`() {
        let document = Self.run().document()
        for round in document.rounds {
            let inside = round.record.samples.count { $0.done <= 2_000_000_000 }
            #expect(inside < 100 && round.summary.succeeded == 100)
            #expect(round.summary.drained == 100 - inside)
            #expect(round.summary.throughput == Double(inside) / 2)
            #expect(round.summary.response?.count == 100)
        }
    }

    @Test func `what ended after the window is told`() throws {
        let document = Self.run().document()
        let drained = document.countedRounds(at: 100).filter { $0.record.target == "async" }
            .reduce(0) { $0 + $1.summary.drained }
        let warning = try #require(document.warnings.first { $0.code == .drained && $0.target == "async" })
        #expect(warning.severity == .note)
        #expect(warning.text == "async: \(drained) of 600 finished after the window")
    }

    @Test func `the window is written and read`() throws {
        let document = Self.run().document()
        let bytes = try document.json()
        #expect(try RunDocument(json: bytes) == document)
        // Without samples the counts are all there is.
        var brief = document
        for place in brief.rounds.indices { brief.rounds[place].record.samples = [] }
        let read = try RunDocument(json: try brief.json())
        #expect(read.rounds.map(\.summary.throughput) == document.rounds.map(\.summary.throughput))
        #expect(read.rounds.map(\.summary.drained) == document.rounds.map(\.summary.drained))
    }

    @Test func `blocks of a sweep are told apart by their concurrency`() {
        var run = SampleRun()
        run.mode = .closed
        run.rounds = 6
        var document = run.document()
        var more = document.rounds
        for place in more.indices {
            more[place].record.concurrency = 10
            more[place].record.attempt = 2
            more[place].record.discarded = ["steal 3.4 %"]
            if more[place].record.index == 2 { more[place].record.validity = Validity(verdict: .invalid) }
        }
        document.plan.concurrency = [10, 100]
        document.plan.rounds = 6
        document.rounds += more
        let whole = ReportWarning.all(of: document)
        #expect(document.countedRounds(at: 10).count == 10 && document.countedRounds(at: 100).count == 12)
        #expect(whole.contains { $0.text.hasPrefix("1 of 12 blocks is left out") })
        #expect(whole.contains { $0.text.contains("(block 3 with 10 in flight)") })
        document.interrupted = "SIGINT"
        let partial = ReportWarning.all(of: document).first { $0.code == .partial }
        #expect(partial?.text == "PARTIAL: 11 of 12 blocks, interrupted by SIGINT")
    }
}
