/// What the event loops of a target did during one round.
///
/// The sums are exact, whatever became of single blocks; only the longest blocks are kept one by one.
package struct LoopActivity: Sendable, Equatable {
    /// How many blocks a round keeps: enough for every chart, few enough for a document of many rounds.
    package static let mostKept = 2000

    /// From which length on a stretch without a turn of the loop is a block.
    package var threshold: Nanoseconds
    /// How many loops were watched.
    package var watched: Int
    /// How long they were blocked inside the round, added up, without the time they were not scheduled.
    package var blocked: Nanoseconds
    /// The longest block, without the time it was not scheduled.
    package var worst: Nanoseconds
    /// How many blocks there were.
    package var count: Int
    /// How long the loops were ready to run inside the round but had no processor, added up.
    package var notScheduled: Nanoseconds
    /// How many blocks are not among ``blocks``.
    package var truncated: Int
    /// The blocks, at most ``mostKept`` of the longest, in the order they began.
    package var blocks: [LoopBlockSample]
    /// Whether a debugger was attached to the server's process: its pauses look like blocks.
    package var isTraced: Bool

    /// Makes the record of a round from its sums.
    ///
    /// - Parameters:
    ///   - threshold: From which length on a stretch without a turn of the loop is a block.
    ///   - watched: How many loops were watched.
    ///   - blocked: How long they were blocked, added up.
    ///   - worst: The longest block.
    ///   - count: How many blocks there were.
    ///   - notScheduled: How long the loops were ready but had no processor, added up.
    ///   - truncated: How many blocks are not among `blocks`.
    ///   - blocks: The blocks that are kept, in the order they began.
    ///   - isTraced: Whether a debugger was attached to the server's process.
    package init(
        threshold: Nanoseconds,
        watched: Int,
        blocked: Nanoseconds,
        worst: Nanoseconds,
        count: Int,
        notScheduled: Nanoseconds,
        truncated: Int,
        blocks: [LoopBlockSample],
        isTraced: Bool = false
    ) {
        self.threshold = threshold
        self.watched = watched
        self.blocked = blocked
        self.worst = worst
        self.count = count
        self.notScheduled = notScheduled
        self.truncated = truncated
        self.blocks = blocks
        self.isTraced = isTraced
    }

    /// Makes the record of a round from all its blocks: adds them up and keeps the longest.
    ///
    /// - Parameters:
    ///   - threshold: From which length on a stretch without a turn of the loop is a block.
    ///   - watched: How many loops were watched.
    ///   - notScheduled: How long the loops were ready but had no processor, in blocks and outside them.
    ///   - all: Every block of the round, in any order.
    package init(threshold: Nanoseconds, watched: Int, notScheduled: Nanoseconds, all: [LoopBlockSample]) {
        let longest = all.sorted { ($1.blocked, $0.start, $0.loop) < ($0.blocked, $1.start, $1.loop) }
        self.init(
            threshold: threshold,
            watched: watched,
            blocked: all.reduce(0) { $0 + $1.blocked },
            worst: longest.first?.blocked ?? 0,
            count: all.count,
            notScheduled: notScheduled,
            truncated: max(0, all.count - Self.mostKept),
            blocks: longest.prefix(Self.mostKept).sorted { ($0.start, $0.loop) < ($1.start, $1.loop) }
        )
    }

    /// The share of a round that its loops were blocked.
    ///
    /// - Parameter makespan: How long the round lasted.
    /// - Returns: From 0 to 1.
    package func blockedShare(of makespan: Nanoseconds) -> Double {
        share(blocked, of: makespan)
    }

    /// The share of a round that its loops were ready to run but had no processor.
    ///
    /// - Parameter makespan: How long the round lasted.
    /// - Returns: From 0 to 1.
    package func notScheduledShare(of makespan: Nanoseconds) -> Double {
        share(notScheduled, of: makespan)
    }

    private func share(_ time: Nanoseconds, of makespan: Nanoseconds) -> Double {
        guard makespan > 0, watched > 0 else { return 0 }
        return min(1, Double(time) / (Double(makespan) * Double(watched)))
    }
}

/// One stretch in which an event loop could not take its next turn, as far as it lies inside its round.
package struct LoopBlockSample: Sendable, Equatable {
    /// The value of ``stack`` where no stack was taken.
    package static let noStack: Int32 = -1

    /// Which of the target's loops, from 0.
    package var loop: Int32
    /// When it began, from the round's go.
    package var start: Nanoseconds
    /// How long it lasted: computing, waiting and not scheduled together.
    package var duration: Nanoseconds
    /// How long the loop's thread computed; ``Sample/absent`` where the system doesn't tell.
    package var cpu: Nanoseconds
    /// How long it waited for something other than a processor; ``Sample/absent`` likewise.
    package var waiting: Nanoseconds
    /// How long it was ready but had no processor; ``Sample/absent`` likewise.
    package var notScheduled: Nanoseconds
    /// Its place in the run's table of places; ``noStack`` without one.
    package var stack: Int32

    /// What counts: the duration without the time that the thread had no processor.
    package var blocked: Nanoseconds { max(0, duration - max(0, notScheduled)) }

    /// Makes a block.
    ///
    /// - Parameters:
    ///   - loop: Which of the target's loops, from 0.
    ///   - start: When it began, from the round's go.
    ///   - duration: How long it lasted inside the round.
    ///   - cpu: How long the thread computed.
    ///   - waiting: How long it waited.
    ///   - notScheduled: How long it was ready but had no processor.
    ///   - stack: Its place in the run's table of places.
    package init(
        loop: Int32,
        start: Nanoseconds,
        duration: Nanoseconds,
        cpu: Nanoseconds,
        waiting: Nanoseconds,
        notScheduled: Nanoseconds,
        stack: Int32 = noStack
    ) {
        self.loop = loop
        self.start = start
        self.duration = duration
        self.cpu = cpu
        self.waiting = waiting
        self.notScheduled = notScheduled
        self.stack = stack
    }
}

/// Where a loop was blocked; each stack stands once in a run, and its blocks refer to it.
package struct BlockedPlace: Sendable, Hashable {
    /// The user's function to blame, such as "IngestHandler.swift:61 ingestBlocking"; nil where none is known.
    package var blame: String?
    /// The function that it called; nil where none is known.
    package var callee: String?
    /// The stack, innermost frame first, with paths relative to the package.
    package var frames: [String]

    /// Makes a place.
    ///
    /// - Parameters:
    ///   - blame: The user's function to blame.
    ///   - callee: The function that it called.
    ///   - frames: The stack, innermost frame first.
    package init(blame: String?, callee: String?, frames: [String]) {
        self.blame = blame
        self.callee = callee
        self.frames = frames
    }
}
