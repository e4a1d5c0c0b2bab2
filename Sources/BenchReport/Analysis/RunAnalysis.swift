import Measurements

/// Works out where every metric stands and how it changed.
///
/// The test is fixed before the data are seen: pairs of rounds of one block, signed ranks of log ratios.
struct RunAnalysis {
    private let document: RunDocument

    /// Prepares the analysis of a run.
    init(of document: RunDocument) {
        self.document = document
    }

    /// Computes a result for each load, target and metric.
    ///
    /// - Returns: By load, then target, then metric; the baseline first.
    func results() -> [MetricResult] {
        document.triedLoads.flatMap { load in
            let counted = document.countedRounds(at: load)
            let rounds = Dictionary(grouping: counted) { $0.record.target }.mapValues { BlockSeries($0) }
            return results(of: rounds, metrics(of: Array(rounds.values)), at: load)
        }
    }

    /// Computes throughput, times and errors of each size of upload.
    ///
    /// - Returns: By load, then size; nothing where all uploads are of one size.
    func classResults() -> [MetricResult] {
        let metrics =
            [.throughput]
            + ([.minimum] + TimeSummary.kept.map { .percentile($0) } + [.maximum])
            .map { Metric.response($0) } + [.errors]
        return document.triedLoads.flatMap { load in
            sizeSeries(at: load).sorted { $0.key < $1.key }.flatMap { sizeClass, rounds in
                results(of: rounds, metrics, at: load).map { result in
                    var result = result
                    result.sizeClass = sizeClass
                    return result
                }
            }
        }
    }

    /// The counted rounds of each size of upload, by target.
    ///
    /// - Parameter load: The load.
    /// - Returns: Nothing where all uploads are of one size.
    func sizeSeries(at load: Load) -> [SizeClass: [String: BlockSeries]] {
        guard let sizes = SizeClasses(of: document.plan.files) else { return [:] }
        // One round after the other: of large runs no two have room in memory.
        let counted = document.countedRounds(at: load).map { round in
            (
                target: round.record.target, block: round.record.index,
                summaries: sizes.summaries(of: round)
            )
        }
        let rounds = Dictionary(grouping: counted, by: \.target)
        return sizes.classes.reduce(into: [:]) { series, sizeClass in
            series[sizeClass] = rounds.compactMapValues { rounds in
                BlockSeries(
                    rounds.compactMap { round in
                        round.summaries[sizeClass].map { (round.block, $0) }
                    }
                )
            }
        }
    }

    private func results(
        of rounds: [String: BlockSeries],
        _ metrics: [Metric],
        at load: Load
    ) -> [MetricResult] {
        guard let baseline = document.baseline, let reference = rounds[baseline.name] else { return [] }
        let identity = isBurstIdentity(Array(rounds.values))
        var results: [MetricResult] = []
        for target in document.targets {
            guard let series = rounds[target.name] else { continue }
            for metric in metrics {
                guard var result = level(of: metric, in: series, target: target.name, at: load)
                else { continue }
                if identity, metric == .response(.percentile(.p99)) || metric == .response(.maximum) {
                    result.flags.append(.burstIdentity)
                }
                if target.name != baseline.name {
                    compare(
                        &result,
                        with: reference,
                        of: baseline.name,
                        series: series,
                        noise: noise(metric, rounds)
                    )
                }
                results.append(result)
            }
        }
        adjust(&results)
        return results
    }

    /// The metrics that this run has values of.
    private func metrics(of series: [BlockSeries]) -> [Metric] {
        var statistics: [TimeStatistic] = [.minimum] + TimeSummary.kept.map { .percentile($0) }
        if series.allSatisfy({ $0.fewestUploads >= TimeSummary.countOfThousandths }) {
            statistics.append(.percentile(.p999))
        }
        statistics.append(.maximum)
        var metrics: [Metric] = [.throughput] + statistics.map { .response($0) } + [.errors]
        let compared: [TimeStatistic] = [.percentile(.p50), .percentile(.p99)]
        // Service time stands beside response time only where it says something else.
        let differs = series.contains { series in
            compared.contains { statistic in
                guard let response = series.level(of: .response(statistic))?.value,
                    let service = series.level(of: .service(statistic))?.value
                else { return false }
                return abs(service - response) > 0.05 * response
            }
        }
        if differs { metrics += compared.map { .service($0) } }
        if series.contains(where: { $0.hasProbe }) {
            metrics += [.probe(.percentile(.p50)), .probe(.percentile(.p99)), .probe(.maximum), .probeErrors]
        }
        if series.contains(where: { $0.hasLoops }) { metrics += [.loopBlocked, .loopWorst] }
        return metrics
    }

