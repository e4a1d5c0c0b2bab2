/// Tells LoopWatch's own work from what it watches: a scope that opens on a watched thread may take a while.
package enum OwnWork {
    /// The function of LoopWatch's that a thread was at work in.
    ///
    /// It is the innermost of the user's and LoopWatch's functions that decides: what the user's function was
    /// called from doesn't matter, nor do those of LoopWatch's that only run someone else's body.
    ///
    /// - Parameter frames: The frames, innermost first.
    /// - Returns: The innermost frame of LoopWatch's; nil if the thread did other work.
    package static func frame(in frames: [StackFrame]) -> StackFrame? {
        let decisive = frames.first { frame in
            frame.kind != .asyncCaller && (frame.isUserCode || frame.isOwn && !runsBody(frame))
        }
        return decisive.flatMap { $0.isUserCode ? nil : $0 }
    }

    /// Whether an interval's part is LoopWatch's own work.
    ///
    /// - Parameter block: The part.
    /// - Returns: Whether each of its stacks shows such work; never without stacks.
    package static func isAll(of block: LoopBlock) -> Bool {
        let samples = block.timelySamples
        return !samples.isEmpty && samples.allSatisfy { frame(in: $0.frames) != nil }
    }

    /// The functions that take a body, which is not LoopWatch's.
    private static func runsBody(_ frame: StackFrame) -> Bool {
        frame.function.map { name in ["withNo", "withWatchedJob"].contains { name.hasPrefix($0) } } ?? false
    }
}
