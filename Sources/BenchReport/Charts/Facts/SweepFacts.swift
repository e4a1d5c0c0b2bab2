import Measurements

extension ChartFacts {
    /// Throughput and tail over the numbers in flight, of a run that tried several.
    func sweep() -> Availability<SweepChart> {
        let shown = targets.map(\.name)
        guard let all = SweepCapacity(of: document) else { return .notApplicable }
        let capacity = all.restricted(to: shown) { TextMeasure.shortName($0) }
        guard let title = capacity.sentence else { return .missing("nothing was served") }
        let numbers = document.concurrencies
        let series = zip(shown, capacity.targets).map { name, target in
            SweepChart.Series(
                name: name,
                points: numbers.compactMap { number in
                    level(.throughput, of: name, at: number).map { throughput in
                        SweepChart.Point(
                            inFlight: number,
                            throughput: throughput,
                            p99: level(.response(.percentile(.p99)), of: name, at: number)
                        )
                    }
                },
                knee: target.knee
            )
        }
        let rounds = numbers.compactMap {
            document.result(.throughput, of: shown.first ?? "", at: $0)?.rounds
        }
        return .drawn(
            SweepChart(
                title: title,
                series: series,
                rounds: rounds.min() ?? 0,
                load: document.plan.mode == .burst ? "Bursts" : "Closed loop",
                frame: frame
            )
        )
    }
}