    private func level(
        of metric: Metric,
        in series: BlockSeries,
        target: String,
        at load: Load
    ) -> MetricResult? {
        guard let level = series.level(of: metric) else { return nil }
        var result = MetricResult(
            target: target,
            load: load,
            metric: metric,
            rounds: series.summaries.count,
            uploads: series.uploads,
            errors: series.errors,
            level: MetricResult.Level(
                value: level.value,
                low: level.low,
                high: level.high,
                isCensored: series.isCensored(metric)
            ),
            flags: []
        )
        switch metric {
        case .response(.percentile(let percentile)): series.describeTail(of: percentile, in: &result)
        case .response(.maximum): result.tailSamples = 1
        default: break
        }
        return result
    }

    private func compare(
        _ result: inout MetricResult,
        with reference: BlockSeries,
        of baseline: String,
        series: BlockSeries,
        noise: Double
    ) {
        let metric = result.metric
        let pairs = reference.pairs(with: series, metric)
        let before = pairs.map(\.0)
        let after = pairs.map(\.1)
        let comparison =
            metric.mayBeZero
            ? PairedComparison.difference(baseline: before, candidate: after)
            : PairedComparison.ratio(baseline: before, candidate: after)
        guard let comparison else { return }
        let level = reference.level(of: metric)?.value
        result.change = MetricResult.Change(
            baseline: baseline,
            kind: comparison.kind,
            estimate: comparison.estimate,
            low: comparison.low,
            high: comparison.high,
            p: comparison.p,
            adjustedP: comparison.p,
            noise: noise,
            verdict: .noInterval,
            ratioOfMedians: metric.mayBeZero ? nil : level.flatMap { $0 == 0 ? nil : result.level.value / $0 }
        )
        if !metric.mayBeZero {
            result.unpaired = UnpairedComparison(
                baseline: reference.values(of: metric),
                candidate: series.values(of: metric)
            )
        }
        let isCensored = result.level.isCensored || reference.isCensored(metric)
        // The error rates themselves are what makes the rest incomparable.
        let isComparable = metric == .errors || Comparability(reference, series).holds
        result.change?.verdict =
            document.validity.verdict == .invalid || !isComparable
            ? .notComparable : isCensored || comparison.low == nil ? .noInterval : .noClearChange
    }

    /// The noise floor of a metric, measured where the baseline was measured twice.
    private func noise(_ metric: Metric, _ rounds: [String: BlockSeries]) -> Double {
        // A difference of times is in seconds, so 1 % is that of the baseline.
        let scale =
            metric == .loopWorst
            ? document.baseline.flatMap { rounds[$0.name]?.level(of: metric)?.value } ?? 0 : 1
        let assumed = NoiseFloor.assumed * scale
        guard let second = document.targets.first(where: { $0.selfComparisonOf != nil }),
            let first = second.selfComparisonOf.flatMap({ rounds[$0] }), let again = rounds[second.name]
        else { return assumed }
        let pairs = first.pairs(with: again, metric)
        let comparison =
            metric.mayBeZero
            ? PairedComparison.difference(baseline: pairs.map(\.0), candidate: pairs.map(\.1))
            : PairedComparison.ratio(baseline: pairs.map(\.0), candidate: pairs.map(\.1))
        return NoiseFloor.floor(selfComparison: comparison, assumed: assumed)
    }

    /// Adjusts each metric's p for the number of candidates and decides what is left to decide.
    private func adjust(_ results: inout [MetricResult]) {
        let second = Set(document.targets.filter { $0.selfComparisonOf != nil }.map(\.name))
        let changed = results.indices.filter { results[$0].change != nil }
        for (_, indices) in Dictionary(grouping: changed, by: { results[$0].metric }) {
            let candidates = indices.filter { !second.contains(results[$0].target) }
            let adjusted = HolmAdjustment.adjusted(candidates.map { results[$0].change?.p ?? 1 })
            for (index, p) in zip(candidates, adjusted) { results[index].change?.adjustedP = p }
            for index in indices {
                let better = results[index].metric.better
                results[index].change?.decide(better: better)
            }
        }
    }

    /// Whether the tail of a burst only repeats throughput: the last reply comes after N ÷ throughput.
    private func isBurstIdentity(_ series: [BlockSeries]) -> Bool {
        guard document.plan.mode == .burst, let whole = document.plan.requests else { return false }
        let requests = document.plan.shard?.share(of: whole) ?? whole
        return series.allSatisfy { series in
            guard let p99 = series.level(of: .response(.percentile(.p99)))?.value,
                let throughput = series.level(of: .throughput)?.value
            else { return false }
            return abs(p99 * throughput / Double(requests) - 1) < 0.05
        }
    }
}

extension MetricResult.Change {
    /// Reads the interval, unless the change was found to have none or to be incomparable.
    mutating func decide(better: Metric.Better) {
        guard verdict == .noClearChange, let low, let high else { return }
        let excludesZero = low > 0 || high < 0
        if excludesZero, abs(estimate) >= noise, adjustedP <= 0.05 {
            verdict = (estimate > 0) == (better == .higher) ? .better : .worse
        } else if low >= -noise, high <= noise {
            verdict = .equivalent
        }
    }
}
