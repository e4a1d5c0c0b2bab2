import BenchReport
import Measurements

/// A synthetic sweep: the same targets at several numbers of uploads in flight.
enum SampleSweep {
    /// The numbers in flight.
    static let numbers = [1, 2, 4, 8]

    /// A closed loop whose targets serve in proportion to given figures.
    ///
    /// - Parameters:
    ///   - throughputs: Of each target, uploads a second at each number in flight.
    ///   - change: What else is special about the run.
    /// - Returns: The document.
    static func document(
        _ throughputs: [[Double]],
        _ change: (inout SampleRun) -> Void = { _ in }
    ) -> RunDocument {
        var run = SampleRun()
        run.mode = .closed
        run.rounds = 6
        run.hasProbe = false
        change(&run)
        var records: [RoundRecord] = []
        for (number, inFlight) in numbers.enumerated() {
            run.concurrency = inFlight
            run.milliseconds = { 1000 / throughputs[$0][number] }
            records += run.records()
        }
        let base = run.document()
        var plan = base.plan
        plan.concurrency = numbers
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
            rounds: records
        )
    }
}
