import Measurements

extension RunDocument {
    /// Warnings of targets whose response times don't settle in the first half of a round.
    ///
    /// A level is the median over rounds, so half of them must be like that, and in one direction: a single round of a
    /// queue whose length wanders slowly can't be told from one that warms up, and ten of them can.
    ///
    /// - Parameter overloaded: The targets, by load, of which it is said already that they get slower and slower.
    /// - Returns: One warning at the most for each target and load; none where the rate was to change.
    func unsettledTargets(besides overloaded: [Load: Set<String>]) -> [ReportWarning] {
        guard plan.stages == nil else { return [] }
        return loads.flatMap { load in
            let counted = countedRounds(at: load)
            return comparedTargets.map(\.name).compactMap { target -> ReportWarning? in
                guard overloaded[load]?.contains(target) != true else { return nil }
                let own = counted.filter { $0.record.target == target }
                let unsettled = own.filter { $0.summary.transient != nil }
                let rising = unsettled.filter { $0.summary.transient?.isRising == true }
                let falling = unsettled.filter { $0.summary.transient?.isRising == false }
                let alike = rising.count > falling.count ? rising : falling
                guard 2 * alike.count >= own.count, let first = alike.first,
                    let share = first.summary.transient?.share
                else { return nil }
                let number = first.record.index + 1
                var text = "the first \(NumberText.rounded(share)) of round \(number) is still warming up"
                if alike.count > 1 { text += "; \(alike.count) of \(own.count) rounds are like it" }
                if plan.isSweep || comparedTargets.count > 1 {
                    text = "\(subject(target, at: load)): \(text)"
                }
                return ReportWarning(.noSteadyState, target: target, round: first.record.index, text: text)
            }
        }
    }

    /// A target as a warning names it, in a sweep with its load: "async at 50/s".
    func subject(_ target: String, at load: Load) -> String {
        plan.isSweep ? "\(target) \(load.phrase)" : target
    }
}
