import BenchReport
import Measurements
import Testing

@Suite struct NumberTextTests {
    @Test(arguments: [
        (-0.9996, "−99.96 %"), (-0.999_98, "−99.998 %"), (-1, "−100 %"), (-0.999, "−99.9 %"),
        (1.0331, "+103 %"),
    ])
    func `a fall by almost everything is told from everything`(change: Double, text: String) {
        #expect(NumberText.percent(change) == text)
    }

    @Test(arguments: [
        ([2.05, 0.028], "ms"), ([1.04, 0.56], "s"), ([0.996, 0.000_389], "ms"), ([0.000_5], "µs"), ([], "s"),
    ])
    func `times side by side share a unit that shows them all`(seconds: [Double], unit: String) {
        #expect(NumberText.sharedUnit(of: seconds).rawValue == unit)
    }
}
