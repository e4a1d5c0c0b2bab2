import Measurements

/// `report.html`: the whole report in one file that needs nothing else, no script among it.
struct HTMLReport {
    /// A chart as it stands in the report.
    struct Figure {
        let name: String
        let title: String
        /// The chart itself.
        let svg: String
    }

    private let document: RunDocument
    private let figures: [Figure]
    private let checks: [String]
    /// The files beside the report, which it may name.
    private let files: Set<String>

    /// The most rounds that the table lists; rounds.csv has all of them.
    private static let mostRounds = 400
    /// The most stacks that are listed whole.
    private static let mostStacks = 20

    /// Prepares a report.
    init(of document: RunDocument, figures: [Figure], checks: [String], files: [String]) {
        self.document = document
        self.figures = figures
        self.checks = checks
        self.files = Set(files)
    }

    /// The file's text: HTML that is well-formed XML, too.
    var text: String {
        let facts = ReportFacts(of: document)
        var body = head(facts)
        let tables = ReportTable.all(of: document)
        for table in tables {
            if tables.count > 1 { body.append("<h2>\(table.load.name)</h2>") }
            body.append(Self.html(table))
        }
        if tables.contains(where: { !$0.candidates.isEmpty }) {
            body.append("<p class=\"note\">\(Self.escaped(ReportTable.footnote))</p>")
        }
        body += sizes
        if !figures.isEmpty { body.append("<h2>Charts</h2>") }
        body += figures.map(figure)
        body += blocked
        body += [ReportSection.phases(document), ReportSection.errors(document)].compactMap { $0 }
            .map(Self.section)
        body += ReportSection.thresholds(document).map { [Self.section($0)] } ?? []
        body += warnings + [Self.section("Checks", Self.list(facts.checks(noted: checks)))]
        body += [rounds].compactMap { $0 }
        body.append(Self.section("Environment", Self.list(facts.environment)))
        body += [plan, "<h2>Command</h2><pre>\(Self.escaped(document.plan.command))</pre>"]
        return """
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>\(Self.escaped(document.comparedTargets.map(\.name).joined(separator: " vs ")))</title>
            <style>\(Self.style)</style></head><body><main>
            \(body.joined(separator: "\n"))
            </main></body></html>

            """
    }

    private static let style = """
        body{font:15px/1.5 "DejaVu Sans",Verdana,sans-serif;max-width:860px;margin:2em auto;padding:0 1em;\
        color:#1f2328;background:#fff}
        h1{font-size:1.25em;overflow-wrap:anywhere}h2{font-size:1.1em;margin-top:2em}
        svg{min-width:600px;max-width:100%;height:auto}li{overflow-wrap:anywhere}
        table{border-collapse:collapse;font-size:13px}td,th{padding:.2em .7em;border-bottom:1px solid #d1d9e0;\
        text-align:left;font-weight:normal}th{color:#59636e}\
        .n{text-align:right}.n,[scope],.verdict{white-space:nowrap}
        .scroll{overflow-x:auto}figure{margin:2em 0}figcaption,.note{color:#59636e;font-size:13px}
        .alarm{background:#fff8c5;color:#7d4e00;padding:.4em .8em}.better{color:#0969b2}.worse{color:#c2410c}
        pre,code{font-family:"DejaVu Sans Mono",monospace;font-size:12.5px}pre{white-space:pre-wrap}
        summary{cursor:pointer;margin:.5em 0}a{color:inherit}
        @media screen and (prefers-color-scheme:dark){body{color:#f0f6fc;background:#0d1117}
        td,th{border-color:#2b323b}th,figcaption,.note{color:#9198a1}.alarm{background:#2e2a16;color:#e3c06a}
        .better{color:#58a6ff}.worse{color:#f0883e}}
        @media print{body{max-width:none;margin:0}figure,tr,.alarm{break-inside:avoid}h2{break-after:avoid}
        .scroll{overflow:visible}svg{min-width:0;max-height:11cm}summary{display:none}}
        """

