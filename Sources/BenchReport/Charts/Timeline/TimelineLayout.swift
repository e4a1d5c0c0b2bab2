import Measurements

extension TimelineChart {
    /// What the chart says.
    package var title: String {
        "When uploads completed" + (hasProbes ? ", and how long a probe waited" : "")
    }

    /// Which uploads these are, and what else was measured.
    package var subtitle: [String] { load + (hasProbes ? [probe].compactMap { $0 } : []) }

    /// What the chart shows, with its numbers, for those who can't see it.
    package var altText: String {
        let parts = panels.map { panel in
            let name = TextMeasure.middleTruncated(panel.name, to: 24)
            return ["\(name): \(Self.span(of: panel))", Self.waits(of: panel).map { "probe \($0)" }]
                .compactMap { $0 }.joined(separator: ", ")
        }
        return "Timeline of \(load.joined(separator: ", ")). \(parts.joined(separator: "; "))."
    }

    private var hasProbes: Bool { panels.contains { !$0.probes.isEmpty } }

    /// When the first and the last reply came.
    static func span(of panel: Panel) -> String {
        guard let first = panel.uploads.first, let last = panel.uploads.last else { return "no reply" }
        let (from, to) = NumberText.durations(first.time, last.time)
        return "\(panel.uploads.count) done from \(from) to \(to)"
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
        let grid = PanelGrid(
            axisWidth: 46,
            panelHeight: TimelinePanel.height(hasProbes: hasProbes),
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
            drawing.draw(labelsAxes: grid.isFirst(index), hasProbes: hasProbes, on: &canvas)
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
