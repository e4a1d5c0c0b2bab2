extension WaterfallChart {
    /// What the chart says: how many uploads each target works on at once or, if the servers don't say, when
    /// their replies come.
    package var title: String {
        guard stages != .client else {
            return panels.map { panel in
                guard let (first, last) = replies(of: panel) else {
                    return "\(shortName(panel)) replies to none"
                }
                return "\(shortName(panel)) replies from \(first) to \(last)"
            }.joined(separator: "; ")
        }
        let counts = panels.map { (name: shortName($0), most: ServiceOverlap(rows: $0.rows).most) }
        if let baseline = counts.first, baseline.most == 1, counts.count < 3 {
            let others = counts.dropFirst().map { other in
                other.most <= 1 ? "so does \(other.name)" : "\(other.name) overlaps \(other.most)"
            }
            return (["\(baseline.name) serves one upload at a time"] + others).joined(separator: "; ")
        }
        return "In service at once: " + counts.map { "\($0.name) \($0.most)" }.joined(separator: ", ")
    }

    /// Which uploads these are and what the shades mean.
    package var subtitle: [String] {
        let step = panels.map { Self.binSize(of: $0.rows.count) }.max() ?? 1
        let shades =
            switch stages {
            case .server(let names):
                ["pale: waiting"]
                    + zip(["dark", "mid"], names).enumerated().filter { has(stage: $0.offset) }
                    .map { "\($0.element.0): \($0.element.1)" }
            case .client:
                ["pale: waiting for the reply", "dark: receiving it"]
            }
        let failures = panels.contains { $0.rows.contains { !$0.isOK } } ? ["diamond: failed"] : []
        return load + [step == 1 ? "one row each" : "one row for every \(step)"] + shades + failures
    }

    private func has(stage: Int) -> Bool {
        panels.contains { $0.rows.contains { $0.work.contains { $0.stage == stage } } }
    }

    /// What the chart shows, with its numbers, for those who can't see it.
    package var altText: String {
        let uploads = panels.map(\.rows.count).max() ?? 0
        let parts = panels.map { panel -> String in
            let name = shortName(panel)
            let overlap = ServiceOverlap(rows: panel.rows)
            let service =
                stages == .client
                ? ""
                : overlap.most == 1 ? " serves one at a time," : " serves up to \(overlap.most) at once,"
            guard let (first, last) = replies(of: panel) else { return "\(name) served none" }
            return "\(name)\(service) first reply \(first), last \(last)"
        }
        return "Waterfall of \(uploads) \(uploads == 1 ? "upload" : "uploads"). "
            + parts.joined(separator: "; ") + "."
    }

    /// When the first and the last successful reply of a target were there; nil without one.
    func replies(of panel: Panel) -> (first: String, last: String)? {
        let done = panel.rows.filter(\.isOK).map(\.done)
        guard let first = done.first, let last = done.last else { return nil }
        return NumberText.durations(first, last)
    }

    /// A target's name, at most 24 characters of it.
    func shortName(_ panel: Panel) -> String {
        TextMeasure.shortName(panel.name)
    }

    /// How many uploads one row stands for: rows stay three pixels high.
    static func binSize(of count: Int) -> Int {
        max(1, (count + 149) / 150)
    }
}
