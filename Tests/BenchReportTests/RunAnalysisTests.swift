import BenchReport
import Measurements
import Testing

struct RunAnalysisTests {
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
    }
}
