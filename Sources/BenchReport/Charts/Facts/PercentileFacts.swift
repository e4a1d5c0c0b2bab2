import Measurements

extension ChartFacts {
    /// The distribution of response times of each target, round by round.
    func percentiles() -> Availability<PercentileChart> {
        let counted = document.countedRounds(at: load)
        guard !counted.isEmpty else { return .missing("no complete round") }
        guard counted.allSatisfy(\.hasSamples) else { return .missing("run.json has no samples") }
        let summaries = targets.map { target in
            counted.filter { $0.record.target == target.name }.compactMap(\.summary.response)
        }
        let fewest = summaries.joined().map(\.count).min() ?? 0
        guard summaries.allSatisfy({ !$0.isEmpty }) else { return .missing("a target had no reply") }
        guard fewest > 1 else { return .missing("a round had fewer than 2 replies") }
        // Every target at the same shares, so that curves can be compared point by point.
        let named = Self.named.filter { $0.rank(of: fewest) < fewest }
        let grid = Set(Self.grid(of: summaries.joined().map(\.count)) + named).sorted()
        let curves = zip(targets, summaries).map { target, rounds in
            PercentileChart.Curve(
                name: target.name,
                rounds: rounds.map { Self.quantiles(of: $0) },
                median: Self.median(of: rounds, at: grid),
                tail: Self.tail(of: rounds, from: 1 - 1 / Double(fewest)),
                marks: marks(of: target.name, below: fewest),
                worst: Double(rounds.map(\.maximum).max() ?? 0) / 1e9,
                pooled: rounds.reduce(0) { $0 + $1.count }
            )
        }
        var shifts: [ShiftChart.Panel] = []
        // An INVALID run judges nothing.
        if document.validity.verdict != .invalid, case .drawn(let chart) = shift() { shifts = chart.panels }
        return .drawn(
            PercentileChart(
                curves: curves,
                shifts: shifts,
                rounds: summaries.first?.count ?? 0,
                uploads: counted.map(\.summary.uploads).max() ?? 0,
                frame: frame
            )
        )
    }

    /// The percentiles that tables name too: every curve passes through their values.
    private static let named: [Percentile] = [.p50, .p95, .p99]

    /// The percentiles of a curve: every rank of the smallest round, or those that a summary keeps of many.
    ///
    /// The longest time of a round is at no share below 1 that a round could vouch for.
    private static func grid(of counts: [Int]) -> [Percentile] {
        let fewest = counts.min() ?? 0
        guard (counts.max() ?? 0) > TimeSummary.mostKept else {
            return (1..<fewest).map { Percentile(partsPerMillion: $0 * 1_000_000 / fewest) }
        }
        return TimeSummary.known.filter { $0.rank(of: fewest) < fewest }
    }

    private static func share(_ percentile: Percentile) -> Double {
        Double(percentile.partsPerMillion) / 1e6
    }

    private static func quantiles(of round: TimeSummary) -> [PercentileChart.Quantile] {
        grid(of: [round.count]).compactMap { percentile in
            round.seconds(of: .percentile(percentile)).map { .init(share: share(percentile), seconds: $0) }
        }
    }

    private static func median(of rounds: [TimeSummary], at grid: [Percentile]) -> [PercentileChart.Quantile]
    {
        grid.compactMap { percentile in
            let values = rounds.compactMap { $0.seconds(of: .percentile(percentile)) }
            return RoundLevel.median(values).map { .init(share: share(percentile), seconds: $0) }
        }
    }

    /// The percentiles that tables name too, as far as a round reaches.
    private func marks(of target: String, below fewest: Int) -> [PercentileChart.Mark] {
        Self.named.compactMap { percentile in
            guard percentile.rank(of: fewest) < fewest,
                let result = document.result(
                    .response(.percentile(percentile)),
                    of: target,
                    at: load
                )
            else { return nil }
            return PercentileChart.Mark(
                name: percentile.description,
                quantile: .init(share: Self.share(percentile), seconds: result.level.value),
                isThin: result.flags.contains(.uncertain)
            )
        }
    }

    /// The slowest of all rounds as one, each at the share of those that were faster.
    ///
    /// Of a round with many times only some percentiles are known; each stands for the times up to the next.
    private static func tail(of rounds: [TimeSummary], from start: Double) -> [PercentileChart.Quantile] {
        guard rounds.count > 1 else { return [] }
        let weighted = rounds.flatMap { round -> [(time: Nanoseconds, count: Int)] in
            var rank = 0
            let known = grid(of: [round.count]).compactMap { percentile -> (time: Nanoseconds, count: Int)? in
                let last = rank
                rank = percentile.rank(of: round.count)
                return rank == last ? nil : round.value(percentile).map { ($0, rank - last) }
            }
            return known + [(round.maximum, round.count - rank)]
        }.sorted { $0.time < $1.time }
        let pooled = Double(weighted.reduce(0) { $0 + $1.count })
        var faster = 0
        return weighted.compactMap { time, count in
            defer { faster += count }
            let share = Double(faster + count - 1) / pooled
            return share < start - 1e-9 ? nil : .init(share: share, seconds: Double(time) / 1e9)
        }
    }
}
