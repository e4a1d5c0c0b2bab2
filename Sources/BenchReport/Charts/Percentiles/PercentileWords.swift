import Measurements

extension PercentileChart {
    /// What the chart says: where the candidate waits longer and where less, as far as that is sure.
    package var title: String {
        guard curves.count > 1 else { return singleTitle }
        guard !shifts.isEmpty else {
            let count = rounds == 1 ? "1 round" : "\(rounds) rounds"
            return "Response time by percentile, "
                + (rounds < 6 ? "\(count) without interval" : "nothing judged")
        }
        let findings = shifts.map(finding)
        guard findings.contains(where: { $0 != nil }) else { return "No clear difference at any decile" }
        // Candidates of which the same is true share its sentence.
        var groups: [(finding: String?, names: [String])] = []
        for (shift, finding) in zip(shifts, findings) {
            let name = TextMeasure.shortName(shift.candidate)
            if let place = groups.firstIndex(where: { $0.finding == finding }) {
                groups[place].names.append(name)
            } else {
                groups.append((finding, [name]))
            }
        }
        return groups.map { finding, names in
            let isOne = names.count == 1
            let list =
                isOne ? names[0] : names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1])"
            return finding.map { "\(list) \(isOne ? "waits" : "wait") \($0)" }
                ?? "\(list) \(isOne ? "does" : "do") not clearly differ"
        }.joined(separator: "; ")
    }

    private var singleTitle: String { curves.first.map(Self.figures) ?? "" }

    /// A target's name and its percentiles.
    private static func figures(of curve: Curve) -> String {
        let texts = curve.marks.map { "\($0.name) \(DurationFormat.text(seconds: $0.quantile.seconds))" }
        let worst = "worst \(DurationFormat.text(seconds: curve.worst))"
        return "\(TextMeasure.shortName(curve.name)): \((texts + [worst]).joined(separator: ", "))"
    }

    /// How one candidate waits by its deciles; nil if none differs for sure.
    private func finding(_ shift: ShiftChart.Panel) -> String? {
        let differs = shift.differs
        guard differs.isMixed else {
            return differs.hasLonger
                ? "longer at every decile that differs"
                : differs.hasShorter ? "less at every decile that differs" : nil
        }
        let first = shift.deciles.first { $0.tone != .unchanged }?.tone
        // Where the curves cross; for several candidates the decile before the sign changes is told.
        let turn =
            crossing.map { Int(($0.share * 100).rounded()) }
            ?? (shift.deciles.prefix { $0.tone == first || $0.tone == .unchanged }.last?.tenth ?? 5) * 10
        return first == .worse
            ? "longer up to p\(turn), less from there on"
            : "less up to p\(turn), longer from there on"
    }

    /// How to read the chart, part by part.
    package var subtitle: [String] {
        let count =
            "\(rounds) \(rounds == 1 ? "round" : "rounds") × \(uploads) \(uploads == 1 ? "upload" : "uploads")"
        let tail = curves.contains { !$0.tail.isEmpty } ? ["dashed = pooled tail"] : []
        return [curves.count > 1 ? "\(count) per target" : count]
            + (rounds > 1 ? ["bold = median round", "thin = each round"] : []) + tail
    }

    /// What the chart shows, with its numbers, for those who can't see it.
    package var altText: String {
        let parts = curves.map(Self.figures)
        let crossed = crossing.map { " The curves cross near p\(Int(($0.share * 100).rounded()))." } ?? ""
        return "Response times by percentile, \(rounds) \(rounds == 1 ? "round" : "rounds"). "
            + "\(parts.joined(separator: "; "))." + crossed
    }
}
