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
        /// Whether it stands open in the report, not among those that the reader may unfold.
        var isOpen = true
    }

    private let document: RunDocument
    private let pictures: [Picture]
    private let checks: [String]

    /// The longest that GitHub takes, less some room.
    private static let longest = 60_000
    /// The longest that a verdict may be: many candidates in a sweep have as many sentences.
    private static let longestSentence = 4000

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
            "<!-- ingest-bench:\(Self.brief(Self.commentSafe(compared))) -->\n"
                + "**\(Self.escaped(Self.brief(document.verdict)))**"
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
        parts += pictures.filter(\.isOpen).map(Self.markdown)
        let others = pictures.filter { !$0.isOpen }.map(Self.markdown)
        if !others.isEmpty { parts.append(Self.folded("More charts", others.joined(separator: "\n\n"))) }
        parts += details(facts)
        let text = parts.joined(separator: "\n\n") + "\n"
        return text.utf8.count < Self.longest ? text : Self.cut(parts)
    }

    /// As many parts as there is room for: the largest are left out, never the marker and the verdict.
    private static func cut(_ parts: [String]) -> String {
        let note = "Left out for want of room: %, which `run.json` and `ingest-bench report` have."
        var room = longest - note.utf8.count - 20 - parts[0].utf8.count
        let kept = parts.indices.dropFirst().sorted { parts[$0].utf8.count < parts[$1].utf8.count }.prefix {
            room -= parts[$0].utf8.count + 2
            return room > 0
        }
        let missing = parts.count - 1 - kept.count
        let count = missing == 1 ? "1 part of the report" : "\(missing) parts of the report"
        let texts = [parts[0]] + kept.sorted().map { parts[$0] } + [note.replacing("%", with: count)]
        return texts.joined(separator: "\n\n") + "\n"
    }

    /// A sentence that leaves room for the rest.
    private static func brief(_ sentence: String) -> String {
        sentence.count <= longestSentence ? sentence : sentence.prefix(longestSentence) + "…"
    }

    /// A table of levels and changes; those of several candidates stand in a table of their own.
    static func markdown(_ table: ReportTable) -> String {
        let hasPair = table.candidates.count == 1
        let names = table.targets.map {
            escaped($0) + ($0 == table.baseline && !table.candidates.isEmpty ? " (baseline)" : "")
        }
        let header = [""] + names + (hasPair ? ["change (95 % CI)", ""] : [])
        let alignment = [":--"] + names.map { _ in "--:" } + (hasPair ? ["--:", ":--"] : [])
        let rows = table.rows.enumerated().filter { !$1.isDetail }.map { index, row in
            let changes = (hasPair ? row.changes : []).flatMap { change -> [String] in
                guard let change else { return ["", ""] }
                let interval = change.interval.isEmpty ? "" : " (\(change.interval))"
                return ["**\(change.estimate)**\(interval)", change.verdict.rawValue]
            }
            let next = table.rows.indices.contains(index + 1) ? table.rows[index + 1] : nil
            return [escaped(row.fullLabel)] + levels(of: row, detailedBy: next).map(escaped) + changes
        }
        let text = set([header, alignment] + rows)
        guard let changes = ReportSection.changes(table) else { return text }
        return "\(text)\n\n**\(escaped(changes.title))**\n\n\(markdown(changes))"
    }

    private static func set(_ rows: [[String]]) -> String {
        rows.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
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
        let sizes = ReportTable.bySize(of: document).map { table in
            let flight = document.plan.isSweep ? "**\(table.load.name)**\n\n" : ""
            return flight + Self.markdown(table)
        }
        if !sizes.isEmpty {
            details.append(Self.folded("By size of upload", sizes.joined(separator: "\n\n")))
        }
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
        return set([section.header.map(escaped), alignment] + rows)
    }

    private static func markdown(_ cell: ReportSection.Cell) -> String {
        switch cell {
        case .text(let text): escaped(text)
        case .code(let names): names.map(code).joined(separator: " → ")
        case .verdict(let verdict): verdict.rawValue
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
