package import Measurements

/// A limit that a run must keep, such as `p99<4s` or `async.throughput>blocking*1.2`.
package struct Threshold: Sendable, Equatable {
    /// How a value relates to its limit when all is well.
    package enum Operator: String, Sendable, CaseIterable {
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"
    }

    /// What a value is compared with.
    package enum Limit: Sendable, Equatable {
        /// A number: seconds, a share, or uploads a second.
        case value(Double)
        /// Another target's value, times a factor.
        case target(String, factor: Double)
    }

    /// The text it was read from, without blanks around it.
    package let expression: String
    /// The target it is about; nil for every one that it can be about.
    package let target: String?
    package let metric: Metric
    /// Whether the change against the baseline is limited, not the level.
    package let isChange: Bool
    package let comparison: Operator
    package let limit: Limit

    /// Whether it is judged by an interval, which needs several rounds.
    ///
    /// Errors and the longest block are what happened: they have no interval.
    package var needsInterval: Bool {
        switch metric {
        case .errors, .probeErrors, .loopWorst: isChange
        default: true
        }
    }

    /// The fewest rounds that give an interval.
    package static let leastRounds = 6
}

extension Threshold.Operator {
    /// Judges an interval by a limit: only what the whole interval shows counts.
    ///
    /// - Parameters:
    ///   - low: The lower end; nil where it is open.
    ///   - high: The upper end; nil where it is open.
    ///   - limit: The limit.
    /// - Returns: The verdict.
    package func judge(low: Double?, high: Double?, limit: Double) -> ThresholdResult.Verdict {
        let (passes, fails) =
            switch self {
            case .below: (high.map { $0 < limit }, low.map { $0 >= limit })
            case .atMost: (high.map { $0 <= limit }, low.map { $0 > limit })
            case .above: (low.map { $0 > limit }, high.map { $0 <= limit })
            case .atLeast: (low.map { $0 >= limit }, high.map { $0 < limit })
            }
        return passes == true ? .pass : fails == true ? .fail : .undecided
    }

    /// Where an interval lies that fails.
    fileprivate var wrongSide: String {
        switch self {
        case .below, .atMost: "above"
        case .above, .atLeast: "below"
        }
    }
}

/// What became of a threshold for one target at one load.
package struct ThresholdResult: Sendable, Equatable {
    /// What the measured interval says.
    package enum Verdict: String, Sendable, CaseIterable {
        case pass
        case fail
        case undecided = "can't tell"
        /// The run is INVALID, or no block is whole.
        case notJudged = "not judged"

        /// The sign before it in a list.
        package var sign: String {
            switch self {
            case .pass: "✔"
            case .fail: "✘"
            case .undecided, .notJudged: "?"
            }
        }
    }

    package var expression: String
    /// nil where nothing was judged.
    package var target: String?
    package var load: Load?
    package var verdict: Verdict
    /// The value with its interval and the limit, as a sentence.
    package var text: String
    /// The value with its interval, and where that leaves the limit, as a note beside the expression.
    package var brief: String
}

/// Judges the thresholds of a run.
struct ThresholdJudge {
    let document: RunDocument

    /// Judges one threshold.
    ///
    /// - Parameter threshold: The threshold.
    /// - Returns: A result for each target and load that it is about; one alone if nothing can be judged.
    func results(of threshold: Threshold) -> [ThresholdResult] {
        if document.validity.verdict == .invalid { return [notJudged(threshold, "the run is INVALID")] }
        let results = document.triedLoads.flatMap { load -> [ThresholdResult] in
            let rounds = document.countedRounds(at: load)
            guard !rounds.isEmpty else { return [] }
            let series = Dictionary(grouping: rounds) { $0.record.target }.mapValues { BlockSeries($0) }
            return targets(of: threshold).compactMap { target in
                series[target].map { own in
                    let range = range(of: threshold, own, series)
                    return result(threshold, target: target, at: load, range)
                }
            }
        }
        return results.isEmpty ? [notJudged(threshold, "no complete block")] : results
    }

    private func notJudged(_ threshold: Threshold, _ reason: String) -> ThresholdResult {
        ThresholdResult(
            expression: threshold.expression,
            target: nil,
            load: nil,
            verdict: .notJudged,
            text: "\(threshold.expression) is not judged: \(reason)",
            brief: "not judged: \(reason)"
        )
    }

    /// The targets that a threshold is about; none is judged against itself.
    private func targets(of threshold: Threshold) -> [String] {
        if let target = threshold.target { return [target] }
        if threshold.isChange { return document.candidates.map(\.name) }
        let names = document.comparedTargets.map(\.name)
        guard case .target(let other, _) = threshold.limit else { return names }
        return names.filter { $0 != other }
    }

