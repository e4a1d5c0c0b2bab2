import Measurements

extension ChartFacts {
    /// The stages drawn, by their names in `Server-Timing`, and what the chart calls them.
    private static let stages = [("pdf", "PDF work"), ("store", "storage")]

    /// The most uploads of a round that rows can stand for.
    private static let mostRows = 200_000

    /// The waterfall of the block whose baseline makespan is the lower median.
    func waterfall() -> Availability<WaterfallChart> {
        guard document.plan.durationSeconds == nil, document.plan.mode != .open else { return .notApplicable }
        let block = typicalBlock
        guard !block.isEmpty else { return .missing("no complete round") }
        guard block.allSatisfy(\.hasSamples) else { return .missing("run.json has no samples") }
        let most = block.map(\.summary.uploads).max() ?? 0
        guard most <= Self.mostRows else { return .missing("\(most) uploads are too many for rows") }
        let names = Set(block.flatMap { StageTiming.names(in: $0.record.samples) })
        let isServed = Self.stages.contains { names.contains($0.0) }
        let panels = block.map { round in
            WaterfallChart.Panel(
                name: round.record.target,
                rows: round.record.samples.compactMap { Self.row(of: $0, isServed: isServed) }
            )
        }
        return .drawn(
            WaterfallChart(
                panels: panels,
                stages: isServed ? .server(Self.stages.map(\.1)) : .client,
                load: loadOfRound(block),
                frame: frame
            )
        )
    }

    /// One round of each target drawn, in their order: the block whose baseline makespan is the lower median.
    var typicalBlock: [RunDocument.Round] {
        let counted = document.countedRounds(at: load)
        let baselines = counted.filter { $0.record.target == targets.first?.name }
            .sorted { ($0.record.makespan, $0.record.index) < ($1.record.makespan, $1.record.index) }
        guard !baselines.isEmpty else { return [] }
        let index = baselines[(baselines.count - 1) / 2].record.index
        return targets.compactMap { target in
            counted.first { $0.record.index == index && $0.record.target == target.name }
        }
    }

    /// Which uploads a chart of one block shows.
    func loadOfRound(_ block: [RunDocument.Round]) -> [String] {
        let count = Self.uploads(block.map(\.summary.uploads).max() ?? 0)
        let manner =
            document.plan.mode == .burst && count == Self.uploads(load.concurrency)
            ? "\(count) sent at t = 0" : "\(count), \(load.name)"
        guard document.plan.durationSeconds == nil, document.plan.mode != .open else {
            return [loadWords, "round \((block.first?.record.index ?? 0) + 1) of \(document.plan.rounds)"]
        }
        return [manner, "round \((block.first?.record.index ?? 0) + 1) of \(document.plan.rounds)"]
    }

    /// An upload as a row; nil if it never began.
    private static func row(of sample: Sample, isServed: Bool) -> WaterfallChart.Row? {
        guard sample.done != Sample.absent else { return nil }
        return WaterfallChart.Row(
            sent: sample.sent == Sample.absent ? nil : seconds(sample.sent),
            done: seconds(sample.done),
            work: isServed ? served(sample) : received(sample),
            isOK: sample.outcome == .ok
        )
    }

    private static func served(_ sample: Sample) -> [WaterfallChart.Work] {
        sample.stages.compactMap { timing in
            guard let stage = stages.firstIndex(where: { $0.0 == timing.name }) else { return nil }
            // Clocks of two machines may disagree; nothing is done for an upload beyond its end.
            let start = min(max(0, timing.start), sample.done)
            let end = min(max(start, timing.start + timing.duration), sample.done)
            return WaterfallChart.Work(stage: stage, start: seconds(start), end: seconds(end))
        }
    }

    private static func received(_ sample: Sample) -> [WaterfallChart.Work] {
        guard sample.firstByte != Sample.absent else { return [] }
        return [WaterfallChart.Work(stage: 0, start: seconds(sample.firstByte), end: seconds(sample.done))]
    }

    /// A time of a sample in seconds.
    static func seconds(_ time: Nanoseconds) -> Double {
        Double(time) / 1e9
    }
}
