import Measurements

/// `report.md`: the report for a pull request's comment.
struct MarkdownReport {
    /// A chart that stands in the report.
    struct Picture {
        /// The path of the picture for light backgrounds.
        let light: String
        /// The path of the picture for dark ones; nil when one serves both.
        let dark: String?
        let altText: String
    }

    private let document: RunDocument
    private let pictures: [Picture]
    private let checks: [String]

    /// The longest that GitHub takes, less some room.
    private static let longest = 60_000

    /// Prepares a report.
    init(of document: RunDocument, pictures: [Picture], checks: [String]) {
        self.document = document
        self.pictures = pictures
        self.checks = checks
    }

    /// The report, ending with a line break.
    var text: String {
        let facts = ReportFacts(of: document)
        let names = document.comparedTargets.map(\.name)
        let compared =
            names.count > 1 ? names.dropFirst().joined(separator: "-") + "-vs-" + names[0] : names.first ?? ""
        // The first line lets a bot find and update its own comment.
        var parts = [
            "<!-- ingest-bench:\(Self.commentSafe(compared)) -->\n" + "**\(Self.escaped(document.verdict))**"
        ]
        let standing = facts.headlines.isEmpty ? [document.validity.verdict.rawValue] : facts.headlines
        let items =
            standing + [
                facts.load + " of " + facts.files, facts.rounds + " per target", document.started.minuteText,
            ]
        parts.append(items.map(Self.escaped).joined(separator: " · "))
        parts += document.blockedLoops.map { "**\(Self.escaped($0.text))**" }
        let tables = ReportTable.all(of: document)
        for table in tables {
            if document.plan.isSweep { parts.append("**\(table.load.name)**") }
            parts.append(Self.markdown(table))
        }
        if let sweep = ReportSection.sweep(document) { parts.insert(Self.markdown(sweep), at: 2) }
        if tables.contains(where: { !$0.candidates.isEmpty }) { parts.append(ReportTable.footnote) }
        if let thresholds = ReportSection.thresholds(document) { parts.append(Self.markdown(thresholds)) }
        parts += pictures.map(Self.markdown)
        parts += details(facts)
        let text = parts.joined(separator: "\n\n") + "\n"
        return text.utf8.count < Self.longest ? text : Self.cut(parts)
    }

    /// As many parts as there is room for: details go first.
    private static func cut(_ parts: [String]) -> String {
        var kept: [String] = []
        var length = 200
        for part in parts {
            length += part.utf8.count + 2
            if length > longest {
                return (kept + ["The rest is in `run.json`."]).joined(separator: "\n\n") + "\n"
            }
            kept.append(part)
        }
        return kept.joined(separator: "\n\n") + "\n"
    }

