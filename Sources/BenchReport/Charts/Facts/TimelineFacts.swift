import Measurements

extension ChartFacts {
    /// The timeline of the block whose baseline makespan is the lower median.
    func timeline() -> Availability<TimelineChart> {
        let block = typicalBlock
        guard !block.isEmpty else { return .missing("no complete round") }
        guard block.allSatisfy(\.hasSamples) else { return .missing("run.json has no samples") }
        let panels = block.map { round -> TimelineChart.Panel in
            let replies = Self.replies(of: round)
            return TimelineChart.Panel(
                name: round.record.target,
                uploads: replies.marks,
                cells: replies.cells,
                completions: replies.times,
                probes: round.record.probes.filter { $0.outcome == .ok }.map { probe in
                    .init(time: Self.seconds(probe.intended), wait: Self.seconds(probe.responseTime))
                },
                probeWait: Self.wait(in: round),
                loops: loops(in: round)
            )
        }
        let probe = document.plan.probe.map { probe in
            "probe: GET \(probe.path) every \(NumberText.limit(probe.intervalSeconds))"
        }
        let thresholds = block.compactMap(\.record.loops?.threshold)
        return .drawn(
            TimelineChart(
                panels: panels,
                probe: probe,
                threshold: thresholds.max().map(Self.seconds),
                load: loadOfRound(block),
                frame: frame
            )
        )
    }

    /// The successful uploads of a round, as a picture needs them.
    private struct Replies {
        /// When each was done.
        var times: [Double] = []
        /// Those that are drawn one by one.
        var marks: [TimelineChart.Mark] = []
        /// The others.
        var cells: [TimelineChart.Cell] = []
    }

    /// The most uploads that are drawn one by one; of more it is those above the p99.
    private static let mostMarks = 20_000
    /// How many cells gather the others: about as many as pixels, across and down.
    private static let grid = (across: 800, down: 300)

    private static func replies(of round: RunDocument.Round) -> Replies {
        let isMany = round.summary.uploads > mostMarks
        let slow = round.summary.response?.value(.p99) ?? 0
        let (end, longest) = (Int(round.record.makespan) + 1, Int(round.summary.response?.maximum ?? 0) + 1)
        var places: [Int: Int] = [:]
        var replies = Replies()
        for sample in round.record.samples where sample.outcome == .ok {
            replies.times.append(seconds(sample.done))
            let mark = TimelineChart.Mark(time: seconds(sample.done), wait: seconds(sample.responseTime))
            guard isMany, sample.responseTime <= slow else {
                replies.marks.append(mark)
                continue
            }
            let column = Int(sample.done) * grid.across / end
            let key = Int(sample.responseTime) * grid.down / longest * grid.across + column
            if let place = places[key] {
                replies.cells[place].count += 1
            } else {
                places[key] = replies.cells.count
                replies.cells.append(.init(mark: mark, count: 1))
            }
        }
        return replies
    }

    private func loops(in round: RunDocument.Round) -> TimelineChart.Loops? {
        guard let loops = round.record.loops, let sums = round.summary.loops else { return nil }
        let longest = loops.blocks.max { $0.blocked < $1.blocked }
        // The longest part says most about the longest block.
        let place = longest.flatMap { block in
            document.stacks.indices.contains(Int(block.stack)) ? document.stacks[Int(block.stack)] : nil
        }
        return TimelineChart.Loops(
            blocks: Self.whole(loops.blocks),
            share: sums.blocked,
            worst: Self.seconds(sums.worst),
            blame: place?.blame
        )
    }

    /// The blocks that parts make up: what begins at a loop where the part before it ends goes on.
    private static func whole(_ parts: [LoopBlockSample]) -> [TimelineChart.Block] {
        var ends: [Int32: (place: Int, time: Nanoseconds)] = [:]
        return parts.sorted { $0.start < $1.start }.reduce(into: []) { blocks, part in
            let drawn = TimelineChart.Mark(time: seconds(part.start), wait: seconds(part.duration))
            if let last = ends[part.loop], last.time == part.start {
                blocks[last.place].wait += seconds(part.blocked)
                blocks[last.place].parts.append(drawn)
                ends[part.loop] = (last.place, part.start + part.duration)
            } else {
                ends[part.loop] = (blocks.count, part.start + part.duration)
                blocks.append(.init(wait: seconds(part.blocked), parts: [drawn]))
            }
        }
    }

    private static func wait(in round: RunDocument.Round) -> TimelineChart.ProbeWait? {
        guard let times = round.summary.probe?.times,
            let p50 = times.seconds(of: .percentile(.p50)), let p99 = times.seconds(of: .percentile(.p99))
        else { return nil }
        return TimelineChart.ProbeWait(p50: p50, p99: p99)
    }
}
