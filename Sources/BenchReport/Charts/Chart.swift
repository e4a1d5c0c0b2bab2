/// A picture of a run: what it says, what it shows, and how it is laid out.
package protocol Chart: Sendable {
    /// The name that its files carry: `summary`.
    var name: String { get }
    /// What it says, in one sentence.
    var title: String { get }
    /// What it shows, with its numbers, for those who can't see it.
    var altText: String { get }

    /// Lays the chart out.
    ///
    /// - Parameter measure: How wide text is.
    /// - Returns: What to draw.
    func displayList(measure: TextMeasure) -> DisplayList
}

extension SummaryChart: Chart {
    package var name: String { "summary" }
}

extension WaterfallChart: Chart {
    package var name: String { "waterfall" }
}

extension TimelineChart: Chart {
    package var name: String { "timeline" }
}

extension PercentileChart: Chart {
    package var name: String { "percentiles" }
}

extension SweepChart: Chart {
    package var name: String { "sweep" }
}

extension ShiftChart: Chart {
    package var name: String { "shift" }
}