    /// A table of levels and changes.
    static func markdown(_ table: ReportTable) -> String {
        let hasChanges = !table.candidates.isEmpty
        let names = table.targets.map {
            escaped($0) + ($0 == table.baseline && hasChanges ? " (baseline)" : "")
        }
        let pairs = table.candidates.flatMap { name in
            [table.candidates.count > 1 ? "\(escaped(name)): change (95 % CI)" : "change (95 % CI)", ""]
        }
        let header = [""] + names + pairs
        let alignment = [":--"] + names.map { _ in "--:" } + table.candidates.flatMap { _ in ["--:", ":--"] }
        let rows = table.rows.enumerated().filter { !$1.isDetail }.map { index, row in
            let label = row.unit.isEmpty ? row.label : "\(row.label), \(row.unit)"
            let changes = row.changes.flatMap { change -> [String] in
                guard let change else { return ["", ""] }
                let interval = change.interval.isEmpty ? "" : " (\(change.interval))"
                return ["**\(change.estimate)**\(interval)", change.verdict.rawValue]
            }
            let next = table.rows.indices.contains(index + 1) ? table.rows[index + 1] : nil
            return [label] + levels(of: row, detailedBy: next).map(escaped) + changes
        }
        return ([header, alignment] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(
            separator: "\n"
        )
    }

    /// The levels of a row, each with what a row of details adds: "100 %, longest 422 ms".
    private static func levels(of row: ReportTable.Row, detailedBy next: ReportTable.Row?) -> [String] {
        guard let next, next.isDetail else { return row.levels }
        return zip(row.levels, next.levels).map { level, detail in
            detail.isEmpty ? level : "\(level), \(next.label) \(detail) \(next.unit)"
        }
    }

    /// A picture with its alternative text, for both colour schemes.
    static func markdown(_ picture: Picture) -> String {
        let image =
            "<img alt=\"\(attribute(picture.altText))\" src=\"\(attribute(picture.light))\" width=\"800\">"
        guard let dark = picture.dark else { return image }
        let source = "<source media=\"(prefers-color-scheme: dark)\" srcset=\"\(attribute(dark))\">"
        return "<picture>\(source)\(image)</picture>"
    }

    private func details(_ facts: ReportFacts) -> [String] {
        var details: [String] = []
        let sections = [
            ReportSection.blocked(document), ReportSection.phases(document), ReportSection.errors(document),
        ]
        details += sections.compactMap { $0.map { Self.folded($0.title, Self.markdown($0)) } }
        let warnings = document.warnings.map { "- \(Self.escaped($0.text))" }
        let checks = "- " + facts.checks(noted: checks).map(Self.escaped).joined(separator: " · ")
        details.append(Self.folded("Warnings and checks", (warnings + [checks]).joined(separator: "\n")))
        let environment = facts.environment.map(Self.escaped).joined(separator: " · ")
        let command = Self.fenced(document.plan.command)
        details.append(Self.folded("Environment and command", "\(environment)\n\n\(command)"))
        return details
    }

    /// A table, its columns of figures aligned at their right.
    private static func markdown(_ section: ReportSection) -> String {
        let alignment = section.header.indices.map { section.figures.contains($0) ? "--:" : ":--" }
        let rows = section.rows.map { $0.map(markdown) }
        return ([section.header.map(escaped), alignment] + rows).map { "| \($0.joined(separator: " | ")) |" }
            .joined(separator: "\n")
    }

    private static func markdown(_ cell: ReportSection.Cell) -> String {
        switch cell {
        case .text(let text): escaped(text)
        case .code(let names): names.map(code).joined(separator: " → ")
        }
    }

    private static func folded(_ summary: String, _ content: String) -> String {
        "<details><summary>\(summary)</summary>\n\n\(content)\n\n</details>"
    }

    /// A block of code; its fence is longer than any run of backticks within.
    private static func fenced(_ code: String) -> String {
        let safe = oneLine(code)
        var fence = "```"
        while safe.contains(fence) { fence += "`" }
        return "\(fence)\n\(safe)\n\(fence)"
    }

    /// Code within a line; as HTML where a sign in it would end or change it.
    private static func code(_ code: String) -> String {
        let safe = oneLine(code)
        return safe.contains { "<>&|`\\".contains($0) } ? "<code>\(escaped(safe))</code>" : "`\(safe)`"
    }

    /// Text that Markdown and its HTML leave alone.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in oneLine(text) {
            switch character {
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "&": escaped += "&amp;"
            case "|", "`", "\\", "*", "_", "[", "]", "#",
                "~" where text.count > 1:
                escaped += "\\\(character)"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    private static func attribute(_ text: String) -> String {
        oneLine(text).replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing(
            "<",
            with: "&lt;"
        )
        .replacing(">", with: "&gt;")
    }

    /// A name for a comment, which may not hold its end.
    private static func commentSafe(_ name: String) -> String {
        String(
            name.unicodeScalars.filter {
                $0.properties.isAlphabetic || "0123456789_-".unicodeScalars.contains($0)
            }
        )
        .replacing("--", with: "-")
    }

    /// Text without control characters; line breaks become spaces.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
            )
        )
    }
}
