import Cairo
import Zlib

/// Writes a run's exports beside its document.
package struct RunExport {
    /// What can be written.
    package enum Format: String, Sendable, CaseIterable {
        case json, csv, png, svg, pdf, md, html, bench, hgrm, openmetrics, junit
    }

    /// What became of the exports.
    package struct Outcome: Sendable {
        /// The run with what the exports had to warn of.
        package var document: RunDocument
        /// The files of the folder, in the order they were written.
        package var written: WrittenFiles
        /// What belongs under Checks.
        package var checks: [String]
        /// The exports that could not be written; the others were.
        package var failures: [ReportError]
    }

    private let folder: ResultsFolder
    private let formats: Set<Format>
    private let digest: (_ path: String) -> String?

    /// Prepares to write into a folder.
    ///
    /// - Parameters:
    ///   - folder: The results folder.
    ///   - formats: What to write; the document is written whatever they say.
    ///   - digest: The SHA-256 of a file, in hexadecimal; nil if it can't be read.
    package init(
        to folder: ResultsFolder,
        formats: Set<Format>,
        digest: @escaping (_ path: String) -> String?
    ) {
        self.folder = folder
        self.formats = formats
        self.digest = digest
    }

    /// Writes a run's document and then its exports.
    ///
    /// - Parameters:
    ///   - document: The run.
    ///   - rescue: Where the document goes when the disk is full, such as "/tmp".
    /// - Returns: What was written.
    /// - Throws: ``ReportError`` when the document is not in its folder; nothing else is written then.
    package func write(_ document: RunDocument, rescue: String) throws(ReportError) -> Outcome {
        let document = warned(document)
        try folder.writeDocument(rescue: rescue) { output throws(ReportError) in
            try document.write(to: output)
        }
        return export(document)
    }

    /// Writes a document to another folder, to the byte as it was read, and then its exports.
    ///
    /// - Parameters:
    ///   - document: The run, as it was read.
    ///   - json: The bytes it was read from.
    ///   - rescue: Where the document goes when it can't be written to its place.
    /// - Returns: What was written.
    /// - Throws: ``ReportError`` when the document is not in its folder; nothing else is written then.
    package func copy(
        _ document: RunDocument,
        json: [UInt8],
        rescue: String
    ) throws(ReportError) -> Outcome {
        let document = warned(document)
        try folder.writeDocument(rescue: rescue) { output in output.append(json) }
        return export(document)
    }

    /// Writes the exports of a document that is in its folder already; identical files are left untouched.
    ///
    /// - Parameter document: The run, as it was read.
    /// - Returns: What was written.
    package func rewrite(_ document: RunDocument) -> Outcome {
        export(warned(document))
    }

    /// The run with the warning that its charts cannot be drawn, if they cannot.
    private func warned(_ document: RunDocument) -> RunDocument {
        guard !formats.isDisjoint(with: [.png, .pdf]), let warning = ChartSet.fontWarning(),
            !document.warnings.contains(where: { $0.code == warning.code })
        else { return document }
        var document = document
        document.warnings = (document.warnings + [warning]).sortedBySeverity
        return document
    }

    private func export(_ document: RunDocument) -> Outcome {
        var outcome = Outcome(
            document: document,
            written: WrittenFiles(folder: folder.path, names: ["run.json"]),
            checks: [],
            failures: []
        )
        if formats.contains(.csv) { writeTables(of: document, &outcome) }
        writeForOthers(document, &outcome)
        let (charts, drawn) = draw(document, &outcome)
        if formats.contains(.md) {
            let kept = drawn.filter { formats.contains(.svg) || !$0.path.hasSuffix(".svg") }
            let pictures = charts.compactMap { picture(of: $0, among: kept) }
            let report = MarkdownReport(of: document, pictures: pictures, checks: outcome.checks)
            write("report.md", &outcome) { Array(report.text.utf8) }
        }
        for file in drawn where formats.contains(.svg) || !file.path.hasSuffix(".svg") {
            write(file.path, &outcome) { file.bytes }
        }
        if formats.contains(.html) {
            let figures = charts.compactMap { figure(of: $0, among: drawn) }
            let report = HTMLReport(
                of: document,
                figures: figures,
                checks: outcome.checks,
                files: outcome.written.names
            )
            write("report.html", &outcome) { Array(report.text.utf8) }
        }
        return outcome
    }

    private func writeTables(of document: RunDocument, _ outcome: inout Outcome) {
        write("summary.csv", &outcome) { SummaryCSV.bytes(of: document) }
        write("rounds.csv", &outcome) { RoundsCSV.bytes(of: document) }
        if let requests = RequestsCSV(of: document) {
            stream("requests.csv.gz", &outcome) { output throws(ZlibError) in try requests.write(to: output) }
        }
        write("probes.csv.gz", &outcome) { () throws(ZlibError) in try ProbesCSV.packed(of: document) }
        write("loop-blocks.csv", &outcome) { LoopBlocksCSV.bytes(of: document) }
    }

    /// Writes what the tools of others read.
    private func writeForOthers(_ document: RunDocument, _ outcome: inout Outcome) {
        if formats.contains(.bench) {
            write("bench.txt", &outcome) { GoBenchmarkText.bytes(of: document) }
            write("hyperfine.json", &outcome) { HyperfineJSON.bytes(of: document) }
        }
        if formats.contains(.hgrm) {
            for file in PercentileText.files(of: document) { write(file.name, &outcome) { file.bytes } }
            write("run.hlog", &outcome) { () throws(ZlibError) in try HistogramLog.bytes(of: document) }
        }
        if formats.contains(.openmetrics) {
            write("metrics.prom", &outcome) { OpenMetricsText.bytes(of: document) }
        }
        if formats.contains(.junit) { write("junit.xml", &outcome) { JUnitXML.bytes(of: document) } }
    }

    /// Draws the charts, if any are asked for and there is a result to draw.
    private func draw(
        _ document: RunDocument,
        _ outcome: inout Outcome
    ) -> (charts: [any Chart], files: [ChartSet.File]) {
        var wanted = Set(formats.compactMap { ChartSet.Format(rawValue: $0.rawValue) })
        // report.html holds its charts as SVG.
        if formats.contains(.html) { wanted.insert(.svg) }
        guard !wanted.isEmpty, !document.results.isEmpty else { return ([], []) }
        let charts = ChartSet(of: document, digest: digest("\(folder.path)/run.json"))
        do {
            let rendering = try charts.render(wanted)
            outcome.checks += charts.checks + rendering.checks
            return (charts.charts, rendering.files)
        } catch {
            outcome.failures.append(
                .export(path: "\(folder.path)/charts", reason: error.message, folder: folder.path)
            )
            return ([], [])
        }
    }

    /// Writes one file, if there is content for it.
    private func write(
        _ name: String,
        _ outcome: inout Outcome,
        _ content: () throws(ZlibError) -> [UInt8]?
    ) {
        let bytes: [UInt8]?
        do throws(ZlibError) {
            bytes = try content()
        } catch {
            let path = "\(folder.path)/\(name)"
            outcome.failures.append(.export(path: path, reason: error.message, folder: folder.path))
            return
        }
        if let bytes { stream(name, &outcome) { output in output.append(bytes) } }
    }

    /// Writes one file piece by piece; one that can't be made or written is noted, and the next file follows.
    private func stream(
        _ name: String,
        _ outcome: inout Outcome,
        _ content: (FileOutput) throws(ZlibError) -> Void
    ) {
        do throws(ReportError) {
            try folder.writeExport(name) { output throws(ReportError) in
                do throws(ZlibError) {
                    try content(output)
                } catch {
                    throw .packing(error)
                }
            }
            outcome.written.names.append(name)
        } catch {
            outcome.failures.append(error)
        }
    }

    private func figure(of chart: any Chart, among files: [ChartSet.File]) -> HTMLReport.Figure? {
        let path = ChartSet.path(of: chart.name, scheme: nil)
        return files.first { $0.path == path }.map { file in
            HTMLReport.Figure(
                name: chart.name,
                title: chart.title,
                svg: String(decoding: file.bytes, as: UTF8.self)
            )
        }
    }

    private func picture(of chart: any Chart, among files: [ChartSet.File]) -> MarkdownReport.Picture? {
        let paths = Set(files.map(\.path))
        let light = ChartSet.path(of: chart.name, scheme: "light")
        let dark = ChartSet.path(of: chart.name, scheme: "dark")
        let vector = ChartSet.path(of: chart.name, scheme: nil)
        let isOpen = Self.open.contains(chart.name)
        if paths.contains(light) {
            return MarkdownReport.Picture(
                light: light,
                dark: paths.contains(dark) ? dark : nil,
                altText: chart.altText,
                isOpen: isOpen
            )
        }
        return paths.contains(vector)
            ? MarkdownReport.Picture(light: vector, dark: nil, altText: chart.altText, isOpen: isOpen) : nil
    }

    /// The charts that stand open in report.md: what changed, why, and how far it goes.
    private static let open: Set = ["summary", "waterfall", "sweep"]
}
