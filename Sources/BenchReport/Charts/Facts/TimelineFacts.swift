import Measurements

extension ChartFacts {
    /// The timeline of the block whose baseline makespan is the lower median.
    func timeline() -> Availability<TimelineChart> {
        let block = typicalBlock
        guard !block.isEmpty else { return .missing("no complete round") }
        guard block.allSatisfy(\.hasSamples) else { return .missing("run.json has no samples") }
        let panels = block.map { round in
            TimelineChart.Panel(
                name: round.record.target,
                uploads: Self.marks(of: round),
                probes: round.record.probes.filter { $0.outcome == .ok }.map { probe in
                    .init(time: Self.seconds(probe.intended), wait: Self.seconds(probe.responseTime))
                },
                probeWait: Self.wait(in: round)
            )
        }
        let probe = document.plan.probe.map { probe in
            "probe: GET \(probe.path) every \(NumberText.limit(probe.intervalSeconds))"
        }
        return .drawn(TimelineChart(panels: panels, probe: probe, load: loadOfRound(block), frame: frame))
    }

    /// The most uploads that are drawn one by one; of more it is each so many-th, and all above the p99.
    private static let mostMarks = 20_000

    private static func marks(of round: RunDocument.Round) -> [TimelineChart.Mark] {
        let step = max(1, round.summary.uploads / mostMarks)
        let slow = round.summary.response?.value(.p99) ?? 0
        var marks: [TimelineChart.Mark] = []
        for (place, sample) in round.record.samples.enumerated() where sample.outcome == .ok {
            guard place.isMultiple(of: step) || sample.responseTime > slow else { continue }
            marks.append(.init(time: seconds(sample.done), wait: seconds(sample.responseTime)))
        }
        return marks
    }

    private static func wait(in round: RunDocument.Round) -> TimelineChart.ProbeWait? {
        guard let times = round.summary.probe?.times,
            let p50 = times.seconds(of: .percentile(.p50)), let p99 = times.seconds(of: .percentile(.p99))
        else { return nil }
        return TimelineChart.ProbeWait(p50: p50, p99: p99)
    }
}
