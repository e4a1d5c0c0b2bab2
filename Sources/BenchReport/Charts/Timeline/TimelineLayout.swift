import Measurements

extension TimelineChart {
    /// What the chart says.
    package var title: String {
        guard hasLoops else {
            return "When uploads completed" + (hasProbes ? ", and how long a probe waited" : "")
        }
        let shares = panels.compactMap { panel in
            panel.loops.map { "\(Self.short(panel)) \(Self.share(of: $0))" }
        }
        return "Event loop blocked in this round: \(shares.joined(separator: ", "))"
    }

    /// Which uploads these are, and what else was measured.
    package var subtitle: [String] {
        let blocks = threshold.map { "shaded: loop blocked ≥ \(NumberText.limit($0))" }
        let density =
            panels.contains { !$0.cells.isEmpty } ? ["darker: more uploads", "dots: above p99"] : []
        return load + density + (hasLoops ? [blocks].compactMap { $0 } : [])
            + (hasProbes ? [probe].compactMap { $0 } : [])
    }

    /// What the chart shows, with its numbers, for those who can't see it.
    package var altText: String {
        let parts = panels.map { panel in
            let loops = panel.loops.map { "event loop \(Self.figures(of: $0))" }
            let waits = Self.waits(of: panel).map { "probe \($0)" }
            return ["\(Self.short(panel)): \(Self.span(of: panel))", loops, waits]
                .compactMap { $0 }.joined(separator: ", ")
        }
        return "Timeline of \(load.joined(separator: ", ")). \(parts.joined(separator: "; "))."
    }

    private var hasProbes: Bool { panels.contains { !$0.probes.isEmpty } }
    private var hasLoops: Bool { panels.contains { $0.loops != nil } }

    private static func short(_ panel: Panel) -> String {
        TextMeasure.shortName(panel.name)
    }

    private static func share(of loops: Loops) -> String {
        loops.share == 0 ? "0 %" : NumberText.rounded(loops.share)
    }

    /// How much of the round the loops were blocked, and for how long at the most.
    static func figures(of loops: Loops) -> String {
        let share = "blocked \(share(of: loops))"
        return loops.worst > 0 ? "\(share) · worst \(DurationFormat.text(seconds: loops.worst))" : share
    }

    /// When the first and the last reply came.
    static func span(of panel: Panel) -> String {
        guard let first = panel.completions.first, let last = panel.completions.last else {
            return "no reply"
        }
        let (from, to) = NumberText.durations(first, last)
        return "\(panel.completions.count) done from \(from) to \(to)"
    }

    /// When the last reply came, where there is no room for more.
    static func end(of panel: Panel) -> String {
        panel.completions.last.map { "done at \(DurationFormat.text(seconds: $0))" } ?? "no reply"
    }

    /// What the probe waited.
    static func waits(of panel: Panel) -> String? {
        panel.probeWait.map { wait in
            "p50 \(DurationFormat.text(seconds: wait.p50)) · p99 \(DurationFormat.text(seconds: wait.p99))"
        }
    }

    /// Lays the chart out.
    ///
    /// - Parameter measure: How wide text is.
    /// - Returns: What to draw.
    package func displayList(measure: TextMeasure) -> DisplayList {
        var canvas = ChartCanvas(measure: measure)
        let top = frame.drawHeading(title: title, subtitle: subtitle, on: &canvas) + 16
        let scales = TimelinePanel.Scales(of: panels)
        // A line of panels has room for what one of them shows.
        let rows = (0..<PanelGrid.lines(of: panels.count)).map { line in
            TimelinePanel.Rows(of: panels[(2 * line)..<min(panels.count, 2 * line + 2)])
        }
        let grid = PanelGrid(
            axisWidth: TimeScale.axisWidth(
                of: [scales.response, scales.block, scales.wait],
                least: 46,
                on: canvas
            ),
            lineHeights: rows.map(TimelinePanel.height),
            top: top,
            count: panels.count
        )
        for (index, panel) in panels.enumerated() {
            let drawing = TimelinePanel(
                panel: panel,
                target: index,
                scales: scales,
                frame: grid.frame(of: index)
            )
            drawing.draw(rows[index / 2], labelsAxes: grid.isFirst(index), on: &canvas)
        }
        let height = frame.drawFooter(top: grid.bottom + 14, on: &canvas)
        return DisplayList(
            name: "timeline",
            title: title,
            altText: altText,
            width: ChartCanvas.width,
            height: height.rounded(.up),
            items: canvas.items
        )
    }
}
