import Measurements

/// The counted rounds of one target at one load, by block.
struct BlockSeries {
    /// The rounds in the order of their blocks.
    let summaries: [(block: Int, summary: RoundSummary)]

    /// Sorts rounds by block.
    init(_ rounds: [RunDocument.Round]) {
        summaries = rounds.map { ($0.record.index, $0.summary) }.sorted { $0.0 < $1.0 }
    }

    /// Sorts what rounds add up to by block; nil without any.
    init?(_ summaries: [(block: Int, summary: RoundSummary)]) {
        guard !summaries.isEmpty else { return nil }
        self.summaries = summaries.sorted { $0.block < $1.block }
    }

    /// How many uploads all rounds had.
    var uploads: Int { summaries.reduce(0) { $0 + $1.summary.uploads } }
    /// How many of them failed.
    var errors: Int { summaries.reduce(0) { $0 + $1.summary.errors } }
    /// How many uploads the smallest round had.
    var fewestUploads: Int { summaries.map(\.summary.uploads).min() ?? 0 }
    /// Whether a probe ran.
    var hasProbe: Bool { summaries.contains { $0.summary.probe != nil } }
    /// Whether the loops were watched in every round.
    var hasLoops: Bool { !values(of: .loopBlocked).isEmpty }

    /// One value a round, without the rounds that have none; nothing where every round is needed.
    func values(of metric: Metric) -> [Double] {
        let values = summaries.compactMap { metric.value(in: $0.summary) }
        return metric.needsEveryRound && values.count < summaries.count ? [] : values
    }

    /// The median round and its interval.
    func level(of metric: Metric) -> RoundLevel? {
        RoundLevel(rounds: values(of: metric))
    }

    /// Whether a round's value is only a lower bound.
    func isCensored(_ metric: Metric) -> Bool {
        summaries.contains { metric.isCensored(in: $0.summary) }
    }

    /// The values of the blocks that both series have: its own first.
    func pairs(with other: BlockSeries, _ metric: Metric) -> [(Double, Double)] {
        guard !metric.needsEveryRound || hasLoops && other.hasLoops else { return [] }
        let others = Dictionary(other.summaries.map { ($0.block, $0.summary) }) { first, _ in first }
        return summaries.compactMap { block, summary in
            guard let own = metric.value(in: summary), let other = others[block],
                let value = metric.value(in: other)
            else { return nil }
            return (own, value)
        }
    }

    /// Notes how many samples a percentile rests on.
    func describeTail(of percentile: Percentile, in result: inout MetricResult) {
        let counts = summaries.compactMap { $0.summary.response?.count }
        guard let fewest = counts.min() else { return }
        let tail = percentile.tailSamples(of: fewest)
        result.tailSamples = tail
        if tail <= 2 { result.flags.append(.tailThin) }
        let above = counts.reduce(0) { $0 + percentile.tailSamples(of: $1) - 1 }
        if above < 10 { result.flags.append(.uncertain) }
    }
}

/// Whether two targets failed alike, so that their times speak of the same work.
struct Comparability {
    let failures: Int
    let uploads: Int
    let baselineFailures: Int
    let baselineUploads: Int

    /// Counts the failures of two targets.
    init(_ baseline: BlockSeries, _ candidate: BlockSeries) {
        failures = candidate.errors
        uploads = candidate.uploads
        baselineFailures = baseline.errors
        baselineUploads = baseline.uploads
    }

    /// Whether both rates are at most 1 % and may well be equal.
    var holds: Bool {
        let isRare = failures * 100 <= uploads && baselineFailures * 100 <= baselineUploads
        return isRare
            && FisherExact.p(
                failures: failures,
                of: uploads,
                against: baselineFailures,
                of: baselineUploads
            ) >= 0.05
    }
}
