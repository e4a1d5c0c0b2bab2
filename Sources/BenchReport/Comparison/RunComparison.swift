package import Measurements

/// Two saved runs beside each other: how each target of the first changed in the second.
///
/// The rounds of two runs share no block, so nothing is paired: levels are compared by the two-sample statistics,
/// and what drifted between the runs is in the change.
package struct RunComparison: Sendable {
    /// What is always said.
    package static let caution =
        "The runs were measured at different times; drift between them is not in the interval."
    /// What stands under every table.
    package static let footnote =
        "Change is the Hodges-Lehmann estimate over all pairs of rounds, not the ratio of the two medians. "
        + "Percentiles are nearest-rank."

    /// A target of the first run and the one of the second that it is compared with.
    package struct Pair: Sendable, Equatable {
        package let before: String
        package let after: String

        /// Names a pair.
        ///
        /// - Parameters:
        ///   - before: The target of the first run.
        ///   - after: The target of the second.
        package init(before: String, after: String) {
            self.before = before
            self.after = after
        }

        /// The two names in a picture.
        var columns: [String] { before == after ? ["\(before) before", "\(after) after"] : [before, after] }
    }

    /// How one metric of a pair changed.
    package struct Row: Sendable {
        let pair: Pair
        let load: Load
        /// The level in the first run.
        package let before: MetricResult
        /// The level in the second, with its change.
        package internal(set) var after: MetricResult
        /// The change of the ratio to another target that both runs hold; nil without one.
        package let adjusted: Adjusted?
    }

    /// A change from which the drift of a target that both runs hold is taken off.
    package struct Adjusted: Sendable, Equatable {
        /// That target's name.
        package let reference: String
        package let comparison: UnpairedComparison
    }

    let before: RunDocument
    let after: RunDocument
    package let pairs: [Pair]
    /// By load, then pair, then metric.
    package private(set) var rows: [Row]
    /// The same of each size of upload that both runs sent, where they sent several.
    package private(set) var classRows: [Row]
    let differences: [RunDifference]

    /// Compares two runs.
    ///
    /// - Parameters:
    ///   - before: The baseline.
    ///   - after: The candidate.
    /// - Throws: ``ReportError/noSharedTarget(baseline:candidate:)``.
    package init(of before: RunDocument, with after: RunDocument) throws(ReportError) {
        self.before = before
        self.after = after
        pairs = try Self.pairs(before, after)
        differences = RunDifference.all(from: before, to: after)
        rows = []
        classRows = []
        for (was, now) in Self.loads(before, after) {
            let earlier = Dictionary(grouping: before.countedRounds(at: was)) { $0.record.target }
                .mapValues { BlockSeries($0) }
            let later = Dictionary(grouping: after.countedRounds(at: now)) { $0.record.target }
                .mapValues { BlockSeries($0) }
            for pair in pairs {
                let levels = before.results.filter { $0.load == was }
                let later = (later, after.results.filter { $0.load == now })
                rows += compare(pair, (earlier, levels), later)
            }
            let earlierSizes = RunAnalysis(of: before).sizeSeries(at: was)
            let laterSizes = RunAnalysis(of: after).sizeSeries(at: now)
            for (size, rounds) in earlierSizes.sorted(by: { $0.key < $1.key }) {
                guard let others = laterSizes[size] else { continue }
                let levels = before.classResults.filter { $0.load == was && $0.sizeClass == size }
                let later = (others, after.classResults.filter { $0.load == now && $0.sizeClass == size })
                for pair in pairs { classRows += compare(pair, (rounds, levels), later) }
            }
        }
        Self.decide(&rows)
        Self.decide(&classRows)
    }

    /// Whether the two runs measured the same work and can both be trusted.
    package var isComparable: Bool {
        !differences.contains(where: \.isOfWork)
            && [before, after].allSatisfy { $0.validity.verdict != .invalid }
    }

    /// How a metric changed; nil where it was not measured in both runs.
    ///
    /// - Parameters:
    ///   - metric: The metric.
    ///   - pair: The targets.
    ///   - load: The load.
    /// - Returns: The row.
    package func row(_ metric: Metric, of pair: Pair, at load: Load) -> Row? {
        rows.first { $0.after.metric == metric && $0.pair == pair && $0.load == load }
    }

    /// The numbers of uploads in flight that were compared.
    package var loads: [Load] {
        rows.map(\.load).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// What must be known before reading: what differs, and what each run warns of itself.
    package var warnings: [ReportWarning] {
        let differing = differences.map { ReportWarning(.environmentDiffers, text: $0.text) }
        let grave: Set<ReportWarning.Code> = [
            .partial, .validity, .dropped, .debugBuild, .fewRounds, .errors,
        ]
        let own = [before, after].flatMap { run in
            run.warnings.filter { grave.contains($0.code) }.map { warning in
                var warning = warning
                warning.text = "\(run.id): \(warning.text)"
                return warning
            }
        }
        return (own + differing).enumerated()
            .sorted { ($0.element.severity, $0.offset) < ($1.element.severity, $1.offset) }.map(\.element)
    }

    /// Targets by name, else the only one of each run.
    private static func pairs(_ before: RunDocument, _ after: RunDocument) throws(ReportError) -> [Pair] {
        func names(_ run: RunDocument) -> [String] {
            ([run.baseline].compactMap { $0 } + run.candidates).map(\.name)
        }
        let (earlier, later) = (names(before), names(after))
        let shared = earlier.filter(later.contains)
        if !shared.isEmpty { return shared.map { Pair(before: $0, after: $0) } }
        guard earlier.count == 1, later.count == 1 else {
            throw .noSharedTarget(baseline: earlier, candidate: later)
        }
        return [Pair(before: earlier[0], after: later[0])]
    }

    /// The loads that both runs have, or the only one of each.
    private static func loads(_ before: RunDocument, _ after: RunDocument) -> [(Load, Load)] {
        let (earlier, later) = (before.loads, after.loads)
        let shared = earlier.filter(later.contains)
        if !shared.isEmpty { return shared.map { ($0, $0) } }
        return earlier.count == 1 && later.count == 1 ? [(earlier[0], later[0])] : []
    }

    /// What was measured of each target, and the results that follow from it.
    private typealias Side = (rounds: [String: BlockSeries], results: [MetricResult])

    private func compare(_ pair: Pair, _ earlier: Side, _ later: Side) -> [Row] {
        guard let first = earlier.rounds[pair.before], let second = later.rounds[pair.after] else {
            return []
        }
        // Both runs' baselines come first among their targets.
        let reference = pairs.first { other in
            other != pair && earlier.rounds[other.before] != nil && later.rounds[other.after] != nil
        }
        return earlier.results.filter { $0.target == pair.before }.compactMap { was -> Row? in
            let metric = was.metric
            guard var now = later.results.first(where: { $0.target == pair.after && $0.metric == metric })
            else { return nil }
            now.unpaired = nil
            now.change = change(metric, from: first, to: second, was: was, now: now, named: pair.before)
            let adjusted = reference.flatMap { other in
                adjust(metric, earlier.rounds[other.before], first, later.rounds[other.after], second).map {
                    Adjusted(reference: other.before, comparison: $0)
                }
            }
            return Row(
                pair: pair,
                load: now.load,
                before: was,
                after: now,
                adjusted: adjusted
            )
        }
    }

    private func change(
        _ metric: Metric,
        from first: BlockSeries,
        to second: BlockSeries,
        was: MetricResult,
        now: MetricResult,
        named name: String
    ) -> MetricResult.Change? {
        let (before, after) = (first.values(of: metric), second.values(of: metric))
        let comparison =
            metric.mayBeZero
            ? UnpairedComparison.difference(baseline: before, candidate: after)
            : UnpairedComparison(baseline: before, candidate: after)
        guard let comparison else { return nil }
        let alike = metric == .errors || Comparability(first, second).holds
        let isCensored = was.level.isCensored || now.level.isCensored
        let level = was.level.value
        return MetricResult.Change(
            baseline: name,
            kind: metric.mayBeZero ? .difference : .ratio,
            estimate: comparison.estimate,
            low: comparison.low,
            high: comparison.high,
            p: comparison.p,
            adjustedP: comparison.p,
            noise: noise(metric, level: level),
            verdict: !isComparable || !alike
                ? .notComparable : isCensored || comparison.low == nil ? .noInterval : .noClearChange,
            ratioOfMedians: metric.mayBeZero || level == 0 ? nil : now.level.value / level
        )
    }

    /// The larger noise floor of the two runs.
    private func noise(_ metric: Metric, level: Double) -> Double {
        // A difference of times is in seconds, so 1 % is that of the level.
        let assumed = NoiseFloor.assumed * (metric == .loopWorst ? level : 1)
        return [before, after].flatMap(\.results).filter { $0.metric == metric }
            .compactMap { $0.change?.noise }.reduce(assumed, max)
    }

    /// The change of a target's ratio to another one, a ratio a block.
    private func adjust(
        _ metric: Metric,
        _ earlierOther: BlockSeries?,
        _ earlier: BlockSeries,
        _ laterOther: BlockSeries?,
        _ later: BlockSeries
    ) -> UnpairedComparison? {
        guard !metric.mayBeZero, let earlierOther, let laterOther else { return nil }
        let before = earlierOther.pairs(with: earlier, metric).map { $1 / $0 }
        let after = laterOther.pairs(with: later, metric).map { $1 / $0 }
        return UnpairedComparison(baseline: before, candidate: after)
    }

    /// Adjusts each metric's p for the number of pairs, and decides what is left to decide.
    private static func decide(_ rows: inout [Row]) {
        let changed = rows.indices.filter { rows[$0].after.change != nil }
        let groups = Dictionary(grouping: changed) { index in
            let result = rows[index].after
            return "\(result.load.word) \(result.metric.name) \(result.sizeClass?.name ?? "")"
        }
        for (_, indices) in groups {
            let adjusted = HolmAdjustment.adjusted(indices.map { rows[$0].after.change?.p ?? 1 })
            for (index, p) in zip(indices, adjusted) {
                rows[index].after.change?.adjustedP = p
                let better = rows[index].after.metric.better
                rows[index].after.change?.decide(better: better)
            }
        }
    }
}
