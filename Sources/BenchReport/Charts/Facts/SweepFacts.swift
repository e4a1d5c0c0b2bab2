import Measurements

extension ChartFacts {
    /// Throughput and tail over the loads, of a run that tried several.
    func sweep() -> Availability<SweepChart> {
        let shown = targets.map(\.name)
        guard let all = SweepCapacity(of: document) else { return .notApplicable }
        let capacity = all.restricted(to: shown) { TextMeasure.shortName($0) }
        guard let title = capacity.sentence else { return .missing("nothing was served") }
        let loads = document.loads
        let series = zip(shown, capacity.targets).map { name, target in
            SweepChart.Series(
                name: name,
                points: loads.compactMap { load in
                    level(.throughput, of: name, at: load).map { throughput in
                        SweepChart.Point(
                            load: load,
                            throughput: throughput,
                            p99: level(.response(.percentile(.p99)), of: name, at: load)
                        )
                    }
                },
                knee: target.knee
            )
        }
        let rounds = loads.compactMap {
            document.result(.throughput, of: shown.first ?? "", at: $0)?.rounds
        }
        return .drawn(
            SweepChart(
                title: title,
                series: series,
                rounds: rounds.min() ?? 0,
                load: Self.kind(of: document.plan.mode),
                frame: frame
            )
        )
    }

    private static func kind(of mode: RunDocument.Plan.Mode) -> String {
        switch mode {
        case .burst: "Bursts"
        case .closed: "Closed loop"
        case .open: "Open loop"
        }
    }
}
