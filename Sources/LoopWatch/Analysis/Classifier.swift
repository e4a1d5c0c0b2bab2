/// Decides which busy intervals are blocks, and which of those are reported.
package struct Classifier: Sendable {
    /// What became of one interval.
    package struct Outcome: Sendable, Hashable {
        /// The blocks to report.
        package var blocks: [LoopBlock]
        /// How many blocks were left out by rule.
        package var ignored: Int

        package init(blocks: [LoopBlock] = [], ignored: Int = 0) {
            self.blocks = blocks
            self.ignored = ignored
        }
    }

    /// Which blocks are excused.
    package var ignoring: [IgnoreRule]
    /// Whose blocks count; `nil` for everyone's.
    package var caller: CallerContext?

    /// Makes a classifier.
    ///
    /// - Parameters:
    ///   - ignoring: Which blocks are excused.
    ///   - caller: Whose blocks count; `nil` for everyone's.
    package init(ignoring: [IgnoreRule] = [], onlyFrom caller: CallerContext? = nil) {
        self.ignoring = ignoring
        self.caller = caller
    }

    /// Whether an interval is a call that may block, or was blocked for as long as its threshold.
    ///
    /// - Parameter interval: The interval.
    /// - Returns: Whether its duration without the time not scheduled reaches the threshold.
    package static func isBlocked(_ interval: RecordedInterval) -> Bool {
        guard interval.kind != .blockingCall else { return true }
        let shares = AccountTimeline(interval).shares(from: .zero, to: interval.duration)
        return interval.duration - shares.notScheduled >= interval.threshold
    }

    /// Judges an interval.
    ///
    /// What LoopWatch itself did in it is left out, and must not be what made it reach its threshold.
    ///
    /// - Parameters:
    ///   - interval: The interval, clipped to the scope if there is one.
    ///   - firstID: The number of its first block.
    /// - Returns: What is reported of it; nothing if it was too short or the code wasn't at fault.
    package func judge(_ interval: RecordedInterval, firstID: Int) -> Outcome {
        guard Self.isBlocked(interval) else { return Outcome() }
        let all = Splitter.blocks(of: interval, firstID: firstID)
        let blocks = all.filter { !OwnWork.isAll(of: $0) }
        if blocks.count < all.count, interval.kind != .blockingCall {
            let blocked = blocks.reduce(Duration.zero) { $0 + $1.blocked }
            guard blocked >= interval.threshold else { return Outcome() }
        }
        let kept = blocks.filter { block in
            !IgnoreRule.excuse(ignoring, samples: block.samples)
                && (caller?.takesPart(in: block.samples) ?? true)
        }
        return Outcome(blocks: kept, ignored: blocks.count - kept.count)
    }
}
