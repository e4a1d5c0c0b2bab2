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
                uploads: round.record.samples.filter { $0.outcome == .ok }.map { sample in
                    .init(time: Self.seconds(sample.done), wait: Self.seconds(sample.responseTime))
                },
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

    private static func wait(in round: RunDocument.Round) -> TimelineChart.ProbeWait? {
        guard let times = round.summary.probe?.times,
            let p50 = times.seconds(of: .percentile(.p50)), let p99 = times.seconds(of: .percentile(.p99))
        else { return nil }
        return TimelineChart.ProbeWait(p50: p50, p99: p99)
    }
}