    private func head(_ facts: ReportFacts) -> [String] {
        let valid = "<p class=\"note\">\(document.validity.verdict.rawValue)</p>"
        let alarms = facts.headlines.map { "<p class=\"alarm\">\(Self.escaped($0))</p>" }
        let items = [
            facts.load + " of " + facts.files, facts.rounds + " per target", "seed \(document.plan.seed)",
            document.started.minuteText,
        ]
        return (alarms.isEmpty ? [valid] : alarms)
            + ["<h1>\(Self.escaped(document.verdict))</h1>"]
            + ["<p class=\"note\">\(items.map(Self.escaped).joined(separator: " · "))</p>"]
            + document.blockedLoops.map { "<p class=\"alarm\">\(Self.escaped($0.text))</p>" }
    }

    private func figure(_ figure: Figure) -> String {
        let links = ChartData.files(behind: figure.name).filter(files.contains).map { name in
            "<a href=\"\(name)\">\(name)</a>"
        }
        let table = ChartData(of: document).table(behind: figure.name)
        var data = table.map { "<p>\(Self.escaped($0.title))</p>\(Self.html($0))" } ?? ""
        if !links.isEmpty { data += "<p>All of it: \(links.joined(separator: ", ")).</p>" }
        return
            "<figure><div class=\"scroll\">\(figure.svg)</div><figcaption>\(Self.escaped(figure.title))</figcaption>"
            + (data.isEmpty ? "" : Self.details("Data", data)) + "</figure>"
    }

    /// The tables of the sizes of uploads, which the main one must not be lost among.
    private var sizes: [String] {
        let tables = ReportTable.bySize(of: document)
        guard !tables.isEmpty else { return [] }
        let content = tables.map { table in
            (tables.count > 1 ? "<h3>\(table.load.name)</h3>" : "") + Self.html(table)
        }
        return [Self.details("By size of upload", content.joined(separator: "\n"))]
    }

    private var blocked: [String] {
        guard let section = ReportSection.blocked(document) else { return [] }
        let stacks = document.stacks.prefix(Self.mostStacks).map { place in
            "<pre>\(place.frames.map(Self.escaped).joined(separator: "\n"))</pre>"
        }
        return [Self.section(section)]
            + (stacks.isEmpty ? [] : [Self.details("Stacks", stacks.joined(separator: "\n"))])
    }

    private var warnings: [String] {
        let items = document.warnings.map { "\($0.severity.rawValue): \($0.text)" }
        return items.isEmpty ? [] : ["<h2>Warnings</h2>", Self.list(items)]
    }

    /// The rounds with their main figures.
    private var rounds: String? {
        let shown = document.rounds.prefix(Self.mostRounds)
        let section = ReportSection(
            title: shown.count < document.rounds.count
                ? "Rounds, the first \(shown.count) of \(document.rounds.count)" : "Rounds",
            header: [
                "round", "target", document.plan.loadHeader, "ok", "errors", "req/s", "p50", "p99", "max",
                "validity",
            ],
            figures: Set(2...8),
            rows: shown.map { round in
                let (record, summary) = (round.record, round.summary)
                let times = [Percentile.p50, .p99, .maximum].map { percentile in
                    let time =
                        percentile == .maximum
                        ? summary.response?.maximum : summary.response?.value(percentile)
                    return time.map { DurationFormat.text(nanoseconds: $0) } ?? ""
                }
                let name = record.isWarmup ? "warm-up \(record.index + 1)" : String(record.index + 1)
                let texts =
                    [
                        name, record.target, record.load.amountText, String(summary.succeeded),
                        String(summary.errors), FixedPoint.significant(summary.throughput),
                    ] + times + [record.validity.headline]
                return texts.map { .text($0) }
            }
        )
        return section.map { Self.section($0.title, Self.details("Show", Self.html($0))) }
    }

