import Measurements

extension ChartFacts {
    /// The shift function of each candidate, from the deciles of every counted round.
    func shift() -> Availability<ShiftChart> {
        guard targets.count > 1, let baseline = targets.first else { return .notApplicable }
        let counted = document.countedRounds(at: load)
        let rounds = Dictionary(grouping: counted) { $0.record.target }
            .mapValues { $0.sorted { $0.record.index < $1.record.index } }
        guard let reference = rounds[baseline.name], reference.count >= 6 else { return .notApplicable }
        guard counted.allSatisfy(\.hasSamples) else { return .missing("run.json has no samples") }
        let panels = targets.enumerated().dropFirst().compactMap { index, target -> ShiftChart.Panel? in
            let deciles = (1...9).compactMap { tenth in
                Self.decile(tenth, of: rounds[target.name] ?? [], against: reference)
            }
            guard deciles.count == 9 else { return nil }
            return ShiftChart.Panel(candidate: target.name, target: index, deciles: deciles)
        }
        guard !panels.isEmpty else { return .missing("a round had no reply") }
        return .drawn(
            ShiftChart(baseline: baseline.name, panels: panels, rounds: reference.count, frame: frame)
        )
    }

    private static func decile(
        _ tenth: Int,
        of candidate: [RunDocument.Round],
        against baseline: [RunDocument.Round]
    ) -> ShiftChart.Decile? {
        let percentile = Percentile(partsPerMillion: 100_000 * tenth)
        let values = [baseline, candidate].map { rounds in
            rounds.compactMap { $0.summary.response?.seconds(of: .percentile(percentile)) }
        }
        guard values[0].count == baseline.count,
            let change = PairedComparison.difference(baseline: values[0], candidate: values[1]),
            let low = change.low, let high = change.high
        else { return nil }
        return ShiftChart.Decile(tenth: tenth, difference: change.estimate, interval: low...high)
    }
}
