import Measurements

extension RunDocument {
    /// Why nothing can be learnt from the run; nil if something can.
    ///
    /// A target without one success comes before the run's verdict on itself: it can be mended first.
    package var defect: ReportError? {
        failureOfAll ?? (validity.verdict == .invalid ? .invalid(reasons: validity.reasons) : nil)
    }

    /// The targets whose measured uploads failed, every one; nil if there is none.
    ///
    /// What was never measured did not fail.
    var failureOfAll: ReportError? {
        let measured = rounds.filter { !$0.record.isWarmup && $0.summary.uploads > 0 }
        let failing = targets.map(\.name).filter { name in
            let own = measured.filter { $0.record.target == name }
            return !own.isEmpty && own.allSatisfy { $0.summary.succeeded == 0 && !$0.wasCutOff }
        }
        guard !failing.isEmpty else { return nil }
        let groups = errors.filter { failing.contains($0.target) }
        var kinds: [String] = []
        for group in groups where !kinds.contains(group.kind) { kinds.append(group.kind) }
        return .nothingSucceeded(
            targets: failing,
            failures: kinds.map { kind in
                let count = groups.reduce(0) { $0 + ($1.kind == kind ? $1.count : 0) }
                return "\(count) × \(kind)"
            },
            firstAnswer: groups.lazy.compactMap(\.firstBody).first
        )
    }
}
