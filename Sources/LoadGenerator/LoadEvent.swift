package import Measurements

/// What a run tells while it goes on.
package enum LoadEvent: Sendable {
    /// A round is under way: sent at its begin, then ten times a second.
    case progress(RoundProgress)
    /// A round is over. Should its block be repeated, the same round comes again with a higher attempt.
    case roundFinished(RoundRecord)
    /// A block was disturbed from outside and is measured again.
    case blockRepeated(index: Int, reasons: [String])
}

/// Which round of the run this is.
package struct RoundPlace: Sendable, Equatable {
    /// The target's name.
    package var target: String
    /// Its block, from 0; warm-up blocks count by themselves.
    package var block: Int
    /// Whether it is recorded but never counted.
    package var isWarmup: Bool
    /// Its place within its block, from 0.
    package var order: Int
    /// How many uploads may be in flight, or at which rate they arrive.
    package var load: Load
    /// Rounds of the run that are over, warm-ups included.
    package var roundsDone: Int
    /// Rounds of the whole run, warm-ups included, repeats not.
    package var roundsTotal: Int

    /// Names a round.
    ///
    /// - Parameters:
    ///   - target: The target's name.
    ///   - block: Its block, from 0.
    ///   - isWarmup: Whether it is recorded but never counted.
    ///   - order: Its place within its block, from 0.
    ///   - load: How many uploads may be in flight, or at which rate they arrive.
    ///   - roundsDone: Rounds of the run that are over.
    ///   - roundsTotal: Rounds of the whole run.
    package init(
        target: String,
        block: Int,
        isWarmup: Bool,
        order: Int,
        load: Load,
        roundsDone: Int,
        roundsTotal: Int
    ) {
        self.target = target
        self.block = block
        self.isWarmup = isWarmup
        self.order = order
        self.load = load
        self.roundsDone = roundsDone
        self.roundsTotal = roundsTotal
    }
}

/// How far a round has come.
package struct RoundProgress: Sendable, Equatable {
    /// What the round is doing.
    package enum Phase: Sendable, Equatable {
        /// A shard waits for the time at which all of them begin, for this long.
        case waiting(Nanoseconds)
        /// Connections are being opened before go; nothing counts yet.
        case connecting
        /// Uploads are under way.
        case uploading
    }

    package var place: RoundPlace
    package var phase: Phase
    /// Uploads that have ended, or connections that stand.
    package var done: Int
    /// Uploads, or connections, of the round; nil where a time bounds it.
    package var total: Int?
    /// The time for which completions count; nil counts them all.
    package var window: Nanoseconds?
    /// Uploads that succeeded.
    package var ok: Int
    /// Uploads that failed.
    package var errors: Int
    /// Time since go.
    package var elapsed: Nanoseconds
    /// The longest response time so far; nil before the first success.
    package var maximum: Nanoseconds?
    /// The p99 of the response times so far, within 0.1 %; nil below 100 of them.
    package var p99: Nanoseconds?
}

extension RoundProgress {
    /// Says that a round waits for its time.
    ///
    /// - Parameters:
    ///   - time: For how long.
    ///   - place: Which round it is.
    package init(waiting time: Nanoseconds, _ place: RoundPlace) {
        self.init(place, .waiting(time))
    }

    /// Begins to say how far a round is: nothing has ended, and no time has passed.
    ///
    /// - Parameters:
    ///   - place: Which round it is.
    ///   - phase: What it is doing.
    package init(_ place: RoundPlace, _ phase: Phase) {
        self.init(place: place, phase: phase, done: 0, ok: 0, errors: 0, elapsed: 0)
    }
}

/// What a run asks of whoever starts it.
package struct LoadHooks: Sendable {
    /// Called between rounds with nothing in flight; the run waits for it.
    package var betweenRounds: @Sendable () async -> Void
    /// How many body bytes the server has received for a target so far; nil where no one counts.
    package var serverReceivedBytes: @Sendable (_ target: String) -> UInt64?
    /// What blocked the server's event loops between two moments of the monotonic clock; nil where no one looks.
    package var loopActivity: @Sendable (_ go: Nanoseconds, _ end: Nanoseconds) async -> LoopActivity?
    /// Where the uploads are kept.
    package var samples: any SampleStore
    /// Reads the machine's counters.
    var readMachine: @Sendable () -> MachineSnapshot = MachineSnapshot.take

    /// Makes hooks.
    ///
    /// - Parameters:
    ///   - betweenRounds: Called between rounds with nothing in flight.
    ///   - serverReceivedBytes: How many body bytes the server has received for a target so far.
    ///   - loopActivity: What blocked the server's event loops between two moments.
    ///   - samples: Where the uploads are kept.
    package init(
        betweenRounds: @escaping @Sendable () async -> Void = {},
        serverReceivedBytes: @escaping @Sendable (_ target: String) -> UInt64? = { _ in nil },
        loopActivity: @escaping @Sendable (_ go: Nanoseconds, _ end: Nanoseconds) async -> LoopActivity? = {
            _,
            _ in nil
        },
        samples: any SampleStore = MemorySampleStore()
    ) {
        self.betweenRounds = betweenRounds
        self.serverReceivedBytes = serverReceivedBytes
        self.loopActivity = loopActivity
        self.samples = samples
    }
}

/// What a run has measured, whole or not.
package struct LoadResult: Sendable {
    /// The rounds in the order they ran, warm-ups first; the last block lacks some if the run ended early.
    package var rounds: [RoundRecord]
    /// Each kind of failure, with the first answer it got.
    package var failures: [FailureKind]
    /// Whether the whole run can be trusted.
    package var validity: Validity
    /// Whether it was cancelled.
    package var isInterrupted: Bool
    /// What ended it early, but for a cancellation.
    package var failure: LoadError?
    /// When uploads could no longer be kept; nil if all were.
    package var sampleLoss: SampleLoss?
    /// How fast each target answered the probe before any upload, by its name.
    package var baselines: [String: ProbeBaseline]
    /// The numeric address that each target's host stood for, by the target's name.
    package var addresses: [String: String]
    /// libcurl's version.
    package var curlVersion: String
}

/// From when on uploads could not be kept one by one; they are counted all the same.
package struct SampleLoss: Sendable, Equatable {
    /// Such as "results/x: no space left".
    package var message: String
    /// The wall time of the first loss.
    package var since: Timestamp
}