    /// An estimate with its 95 % interval.
    private struct Range {
        var estimate: Double?
        var low: Double?
        var high: Double?
        /// Why there is none.
        var obstacle: String?
        /// Whether the value is a lower bound.
        var isCensored = false
        /// Whether it is what happened, without an interval.
        var isObserved = false
    }

    private func range(of threshold: Threshold, _ own: BlockSeries, _ series: [String: BlockSeries]) -> Range
    {
        if case .target(let other, _) = threshold.limit {
            return change(threshold.metric, own, against: series[other])
        }
        if threshold.isChange {
            return change(threshold.metric, own, against: document.baseline.flatMap { series[$0.name] })
        }
        if !threshold.needsInterval {
            let value = observed(threshold.metric, own)
            return Range(
                estimate: value,
                low: value,
                high: value,
                obstacle: value == nil ? "not measured" : nil,
                isObserved: true
            )
        }
        guard let level = own.level(of: threshold.metric) else { return Range(obstacle: "not measured") }
        let isCensored = own.isCensored(threshold.metric)
        // What was cut short is at least so long: nothing bounds it from above.
        return Range(
            estimate: level.value,
            low: level.low,
            high: isCensored ? nil : level.high,
            isCensored: isCensored
        )
    }

    private func change(_ metric: Metric, _ own: BlockSeries, against other: BlockSeries?) -> Range {
        guard let other else { return Range(obstacle: "not measured") }
        guard metric == .errors || Comparability(other, own).holds else {
            return Range(obstacle: "not comparable")
        }
        guard !own.isCensored(metric), !other.isCensored(metric) else {
            return Range(obstacle: "uploads were cut short")
        }
        let pairs = other.pairs(with: own, metric)
        let (before, after) = (pairs.map(\.0), pairs.map(\.1))
        let comparison =
            metric.mayBeZero
            ? PairedComparison.difference(baseline: before, candidate: after)
            : PairedComparison.ratio(baseline: before, candidate: after)
        guard let comparison else { return Range(obstacle: "not measured") }
        return Range(estimate: comparison.estimate, low: comparison.low, high: comparison.high)
    }

    /// What happened over all counted rounds.
    private func observed(_ metric: Metric, _ series: BlockSeries) -> Double? {
        let summaries = series.summaries.map(\.summary)
        switch metric {
        case .errors: return series.uploads == 0 ? nil : Double(series.errors) / Double(series.uploads)
        case .probeErrors:
            let probes = summaries.compactMap(\.probe)
            let count = probes.reduce(0) { $0 + $1.count }
            return count == 0 ? nil : Double(probes.reduce(0) { $0 + $1.errors }) / Double(count)
        default: return summaries.compactMap { metric.value(in: $0) }.max()
        }
    }

    private func result(
        _ threshold: Threshold,
        target: String,
        at load: Load,
        _ range: Range
    ) -> ThresholdResult {
        let words = ThresholdWords(threshold)
        let limit =
            switch threshold.limit {
            case .value(let value): value
            case .target(_, let factor): factor - 1
            }
        var verdict = threshold.comparison.judge(low: range.low, high: range.high, limit: limit)
        if range.obstacle != nil { verdict = .undecided }
        let flight = document.plan.isSweep ? " \(load.phrase)" : ""
        let subject = words.subject(target) + flight
        guard let estimate = range.estimate, range.obstacle == nil else {
            let obstacle = range.obstacle ?? "not measured"
            return ThresholdResult(
                expression: threshold.expression,
                target: target,
                load: load,
                verdict: verdict,
                text: "\(subject): \(obstacle)",
                brief: "\(threshold.target == nil ? target + flight + " " : "")\(obstacle): can't tell"
            )
        }
        var value = (range.isCensored ? "≥ " : "") + words.value(estimate)
        if !range.isObserved, range.low != nil || range.high != nil {
            value += " (\(words.bounds(range.low, range.high)))"
        }
        let note =
            switch verdict {
            case .pass, .notJudged: ""
            case .fail:
                range.isObserved
                    ? ": \(threshold.comparison.wrongSide) the limit"
                    : ": all \(threshold.comparison.wrongSide) the limit"
            case .undecided: ": can't tell"
            }
        let name = threshold.target == nil ? target : ""
        let start = [name, flight.trimmed].filter { !$0.isEmpty }.joined(separator: " ")
        return ThresholdResult(
            expression: threshold.expression,
            target: target,
            load: load,
            verdict: verdict,
            text: "\(subject) is \(value), limit \(words.limit)",
            brief: (start.isEmpty ? "" : start + " ") + value + note
        )
    }
}
