import BenchReport
import Measurements
import Testing

/// Runs that nothing can be learnt from must say so, first and in a sentence of their own.
struct RunDefectTests {
    private func document(_ change: (inout SampleRun) -> Void) -> RunDocument {
        var run = SampleRun()
        run.uploads = 3
        run.rounds = 2
        change(&run)
        return run.document()
    }

    /// Lets every measured upload to some targets fail.
    private func failing(_ targets: Set<Int>, _ run: inout SampleRun) {
        run.firstAnswers = [FirstAnswer(target: "async", status: 500, body: "oops")]
        run.edit = { sample, target, _, _ in
            guard targets.contains(target) else { return }
            sample.outcome = .status
            sample.status = 500
        }
    }

    @Test func `a good run has no defect`() {
        #expect(document { _ in }.defect == nil)
    }

    @Test func `a target without one success is a defect, with its first answer`() {
        let defect = document { failing([1], &$0) }.defect
        #expect(defect?.message == "async: no upload succeeded (6 × 500); first answer: oops")
        #expect(defect?.isUsage == false)
        #expect(
            document { failing([0, 1], &$0) }.defect?.message
                == "blocking, async: no upload succeeded (12 × 500); first answer: oops"
        )
    }

    @Test func `one success is no defect, and neither is what was never measured`() {
        let one = document { run in
            run.edit = { sample, _, _, place in if place > 0 { sample.outcome = .timeoutWaiting } }
        }
        #expect(one.defect == nil)
        #expect(document { $0.rounds = 0 }.defect == nil)
    }

    @Test func `uploads that timed out are counted by that name`() {
        let late = document { run in
            run.names = ["x"]
            run.edit = { sample, _, _, place in
                sample.outcome = place == 0 ? .timeoutSending : .timeoutWaiting
            }
        }
        #expect(late.defect?.message == "x: no upload succeeded (6 × timeout)")
    }

    @Test func `an INVALID run says why`() {
        let invalid = document {
            $0.validity = Validity(verdict: .invalid, reasons: ["the client was late", "steal 9 %"])
        }
        #expect(invalid.defect?.message == "the run is INVALID: the client was late; steal 9 %")
    }

    /// The report used to begin with VALID, and to say "x serves 0 uploads per second".
    @Test func `a report of failures alone doesn't begin with VALID`() {
        let failed = document { run in
            run.names = ["x"]
            failing([0], &run)
        }
        #expect(failed.verdict == "x failed 6 of 6 uploads.")
        let report = TextReport(of: failed, style: TerminalStyle(), checks: [], written: nil).text
        #expect(report.hasPrefix("FAILED: x: no upload succeeded (6 × 500)\ningest-bench 0.1.0"))
        #expect(ChartSet(of: failed, digest: nil).charts.first?.title == "x: no upload succeeded")
    }
}
