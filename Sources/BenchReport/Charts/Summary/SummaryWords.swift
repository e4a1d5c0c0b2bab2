import Measurements

extension SummaryChart {
    /// The metrics that every title names.
    private static let headline: [Metric] = [.throughput, .response(.percentile(.p99))]
    /// The least change that a title mentions without an interval to judge it by.
    private static let noise = 0.01

    /// What the chart says: the headline numbers, and after a "but" whatever got worse.
    package var title: String {
        switch comparisons.count {
        case 0: singleTitle
        case 1: comparisons.first.map(pairTitle) ?? singleTitle
        default: severalTitle
        }
    }

    private var singleTitle: String {
        let rate = throughput.levels.first.flatMap { $0 }.flatMap { level in
            level.value > 0 ? "\(FixedPoint.significant(level.value)) uploads per second" : nil
        }
        let tail = times.first { $0.metric == .response(.percentile(.p99)) }?.levels.first.flatMap { $0 }.map
        { level in
            "p99 \(level.isLowerBound ? "≥ " : "")\(DurationFormat.text(seconds: level.value))"
        }
        let numbers = [rate, tail].compactMap { $0 }
        return "\(shortName(0)): "
            + (numbers.isEmpty ? "no upload succeeded" : numbers.joined(separator: ", "))
    }

    private func pairTitle(_ comparison: Comparison) -> String {
        let names = "\(shortName(comparison.target)) vs \(shortName(0)): "
        if let obstacle = comparison.obstacle { return names + "not comparable, \(obstacle)" }
        let headline = comparison.changes.filter { Self.headline.contains($0.metric) }
        let gains = phrases(headline).joined(separator: ", ")
        let losses = comparison.changes.filter { isLoss($0) && !Self.headline.contains($0.metric) }
        return names + (gains.isEmpty ? "no metric in common" : gains)
            + but(losses.map { phrase($0, named: $0.label) })
            + (hasIntervals ? "" : " (\(rounds) \(rounds == 1 ? "round" : "rounds"), no interval)")
    }

    private var severalTitle: String {
        let gains = comparisons.map { comparison in
            let name = shortName(comparison.target)
            guard comparison.obstacle == nil else { return "\(name) not comparable" }
            return comparison.changes.first { $0.metric == .throughput }.map { phrase($0, named: name) }
                ?? name
        }
        let losses = comparisons.filter { $0.obstacle == nil }.flatMap { comparison in
            comparison.changes.filter { isLoss($0) && $0.metric != .throughput }.map { change in
                phrase(change, named: "\(shortName(comparison.target)) \(change.label)")
            }
        }
        return "Throughput vs \(shortName(0)): " + gains.joined(separator: ", ") + but(losses)
    }

    /// Several changes in a title; those without a number share their verdict.
    private func phrases(_ changes: [Change]) -> [String] {
        let isShared = changes.allSatisfy { change in
            change.tone == .unchanged && change.interval != nil && change.verdict == changes.first?.verdict
        }
        guard isShared, let first = changes.first else { return changes.map { phrase($0, named: $0.label) } }
        return [phrase(first, named: changes.map(\.label).joined(separator: " and "))]
    }

    /// One change in a title; a number only where it means something.
    private func phrase(_ change: Change, named name: String) -> String {
        if change.tone == .unchanged, change.interval != nil {
            return change.verdict == "no clear change"
                ? "no clear change in \(name)" : "\(name) \(change.verdict)"
        }
        return "\(name) \(Self.titlePercent(change.estimate))"
    }

    /// Whether a change is for the worse; without an interval, whether it looks so.
    private func isLoss(_ change: Change) -> Bool {
        guard change.tone == .unchanged, change.interval == nil else { return change.tone == .worse }
        let adverse = change.metric.better == .higher ? -change.estimate : change.estimate
        return adverse >= Self.noise
    }

    private func but(_ losses: [String]) -> String {
        losses.isEmpty ? "" : " — but " + losses.joined(separator: ", ")
    }

    /// A change in as few digits as a title bears: `+28 %`, `−3.1 %`.
    private static func titlePercent(_ change: Double) -> String {
        (change < 0 ? "−" : "+") + NumberText.rounded(abs(change))
    }

    /// What was measured and how to read the chart, part by part.
    package var subtitle: [String] {
        let count = "\(rounds) \(targets.count > 1 ? "interleaved " : "")\(rounds == 1 ? "round" : "rounds")"
        return [
            load,
            targets.count > 1 ? "\(count) per target" : count,
            hasIntervals ? "whiskers = 95 % CI" : "no intervals below 6 rounds",
        ]
    }

    /// Whether any level has an interval.
    var hasIntervals: Bool {
        (times + [throughput]).contains { group in group.levels.contains { $0?.interval != nil } }
    }

    /// What the chart shows, with its numbers, for those who can't see it.
    package var altText: String {
        let names = targets.dropFirst() + targets.prefix(1)
        let numbers = ([throughput] + times + [probe].compactMap { $0 }).map { group -> String in
            let unit =
                group.metric == .throughput
                ? .plain("req/s") : AxisUnit.times(group.levels.compactMap { $0?.value })
            let values = (group.levels.dropFirst() + group.levels.prefix(1)).map { level in
                level.map { ($0.isLowerBound ? "≥ " : "") + unit.text($0.value) } ?? "none"
            }
            let label = Change.label(of: group.metric)
            return "\(label) \(values.joined(separator: " vs ")) \(unit.symbol)" + judgement(of: group.metric)
        }
        return "Bar chart. \(names.joined(separator: " vs ")), \(load), \(rounds) "
            + "\(rounds == 1 ? "round" : "rounds"): \(numbers.joined(separator: ", "))."
    }

    private func judgement(of metric: Metric) -> String {
        let texts = comparisons.compactMap { comparison -> String? in
            guard let change = comparison.changes.first(where: { $0.metric == metric }) else { return nil }
            let interval = change.interval.map { interval in
                let ends = [interval.lowerBound, interval.upperBound].map { NumberText.signed($0 * 100) }
                return ", CI \(ends[0]) to \(ends[1])"
            }
            return "\(NumberText.percent(change.estimate))\(interval ?? ""), \(change.verdict)"
        }
        return texts.isEmpty ? "" : " (\(texts.joined(separator: "; ")))"
    }

    /// A target's name, at most 24 characters of it.
    func shortName(_ index: Int) -> String {
        TextMeasure.shortName(targets[index])
    }
}

extension SummaryChart.Change {
    /// The metric within a sentence: `throughput`, `p99`, `probe p99`.
    var label: String { Self.label(of: metric) }

    /// The metric at the start of a row: `Throughput`, `p99`, `Probe p99`.
    var rowLabel: String {
        // Percentiles keep their small letter.
        metric == .throughput || label.contains(" ")
            ? label.prefix(1).uppercased() + label.dropFirst() : label
    }

    static func label(of metric: Metric) -> String {
        switch metric {
        case .probe(let statistic): "probe \(statistic.name)"
        default: metric.name
        }
    }
}
