import Measurements

/// What a run says, assembled from parts: what improved, what got worse, why, and how responsive it was.
struct VerdictSentence {
    private let document: RunDocument

    /// Prepares the sentence of a run whose results are computed.
    init(of document: RunDocument) {
        self.document = document
    }

    /// The sentence, for each candidate and load.
    var text: String {
        let loads = document.loads
        guard let baseline = document.baseline, !loads.isEmpty else {
            return unfinished
        }
        let names = document.candidates.map(\.name)
        let capacity = SweepCapacity(of: document)?.sentence.map { ["\($0)."] } ?? []
        // That the run is INVALID holds for all of it, and is said once.
        if document.validity.verdict == .invalid, !names.isEmpty {
            return (capacity + [invalid]).joined(separator: " ")
        }
        let sentences = loads.flatMap { load in
            let prefix = loads.count > 1 ? load.opening : ""
            guard !names.isEmpty else {
                return [prefix + alone(baseline.name, at: load)]
            }
            return names.map { prefix + comparison(of: $0, with: baseline.name, at: load) }
        }
        return (capacity + sentences).joined(separator: " ")
    }

    /// What is said of a run that ended before its first block did: what is kept.
    private var unfinished: String {
        let kinds = [("warm-up ", true), ("measured ", false)].compactMap { kind, isWarmup -> String? in
            let rounds = document.rounds.filter { $0.record.isWarmup == isWarmup }
            guard !rounds.isEmpty else { return nil }
            let uploads = rounds.reduce(0) { $0 + $1.summary.uploads }
            return "\(rounds.count) \(kind)\(rounds.count == 1 ? "round" : "rounds") "
                + "(\(uploads) \(uploads == 1 ? "upload" : "uploads"))"
        }
        let kept = kinds.isEmpty ? "no round" : kinds.joined(separator: " and ")
        return "no complete block, so there is nothing to compare; kept: \(kept)."
    }

    /// Part 1 for a run of one target.
    private func alone(_ target: String, at load: Load) -> String {
        guard let throughput = document.result(.throughput, of: target, at: load)?.level else {
            return ""
        }
        if let failed = document.result(.errors, of: target, at: load),
            failed.errors == failed.uploads
        {
            return "\(target) failed \(failed.errors) of \(ChartFacts.uploads(failed.uploads))."
        }
        var text = "\(target) serves \(FixedPoint.significant(throughput.value)) uploads per second"
        if let low = throughput.low, let high = throughput.high {
            text += " (\(FixedPoint.significant(low)) … \(FixedPoint.significant(high)))"
        }
        if let p99 = document.result(.response(.percentile(.p99)), of: target, at: load)?.level {
            text += "; p99 \(p99.isCensored ? "≥ " : "")\(DurationFormat.text(seconds: p99.value))"
        }
        return text + "."
    }

    private func comparison(of candidate: String, with baseline: String, at load: Load) -> String {
        let throughput = document.result(.throughput, of: candidate, at: load)
        guard let change = throughput?.change, change.verdict != .notComparable else {
            return incomparable(candidate, baseline, at: load)
        }
        let levels = ComparedLevels(
            isBurst: document.plan.mode == .burst,
            probePath: document.plan.probe?.path,
            own: { document.result($0, of: candidate, at: load) },
            reference: { document.result($0, of: baseline, at: load) }
        )
        let first = opening(change, candidate, baseline, rounds: throughput?.rounds ?? 0)
        return first + levels.turns(against: change) + levels.firstReplies + "." + levels.responsiveness
    }

    /// Part 1: throughput, the primary metric.
    private func opening(
        _ change: MetricResult.Change,
        _ candidate: String,
        _ baseline: String,
        rounds: Int
    ) -> String {
        let size = NumberText.rounded(abs(change.estimate))
        let direction = change.estimate < 0 ? "fewer" : "more"
        switch change.verdict {
        case .better, .worse:
            return "\(candidate) serves \(size) \(direction) uploads per second"
        case .equivalent:
            let noise = NumberText.share(change.noise)
            return "\(candidate) and \(baseline) serve equally many uploads per second (within \(noise))"
        case .noInterval:
            let count = rounds == 1 ? "1 round" : "\(rounds) rounds"
            return
                "\(candidate) served \(size) \(direction) uploads per second in \(count), too few for an interval"
        case .noClearChange, .notComparable:
            let bounds = NumberText.bounds(change.low ?? 0, change.high ?? 0)
            return "no clear change in throughput between \(candidate) and \(baseline) (\(bounds) %)"
        }
    }

    /// What is said instead of every comparison.
    private var invalid: String {
        let reasons = document.validity.reasons.joined(separator: "; ")
        return "not comparable: the run is INVALID" + (reasons.isEmpty ? "." : " (\(reasons)).")
    }

    /// What is said instead of a comparison.
    private func incomparable(_ candidate: String, _ baseline: String, at load: Load) -> String {
        guard let failed = document.result(.errors, of: candidate, at: load),
            let reference = document.result(.errors, of: baseline, at: load)
        else { return "not comparable: no upload of \(candidate) was counted." }
        let share = NumberText.trimmed(
            100 * Double(failed.errors) / Double(max(1, failed.uploads)),
            decimals: 1
        )
        return
            "not comparable: \(candidate) failed \(failed.errors) of \(failed.uploads) uploads (\(share) %), "
            + "\(baseline) \(reference.errors) of \(reference.uploads)."
    }
}
