import Measurements

extension ChartFacts {
    /// The footnote of every chart and table that shows changes.
    private static let footnote = """
        Change is the Hodges-Lehmann estimate over paired rounds, not the ratio of the two medians. \
        Percentiles are nearest-rank.
        """

    /// The summary of all counted rounds.
    func summary() -> Availability<SummaryChart> {
        guard document.results.contains(where: { $0.load == load }) else {
            return .missing("no complete round")
        }
        let comparisons = targets.indices.dropFirst().map(comparison)
        let chart = SummaryChart(
            targets: targets.map(\.name),
            load: loadWords,
            rounds: rounds,
            times: SummaryChart.drawnTimes.map { group(.response($0), label: $0.name) },
            throughput: group(.throughput, label: "req/s"),
            probe: probeGroup,
            comparisons: comparisons,
            notes: notes(hasChanges: comparisons.contains { !$0.changes.isEmpty }),
            frame: frame
        )
        return .drawn(chart)
    }

    private var rounds: Int {
        document.result(.throughput, of: targets.first?.name ?? "", at: load)?.rounds ?? 0
    }

    private var probeGroup: SummaryChart.BarGroup? {
        guard let probe = document.plan.probe else { return nil }
        let bars = group(SummaryChart.drawnProbe, label: "GET \(probe.path)")
        return bars.levels.contains { $0 != nil } ? bars : nil
    }

    private func group(_ metric: Metric, label: String) -> SummaryChart.BarGroup {
        let levels = targets.map { level(metric, of: $0.name, at: load) }
        return SummaryChart.BarGroup(metric: metric, label: label, levels: levels)
    }

    /// A metric's value for one target, as charts show it; nil where it was not measured.
    func level(_ metric: Metric, of target: String, at load: Load) -> SummaryChart.Level? {
        document.result(metric, of: target, at: load).map { SummaryChart.Level($0) }
    }

    private func comparison(_ index: Int) -> SummaryChart.Comparison {
        let name = targets[index].name
        let changes = SummaryChart.drawnChanges.compactMap { metric in
            document.result(metric, of: name, at: load).flatMap { SummaryChart.Change($0) }
        }
        return SummaryChart.Comparison(target: index, changes: changes, obstacle: obstacle(to: name))
    }

    /// Why a candidate can't be compared with the baseline; nil if it can.
    private func obstacle(to candidate: String) -> String? {
        let result = document.result(.throughput, of: candidate, at: load)
        let baseline = targets.first.flatMap { document.result(.throughput, of: $0.name, at: load) }
        guard let result, let baseline else { return "one of them served no upload" }
        guard result.change?.verdict == .notComparable else { return nil }
        guard result.errors + baseline.errors > 0 else { return "the run is invalid" }
        return "\(result.target) failed \(result.errors) of \(ChartFacts.uploads(result.uploads)), "
            + "\(baseline.target) \(baseline.errors) of \(baseline.uploads)"
    }

    private func notes(hasChanges: Bool) -> [String] {
        let told = document.warnings.filter { warning in
            // Of a sweep one load is drawn: the rounds of others are not missed here.
            warning.code == .burstIdentity
                || warning.code == .fewRounds && warning.text.hasPrefix("\(rounds) ")
        }
        let hidden = document.candidates.count - targets.count + 1
        let chosen =
            hidden > 0
            ? [
                "Drawn are the \(targets.count - 1) of \(document.candidates.count) candidates that differ most in throughput; the tables have all."
            ] : []
        return told.map(\.text) + chosen + (hasChanges ? [Self.footnote] : [])
    }
}

extension SummaryChart {
    /// The response times that a summary draws.
    static let drawnTimes: [TimeStatistic] = [
        .percentile(.p50), .percentile(.p95), .percentile(.p99), .maximum,
    ]
    /// The probe's time that it draws.
    static let drawnProbe = Metric.probe(.percentile(.p99))

    /// The metrics whose changes it draws.
    static var drawnChanges: [Metric] { [.throughput] + drawnTimes.map { .response($0) } + [drawnProbe] }

    fileprivate static func interval(_ low: Double?, _ high: Double?) -> ClosedRange<Double>? {
        guard let low, let high, low <= high else { return nil }
        return low...high
    }
}

extension SummaryChart.Level {
    /// The level of a result, as charts show it.
    init(_ result: MetricResult) {
        self.init(
            value: result.level.value,
            interval: SummaryChart.interval(result.level.low, result.level.high),
            isLowerBound: result.level.isCensored,
            isThin: result.flags.contains(.uncertain)
        )
    }
}

extension SummaryChart.Change {
    /// The change of a result, as charts show it; nil without one, and of differences, which have no place among ratios.
    init?(_ result: MetricResult) {
        guard let change = result.change, change.kind == .ratio else { return nil }
        let tone: Tone =
            switch change.verdict {
            case .better: .better
            case .worse: .worse
            case .equivalent, .noClearChange, .noInterval, .notComparable: .unchanged
            }
        self.init(
            metric: result.metric,
            estimate: change.estimate,
            interval: SummaryChart.interval(change.low, change.high),
            tone: tone,
            verdict: change.verdict.rawValue
        )
    }
}
