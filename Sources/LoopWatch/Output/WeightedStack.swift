/// A stack and the blocked time that it stands for.
package struct WeightedStack: Sendable, Hashable {
    /// The thread that it is of.
    package let thread: String
    /// The frames, innermost first; empty for a block without samples.
    package let frames: [StackFrame]
    /// The blocked time.
    package let nanoseconds: Int64

    /// Shares the blocked time of blocks out among their samples.
    ///
    /// A sample stands for the time nearer to it than to its neighbours; the shares of a block add up to what
    /// it blocked. A call inside another block has no time of its own.
    ///
    /// - Parameter blocks: The blocks.
    /// - Returns: A stack for each sample, in order; one without frames for a block that has none.
    package static func stacks(of blocks: [LoopBlock]) -> [WeightedStack] {
        blocks.ofTheirOwnTime.flatMap { block in
            let blocked = block.blocked.wholeNanoseconds
            let samples = block.timelySamples
            guard !samples.isEmpty, block.duration > .zero else {
                return [WeightedStack(thread: block.thread, frames: [], nanoseconds: blocked)]
            }
            let edges = edges(samples, of: block)
            return samples.indices.map { index in
                WeightedStack(
                    thread: block.thread,
                    frames: samples[index].frames,
                    nanoseconds: edges[index + 1] - edges[index]
                )
            }
        }
    }

    /// Where the shares begin and end, on a scale from zero to what the block blocked.
    private static func edges(_ samples: [StackSample], of block: LoopBlock) -> [Int64] {
        let (blocked, duration) = (block.blocked.wholeNanoseconds, block.duration.wholeNanoseconds)
        guard let first = samples.first, let last = samples.last, samples.count > 1 else {
            return [0, blocked]
        }
        let span = (last.offset - first.offset).wholeNanoseconds
        // Samples count from the start of the interval, which is the block's for the first part alone. Where a
        // later part began is known to half a step, so its samples are put in its middle.
        let margin = block.part == 1 ? first.offset.wholeNanoseconds : max(0, duration - span) / 2
        let middles = zip(samples, samples.dropFirst()).map { before, after in
            let middle = ((before.offset - first.offset) + (after.offset - first.offset)).wholeNanoseconds / 2
            let position = min(max(0, middle + margin), duration)
            return duration.dividingFullWidth(position.multipliedFullWidth(by: blocked)).quotient
        }
        return [0] + middles + [blocked]
    }
}
