package import Cairo

/// The charts of a run and their files.
package struct ChartSet: Sendable {
    /// What a chart can be written as.
    package enum Format: String, Sendable, CaseIterable {
        case png, svg, pdf
    }

    /// One file of a chart.
    package struct File: Sendable, Equatable {
        /// The path in the results folder: `charts/summary-light.png`.
        package let path: String
        package let bytes: [UInt8]
    }

    /// The files, and what kept some from being drawn.
    package struct Rendering: Sendable, Equatable {
        package let files: [File]
        /// `no_font`, if PNG was wanted and no font was found.
        package let warnings: [ReportWarning]
        /// What belongs under Checks: another font that stands in for the usual one.
        package let checks: [String]
    }

    /// The version of the cairo that draws.
    package static let cairoVersion = CairoVersion.text

    /// The charts that the run has data for, in order of importance.
    package let charts: [any Chart]
    /// Why a chart is missing: `waterfall not drawn: run.json has no samples`.
    package let checks: [String]
    private let origin: ChartOrigin

    /// Chooses the charts of a run.
    ///
    /// - Parameters:
    ///   - document: The run.
    ///   - digest: The SHA-256 of its run.json, in hex, for the files to name; nil if unknown.
    package init(of document: RunDocument, digest: String?) {
        let facts = ChartFacts(of: document)
        var charts: [any Chart] = []
        var checks: [String] = []
        func add(_ name: String, _ chart: ChartFacts.Availability<some Chart>) {
            switch chart {
            case .drawn(let chart): charts.append(chart)
            case .missing(let reason): checks.append("\(name) not drawn: \(reason)")
            case .notApplicable: break
            }
        }
        add("summary", facts.summary())
        let waterfall = facts.waterfall()
        add("waterfall", waterfall)
        if case .drawn(let chart) = waterfall, chart.stages == .client {
            checks.append("waterfall without stages: run.json has no stage times")
        }
        add("percentiles", facts.percentiles())
        add("shift", facts.shift())
        add("timeline", facts.timeline())
        add("sweep", facts.sweep())
        self.charts = charts
        self.checks = checks
        origin = ChartOrigin(
            software: "\(document.tool.name) \(document.tool.version)",
            command: document.plan.command,
            digest: digest,
            // Cairo reads no fractions.
            date: document.started.iso8601.prefix(19) + "Z"
        )
    }

    /// Where a chart's file lies in the results folder.
    ///
    /// - Parameters:
    ///   - name: The chart's name.
    ///   - scheme: The colour scheme of a PNG, `light` or `dark`; nil for the SVG, which holds both.
    /// - Returns: The path.
    package static func path(of name: String, scheme: String?) -> String {
        scheme.map { "charts/\(name)-\($0).png" } ?? "charts/\(name).svg"
    }

    /// Tells before a run whether its charts could be drawn as PNG.
    ///
    /// - Returns: The warning `no_font`; nil if all is well.
    package static func fontWarning() -> ReportWarning? {
        do {
            _ = try ChartFonts()
            return nil
        } catch {
            return warning(of: error)
        }
    }

    /// Draws all charts; without fonts the SVG files alone.
    ///
    /// - Parameter formats: Which files to make.
    /// - Returns: The files: the same bytes for the same run, version and font.
    /// - Throws: ``CairoError`` if cairo fails for another reason than fonts.
    package func render(_ formats: Set<Format>) throws(CairoError) -> Rendering {
        var warnings: [ReportWarning] = []
        var checks: [String] = []
        var hasFonts = true
        do {
            let found = try ChartFonts()
            if found.familyFound != ChartFonts.family {
                checks.append("charts are set in \(found.familyFound), not in \(ChartFonts.family)")
            }
        } catch {
            guard case .noFont = error else { throw error }
            if !formats.isDisjoint(with: [.png, .pdf]) { warnings.append(Self.warning(of: error)) }
            hasFonts = false
        }
        let files = try drawn(formats, hasFonts: hasFonts).flatMap { $0 }
        return Rendering(files: files, warnings: warnings, checks: checks)
    }

    /// Draws the charts side by side, a thread each; the files of each in the order of the charts.
    private func drawn(_ formats: Set<Format>, hasFonts: Bool) throws(CairoError) -> [[File]] {
        try charts.concurrentMap { chart throws(CairoError) in
            // Fonts belong to the thread that made them.
            let fonts = hasFonts ? try ChartFonts() : nil
            let list = chart.displayList(measure: fonts?.measure ?? .fixedWidth)
            return try Self.files(of: list, formats: formats, fonts: fonts, origin: origin)
        }
    }

    /// Makes the files of one chart.
    ///
    /// - Parameters:
    ///   - list: The chart.
    ///   - formats: Which files to make.
    ///   - fonts: This thread's fonts; without them the SVG alone.
    ///   - origin: What the files say of themselves.
    /// - Returns: The files.
    /// - Throws: ``CairoError`` if cairo fails.
    static func files(
        of list: DisplayList,
        formats: Set<Format>,
        fonts: ChartFonts?,
        origin: ChartOrigin
    ) throws(CairoError) -> [File] {
        var files: [File] = []
        if formats.contains(.png), let fonts {
            for palette in [Palette.light, .dark] {
                let bytes = try ChartPNG(fonts: fonts).encode(list, palette: palette, origin: origin)
                files.append(File(path: path(of: list.name, scheme: palette.name), bytes: bytes))
            }
        }
        if formats.contains(.pdf), let fonts {
            let bytes = try ChartPDF(fonts: fonts).encode(list, origin: origin)
            files.append(File(path: "charts/\(list.name).pdf", bytes: bytes))
        }
        if formats.contains(.svg) {
            let text = ChartSVG.encode(list)
            files.append(File(path: path(of: list.name, scheme: nil), bytes: Array(text.utf8)))
        }
        return files
    }

    private static func warning(of error: CairoError) -> ReportWarning {
        ReportWarning(.noFont, text: error.message + (error.hint.map { "; \($0)" } ?? ""))
    }
}