    private var plan: String {
        let plan = document.plan
        let files = plan.files.map {
            "\($0.name): \(NumberText.bytes(Int(clamping: $0.bytes))), SHA-256 \($0.sha256)"
        }
        var items = document.targets.map { "\($0.name): \($0.method) \($0.url)" }
        items += files.prefix(Self.mostStacks)
        items += [
            "field \(plan.field), success is \(plan.expectedStatus), time-out \(NumberText.limit(plan.timeoutSeconds))",
            "HTTP \(plan.http), connections \(plan.connections.rawValue), \(plan.threads) engine threads",
        ]
        if let probe = plan.probe {
            items.append("probe GET \(probe.path) every \(NumberText.limit(probe.intervalSeconds))")
        }
        return Self.section("Plan", Self.list(items))
    }
}

extension HTMLReport {
    /// A table of levels and changes; those of several candidates stand in a table of their own.
    private static func html(_ table: ReportTable) -> String {
        let hasPair = table.candidates.count == 1
        let names = table.targets.map {
            $0 == table.baseline && !table.candidates.isEmpty ? "\($0) (baseline)" : $0
        }
        let header = ([""] + names + (hasPair ? ["change", "95 % CI", "verdict"] : [])).enumerated().map {
            column(named: $1, isFigure: $0 > 0 && $1 != "verdict")
        }
        let rows = table.rows.map { row in
            let levels = row.levels.map { "<td class=\"n\">\(escaped($0))</td>" }
            let changes = (hasPair ? row.changes : []).flatMap { change -> [String] in
                guard let change else { return ["<td></td>", "<td></td>", "<td></td>"] }
                let texts = [change.estimate, change.interval]
                return texts.map { "<td class=\"n\">\(escaped($0))</td>" }
                    + ["<td>\(html(.verdict(change.verdict)))</td>"]
            }
            let label = "<th scope=\"row\">\(escaped(row.fullLabel))</th>"
            return "<tr>\(label)\((levels + changes).joined())</tr>"
        }
        let changes = ReportSection.changes(table).map { "<h3>\(escaped($0.title))</h3>\(html($0))" }
        return set(header: header.joined(), rows: rows) + (changes ?? "")
    }

    private static func html(_ section: ReportSection) -> String {
        let header = section.header.enumerated().map { place, name in
            column(named: name, isFigure: section.figures.contains(place))
        }
        let rows = section.rows.map { row in
            let cells = row.enumerated().map { column, cell in
                "<td\(section.figures.contains(column) ? " class=\"n\"" : "")>\(html(cell))</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return set(header: header.joined(), rows: rows)
    }

    /// The head of a column; an empty one heads nothing.
    private static func column(named name: String, isFigure: Bool) -> String {
        if name.isEmpty { return "<td></td>" }
        return "<th scope=\"col\"\(isFigure ? " class=\"n\"" : "")>\(escaped(name))</th>"
    }

    private static func html(_ cell: ReportSection.Cell) -> String {
        switch cell {
        case .text(let text): return escaped(text)
        case .code(let names):
            return names.map { "<code>\(escaped($0))</code>" }.joined(separator: " → ")
        case .verdict(let verdict):
            let words = [verdict.symbol, verdict.rawValue].filter { $0 != " " }.joined(separator: " ")
            return "<span class=\"verdict \(verdict.rawValue.replacing(" ", with: "-"))\">\(words)</span>"
        }
    }

    private static func set(header: String, rows: [String]) -> String {
        "<div class=\"scroll\"><table><thead><tr>\(header)</tr></thead><tbody>\n\(rows.joined(separator: "\n"))\n"
            + "</tbody></table></div>"
    }

    private static func section(_ section: ReportSection) -> String {
        self.section(section.title, html(section))
    }

    private static func section(_ title: String, _ content: String) -> String {
        "<h2>\(escaped(title))</h2>\n\(content)"
    }

    private static func details(_ summary: String, _ content: String) -> String {
        "<details><summary>\(escaped(summary))</summary>\(content)</details>"
    }

    private static func list(_ items: [String]) -> String {
        "<ul>\(items.map { "<li>\(escaped($0))</li>" }.joined(separator: "\n"))</ul>"
    }

    private static func escaped(_ text: String) -> String { XMLText.escaped(text) }
}
