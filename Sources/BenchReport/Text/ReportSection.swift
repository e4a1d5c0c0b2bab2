import Measurements

/// A table of a report beside its results, as Markdown and HTML set it.
struct ReportSection {
    /// What stands in one place of a table.
    enum Cell: Sendable {
        case text(String)
        /// Names from code, one that called the next.
        case code([String])
        case verdict(MetricResult.Verdict)
    }

    let title: String
    let header: [String]
    /// The columns of figures, which align at their right.
    let figures: Set<Int>
    let rows: [[Cell]]

    /// Makes a table; nil without a row.
    init?(title: String, header: [String], figures: Set<Int>, rows: [[Cell]]) {
        guard !rows.isEmpty else { return nil }
        self.title = title
        self.header = header
        self.figures = figures
        self.rows = rows
    }
}

extension ReportSection {
    /// How many places a target may have.
    private static let mostPlaces = 10

    /// The places that took most of the blocked time, by target; nil where no loop was watched or blocked.
    static func blocked(_ document: RunDocument) -> ReportSection? {
        let isOnly = !document.plan.isSweep
        let rows = BlockRanking.all(of: document).flatMap { ranking in
            ranking.entries.prefix(mostPlaces).map { entry -> [Cell] in
                let flight = isOnly ? "" : ", \(ranking.load.name)"
                let names = [entry.place, entry.callee].compactMap { $0 }
                let place = entry.place == nil ? Cell.text(BlockRanking.unknownPlace) : .code(names)
                return [.text(ranking.target + flight), place]
                    + [entry.shareText, String(entry.count), entry.longestText].map { .text($0) }
            }
        }
        return ReportSection(
            title: "Where the loop was blocked",
            header: ["target", "where", "share", "count", "longest"],
            figures: [2, 3, 4],
            rows: rows
        )
    }

    /// The median of each phase over the counted uploads, by target; nil without uploads.
    static func phases(_ document: RunDocument) -> ReportSection? {
        let parts = document.loads.flatMap { load in
            let rounds = document.countedRounds(at: load)
            return document.comparedTargets.map { target in
                (target.name, load, rounds.filter { $0.record.target == target.name })
            }
        }
        let rows = parts.concurrentMap { target, load, rounds in
            UploadPhases(rounds).map { phases in
                [.text(target), .text(load.amountText)] + phases.texts.map { Cell.text($0) }
            }
        }.compactMap { $0 }
        let header = ["target", document.plan.loadHeader] + UploadPhases.names
        return ReportSection(
            title: "Phases of an upload",
            header: header,
            figures: Set(1..<header.count),
            rows: rows
        )
    }

    /// How each of several candidates changed; nil for a table that has one, and room for its changes.
    static func changes(_ table: ReportTable) -> ReportSection? {
        guard table.candidates.count > 1 else { return nil }
        let rows = table.candidates.indices.flatMap { candidate in
            table.rows.compactMap { row -> [Cell]? in
                guard let change = row.changes[candidate] else { return nil }
                let name = [row.section, row.label].compactMap { $0 }.joined(separator: " ")
                let texts = [table.candidates[candidate], name, change.estimate, change.interval]
                return texts.map { .text($0) } + [.verdict(change.verdict)]
            }
        }
        return ReportSection(
            title: "Changes against \(table.baseline)",
            header: ["target", "metric", "change", "95 % CI", "verdict"],
            figures: [2, 3],
            rows: rows
        )
    }

    /// The failures by kind; nil without any.
    static func errors(_ document: RunDocument) -> ReportSection? {
        ReportSection(
            title: "Errors",
            header: ["target", "class", "kind", "status", "count", "first answer"],
            figures: [3, 4],
            rows: document.errors.map { group in
                let status = group.status == 0 ? "" : String(group.status)
                return [
                    group.target, group.outcome.outcomeClass.rawValue, group.outcome.kind, status,
                    String(group.count), group.firstBody ?? "",
                ].map { .text($0) }
            }
        )
    }

    /// What became of each threshold; nil without any.
    static func thresholds(_ document: RunDocument) -> ReportSection? {
        ReportSection(
            title: "Thresholds",
            header: ["threshold", "verdict", "value"],
            figures: [],
            rows: document.thresholds.map { result in
                [.code([result.expression]), .text(result.verdict.rawValue), .text(result.text)]
            }
        )
    }

    /// A sweep at a glance; nil for a run with one load.
    static func sweep(_ document: RunDocument) -> ReportSection? {
        guard let cells = SweepCapacity(of: document)?.cells, let header = cells.first else { return nil }
        return ReportSection(
            title: "Capacity",
            header: header,
            figures: Set(header.indices),
            rows: cells.dropFirst().map { $0.map { .text($0) } }
        )
    }
}
