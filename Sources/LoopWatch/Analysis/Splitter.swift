/// Divides a busy interval into stretches with one cause each.
package enum Splitter {
    /// One stretch.
    private struct Stretch {
        var blame: Blame
        var samples: [RecordedSample]
        var start: Duration
    }

    /// Divides an interval.
    ///
    /// Where two neighbouring samples have different causes the boundary is midway between them. The durations
    /// of the blocks add up to the interval's, and those of each block's split to the block's.
    ///
    /// - Parameters:
    ///   - interval: The interval.
    ///   - firstID: The number of the first block; the others follow.
    /// - Returns: The blocks, at least one.
    package static func blocks(of interval: RecordedInterval, firstID: Int) -> [LoopBlock] {
        let timeline = AccountTimeline(interval)
        let duration = interval.duration
        let (inside, late) = divided(interval)
        let stretches = stretches(of: inside, duration: duration)
        return stretches.indices.map { index in
            let stretch = stretches[index]
            let isLast = index == stretches.count - 1
            let end = isLast ? duration : stretches[index + 1].start
            let shares = timeline.shares(from: stretch.start, to: end)
            let verdict = verdict(of: shares, split: timeline.split)
            let samples = stretch.samples.map { stackSample($0, isLate: false) }
            return LoopBlock(
                id: firstID + index,
                interval: interval.number,
                part: index + 1,
                parts: stretches.count,
                kind: interval.kind,
                thread: interval.thread,
                threadID: interval.threadID,
                start: interval.start + stretch.start,
                startUnixNanoseconds: interval.startUnixNanoseconds + stretch.start.wholeNanoseconds,
                threshold: interval.threshold,
                duration: end - stretch.start,
                cpu: shares.cpu,
                waiting: shares.waiting,
                notScheduled: shares.notScheduled,
                split: timeline.split,
                verdict: verdict,
                method: interval.method,
                call: interval.call
                    ?? (verdict == .waiting && timeline.split != .unknown ? call(in: stretch.samples) : nil),
                calls: interval.calls,
                task: interval.task,
                isOngoing: interval.isOngoing && isLast,
                note: interval.note ?? note(inside: inside, late: late),
                blame: commonBlame(of: stretch).frame,
                callee: commonBlame(of: stretch).callee,
                samples: samples + (isLast ? late.map { stackSample($0, isLate: true) } : [])
            )
        }
    }

    /// What a stretch was spent on, by the 80 % rule.
    ///
    /// - Parameters:
    ///   - shares: The stretch's shares.
    ///   - split: How much of them is known.
    /// - Returns: The verdict.
    package static func verdict(of shares: TimeShares, split: TimeSplit) -> LoopBlock.Verdict {
        let blocked = shares.cpu + shares.waiting
        guard split != .unknown, blocked > .zero else { return .mixed }
        if shares.waiting * 5 >= blocked * 4 { return .waiting }
        if shares.cpu * 5 >= blocked * 4 { return .computing }
        return .mixed
    }

    private static func divided(_ interval: RecordedInterval) -> ([RecordedSample], [RecordedSample]) {
        let samples = interval.samples.sorted { $0.offset < $1.offset }
        let isInside = { (sample: RecordedSample) in sample.isOfInterval && sample.offset <= interval.duration
        }
        return (samples.filter(isInside), samples.filter { !isInside($0) })
    }

    private static func stretches(of samples: [RecordedSample], duration: Duration) -> [Stretch] {
        var stretches: [Stretch] = []
        for sample in samples {
            let blame = Blame(ProbeFrames.removed(from: sample.frames))
            if let last = stretches.last?.samples.last, let index = stretches.indices.last {
                if stretches[index].blame.key == blame.key {
                    stretches[index].samples.append(sample)
                } else {
                    let middle = (last.offset.wholeNanoseconds + sample.offset.wholeNanoseconds) / 2
                    stretches.append(
                        Stretch(blame: blame, samples: [sample], start: .nanoseconds(max(0, middle)))
                    )
                }
            } else {
                stretches.append(Stretch(blame: blame, samples: [sample], start: .zero))
            }
        }
        return stretches.isEmpty ? [Stretch(blame: Blame([]), samples: [], start: .zero)] : stretches
    }

    /// The blame that most samples of a stretch have: their lines can differ.
    private static func commonBlame(of stretch: Stretch) -> Blame {
        let blames = stretch.samples.map { Blame(ProbeFrames.removed(from: $0.frames)) }
        let counts = Dictionary(blames.map { ($0.frame?.line, 1) }, uniquingKeysWith: +)
        let most = counts.values.max()
        return blames.first { counts[$0.frame?.line] == most } ?? stretch.blame
    }

    private static func call(in samples: [RecordedSample]) -> String? {
        let calls = samples.compactMap { ProbeFrames.call(in: $0.frames) }
        let counts = Dictionary(calls.map { ($0, 1) }, uniquingKeysWith: +)
        let most = counts.values.max()
        return calls.first { counts[$0] == most }
    }

    private static func note(inside: [RecordedSample], late: [RecordedSample]) -> String? {
        guard inside.isEmpty else { return nil }
        return late.isEmpty ? "no stack was taken" : "no stack: the sample came after the end"
    }

    private static func stackSample(_ sample: RecordedSample, isLate: Bool) -> StackSample {
        StackSample(
            offset: sample.offset,
            frames: ProbeFrames.removed(from: sample.frames),
            isLate: isLate
        )
    }
}
