import Measurements

/// What two runs say, a sentence a pair of targets.
struct ComparisonSentence {
    private let comparison: RunComparison

    /// Prepares the sentences of a comparison.
    init(of comparison: RunComparison) {
        self.comparison = comparison
    }

    /// The sentences, for each load and pair.
    var text: String {
        let loads = comparison.loads
        guard !loads.isEmpty else { return "the runs have no load in common." }
        return loads.flatMap { load in
            let prefix = loads.count > 1 ? load.opening : ""
            return comparison.pairs.map { pair in
                let sentence = prefix + sentence(of: pair, at: load)
                // A target's name keeps its spelling; an ordinary word begins the sentence.
                return ["no ", "not "].contains(where: sentence.hasPrefix)
                    ? sentence.capitalisedFirst : sentence
            }
        }.joined(separator: " ")
    }

    private func sentence(of pair: RunComparison.Pair, at load: Load) -> String {
        guard let row = comparison.row(.throughput, of: pair, at: load), let change = row.after.change
        else { return "not comparable: no upload of \(pair.after) was counted." }
        guard change.verdict != .notComparable else { return obstacle(row) }
        let levels = ComparedLevels(
            isBurst: comparison.after.plan.mode == .burst,
            probePath: comparison.after.plan.probe?.path,
            own: { comparison.row($0, of: pair, at: load)?.after },
            reference: { comparison.row($0, of: pair, at: load)?.before }
        )
        return opening(change, pair, rounds: min(row.before.rounds, row.after.rounds))
            + levels.turns(against: change) + levels.firstReplies + "." + levels.responsiveness
    }

    private func opening(_ change: MetricResult.Change, _ pair: RunComparison.Pair, rounds: Int) -> String {
        let size = NumberText.rounded(abs(change.estimate))
        let direction = change.estimate < 0 ? "fewer" : "more"
        let than = pair.before == pair.after ? "before" : pair.before
        switch change.verdict {
        case .better, .worse:
            return "\(pair.after) serves \(size) \(direction) uploads per second than \(than)"
        case .equivalent:
            let noise = NumberText.share(change.noise)
            return "\(pair.after) serves as many uploads per second as \(than) (within \(noise))"
        case .noInterval:
            let count = rounds == 1 ? "1 round" : "\(rounds) rounds"
            return "\(pair.after) served \(size) \(direction) uploads per second than \(than) in \(count), "
                + "too few for an interval"
        case .noClearChange, .notComparable:
            let bounds = NumberText.bounds(change.low ?? 0, change.high ?? 0)
            return pair.before == pair.after
                ? "no clear change in the throughput of \(pair.after) (\(bounds) %)"
                : "no clear change in throughput from \(pair.before) to \(pair.after) (\(bounds) %)"
        }
    }

    /// Why a pair is not compared.
    private func obstacle(_ row: RunComparison.Row) -> String {
        let work = comparison.differences.filter(\.isOfWork).map(\.text)
        if !work.isEmpty {
            return "not comparable: \(row.pair.after) had other work (\(work.joined(separator: "; ")))."
        }
        let invalid = [comparison.before, comparison.after].filter { $0.validity.verdict == .invalid }
        if let run = invalid.first { return "not comparable: \(run.id) is INVALID." }
        return
            "not comparable: \(row.pair.after) failed \(row.after.errors) of \(row.after.uploads) uploads, "
            + "before \(row.before.errors) of \(row.before.uploads)."
    }
}

extension String {
    /// The text with its first letter in upper case.
    fileprivate var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
