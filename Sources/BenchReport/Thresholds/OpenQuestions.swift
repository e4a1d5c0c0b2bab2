extension RunDocument {
    /// What the run was asked and can't tell: its thresholds, or without any whether throughput changes.
    package var openQuestions: [String] {
        guard thresholds.isEmpty else {
            return thresholds.filter { $0.verdict == .undecided || $0.verdict == .notJudged }
                .map { "\($0.expression) (\($0.text))" }
        }
        // The baseline's second measurement is no candidate: that it doesn't differ is as it should be.
        let names = candidates.map(\.name)
        return results.filter { $0.metric == .throughput && names.contains($0.target) }.compactMap { result in
            switch result.change?.verdict {
            case .noClearChange, .noInterval, .notComparable:
                "throughput of \(result.target): \(result.change?.verdict.rawValue ?? "")"
            case .better, .worse, .equivalent, nil: nil
            }
        }
    }
}
