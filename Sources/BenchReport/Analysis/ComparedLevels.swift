import Measurements

/// What sentences say of two targets besides throughput: what got worse, why, and how responsive they were.
struct ComparedLevels {
    let isBurst: Bool
    /// What the probe got; nil without a probe.
    let probePath: String?
    /// The candidate's result of a metric, with its change.
    let own: (Metric) -> MetricResult?
    /// The baseline's.
    let reference: (Metric) -> MetricResult?

    /// Part 2: the percentiles that go the other way than throughput.
    func turns(against throughput: MetricResult.Change) -> String {
        let other: MetricResult.Verdict = throughput.verdict == .worse ? .better : .worse
        let turned = [Percentile.p50, .p95, .p99].compactMap { percentile -> String? in
            guard let change = own(.response(.percentile(percentile)))?.change, change.verdict == other
            else { return nil }
            let size = NumberText.rounded(abs(change.estimate))
            let waits = percentile == .p50 ? "its median upload waits" : "its \(percentile) is"
            return
                "\(waits) \(size) \(change.estimate > 0 ? "longer" : percentile == .p50 ? "less" : "shorter")"
        }
        return turned.isEmpty ? "" : ", but " + turned.joined(separator: " and ")
    }

    /// Part 3: when replies start, which explains most turns of the median in a burst.
    var firstReplies: String {
        guard isBurst, let own = own(.response(.minimum)), let reference = reference(.response(.minimum)),
            let change = own.change, let low = change.low, let high = change.high, low > 0 || high < 0,
            change.estimate >= 1 || change.estimate <= -0.5
        else { return "" }
        let (now, before) = NumberText.durations(own.level.value, reference.level.value)
        return ": replies start at \(now) instead of \(before)"
    }

    /// Part 4: how the service answered meanwhile.
    var responsiveness: String {
        let metric = Metric.probe(.percentile(.p99))
        guard let path = probePath, let own = own(metric), let reference = reference(metric),
            let verdict = own.change?.verdict, verdict == .better || verdict == .worse
        else { return "" }
        let (now, before) = NumberText.durations(own.level.value, reference.level.value)
        return " While uploads ran, GET \(path) took \(now) (p99) instead of \(before)."
    }
}
