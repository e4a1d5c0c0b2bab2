import BenchReport
import Measurements

/// A synthetic sweep: the same targets at several loads.
enum SampleSweep {
    /// The numbers in flight.
    static let numbers = [1, 2, 4, 8]
    /// The arrivals a second.
    static let rates = [5.0, 10, 20, 40]

    /// A closed loop whose targets serve in proportion to given figures.
    ///
    /// - Parameters:
    ///   - throughputs: Of each target, uploads a second at each load.
    ///   - isOpen: Whether rates are swept, by an open loop, and not numbers in flight.
    ///   - thresholds: The limits that it must keep.
    ///   - change: What else is special about the run.
    /// - Returns: The document.
    static func document(
        _ throughputs: [[Double]],
        isOpen: Bool = false,
        thresholds: [Threshold] = [],
        _ change: (inout SampleRun) -> Void = { _ in }
    ) -> RunDocument {
        var run = SampleRun()
        run.mode = isOpen ? .open : .closed
        run.rounds = 6
        run.hasProbe = false
        change(&run)
        run.names = Array(run.names.prefix(throughputs.count))
        var records: [RoundRecord] = []
        for number in numbers.indices {
            (run.concurrency, run.rate) = isOpen ? (100, rates[number]) : (numbers[number], nil)
            run.milliseconds = { 1000 / throughputs[$0][number] }
            records += run.records()
        }
        let base = run.document()
        var plan = base.plan
        (plan.concurrency, plan.rates) = isOpen ? ([100], rates) : (numbers, [])
        return RunDocument(
            id: base.id,
            tool: base.tool,
            started: base.started,
            finished: base.finished,
            interrupted: base.interrupted,
            validity: base.validity,
            environment: base.environment[0],
            plan: plan,
            targets: base.targets,
            rounds: records,
            thresholds: thresholds
        )
    }
}
