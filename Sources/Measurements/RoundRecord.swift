/// One round: all uploads of one target, once, with what was watched meanwhile.
///
/// The load generator makes it, the report reads it; the round is the unit of replication.
package struct RoundRecord: Sendable, Equatable {
    /// The block this round belongs to, from 0; warm-up blocks count by themselves.
    package var index: Int
    /// Whether it is recorded but never counted.
    package var isWarmup: Bool
    /// Its place within its block, from 0.
    package var order: Int
    /// The target's name.
    package var target: String
    /// How many uploads were allowed in flight, or at which rate they arrived.
    package var load: Load
    /// The wall time of go.
    package var started: Timestamp
    /// From go to the last reply.
    package var makespan: Nanoseconds
    /// The uploads, in the order of the schedule; empty if they could not be kept.
    package var samples: SampleSequence
    /// What the uploads add up to, if that was worked out already.
    package var summary: RoundSummary?
    /// The probe's requests; empty without a probe.
    package var probes: [ProbeSample]
    /// How the burst began; nil when the load was no burst.
    package var burst: BurstFacts?
    /// What the generator itself used.
    package var client: ClientHealth
    /// What the machine did meanwhile.
    package var host: HostHealth
    /// Whether the round can be trusted.
    package var validity: Validity
    /// Which attempt at its block it is from, from 1: blocks that the machine disturbed are repeated.
    package var attempt: Int
    /// Why earlier attempts were discarded, one reason each.
    package var discarded: [String]
    /// What the target's event loops did; nil where nobody watched them.
    package var loops: LoopActivity?
    /// The time from go for which completions count; nil where a number of uploads bounds the round.
    package var window: Nanoseconds?

    /// Makes a round.
    ///
    /// - Parameters:
    ///   - index: The block, from 0.
    ///   - isWarmup: Whether it is recorded but never counted.
    ///   - order: Its place within its block, from 0.
    ///   - target: The target's name.
    ///   - load: How many uploads were allowed in flight, or at which rate they arrived.
    ///   - started: The wall time of go.
    ///   - makespan: From go to the last reply.
    ///   - samples: The uploads.
    ///   - probes: The probe's requests.
    ///   - burst: How the burst began.
    ///   - client: What the generator itself used.
    ///   - host: What the machine did meanwhile.
    ///   - validity: Whether the round can be trusted.
    ///   - attempt: Which attempt at its block it is from, from 1.
    ///   - discarded: Why earlier attempts were discarded.
    ///   - loops: What the target's event loops did.
    ///   - window: The time from go for which completions count.
    package init(
        index: Int,
        isWarmup: Bool,
        order: Int,
        target: String,
        load: Load,
        started: Timestamp,
        makespan: Nanoseconds,
        samples: SampleSequence,
        probes: [ProbeSample],
        burst: BurstFacts?,
        client: ClientHealth,
        host: HostHealth,
        validity: Validity,
        attempt: Int = 1,
        discarded: [String] = [],
        loops: LoopActivity? = nil,
        window: Nanoseconds? = nil
    ) {
        self.index = index
        self.isWarmup = isWarmup
        self.order = order
        self.target = target
        self.load = load
        self.started = started
        self.makespan = makespan
        self.samples = samples
        self.probes = probes
        self.burst = burst
        self.client = client
        self.host = host
        self.validity = validity
        self.attempt = attempt
        self.discarded = discarded
        self.loops = loops
        self.window = window
    }

    /// Which block a round belongs to: in a sweep each load has its own.
    package struct Block: Sendable, Hashable {
        /// From 0; warm-up blocks count by themselves.
        package let index: Int
        package let load: Load
    }

    /// The block it belongs to.
    package var block: Block { Block(index: index, load: load) }
}

/// A wall time, for stamping records; durations never come from it.
package struct Timestamp: Sendable, Hashable, Comparable, Codable {
    /// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package var nanosecondsSince1970: Int64

    /// Makes a wall time.
    ///
    /// - Parameter nanosecondsSince1970: Nanoseconds since the Unix epoch.
    package init(nanosecondsSince1970: Int64) {
        self.nanosecondsSince1970 = nanosecondsSince1970
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanosecondsSince1970 < right.nanosecondsSince1970
    }
}

/// How a burst began: the proof that it was one.
package struct BurstFacts: Sendable, Equatable {
    /// Connections that had to be opened after go.
    package var openedAfterGo: Int
    /// From go until the last upload was sent.
    package var lastSent: Nanoseconds
    /// The most uploads in flight at one time.
    package var peakInFlight: Int

    /// Makes the facts of a burst.
    ///
    /// - Parameters:
    ///   - openedAfterGo: Connections that had to be opened after go.
    ///   - lastSent: From go until the last upload was sent.
    ///   - peakInFlight: The most uploads in flight at one time.
    package init(openedAfterGo: Int, lastSent: Nanoseconds, peakInFlight: Int) {
        self.openedAfterGo = openedAfterGo
        self.lastSent = lastSent
        self.peakInFlight = peakInFlight
    }
}

/// What the load generator's own threads used during a round.
package struct ClientHealth: Sendable, Equatable {
    /// CPU seconds of all engine and probe threads per second of the round.
    package var cores: Double
    /// The same for the busiest of them: 1 is a whole core.
    package var busiestThread: Double
    /// How late the engine sent: the p99 of sent − max(intended, slot free).
    package var sendLagP99: Nanoseconds
    /// Processor time of all engine and probe threads from go to their ends; nil where it is not known.
    package var processorTime: Nanoseconds?

    /// Makes the figures of a round.
    ///
    /// - Parameters:
    ///   - cores: CPU seconds of all engine and probe threads per second.
    ///   - busiestThread: The same for the busiest of them.
    ///   - sendLagP99: How late the engine sent, p99.
    ///   - processorTime: Processor time of all engine and probe threads.
    package init(
        cores: Double,
        busiestThread: Double,
        sendLagP99: Nanoseconds,
        processorTime: Nanoseconds? = nil
    ) {
        self.processorTime = processorTime
        self.cores = cores
        self.busiestThread = busiestThread
        self.sendLagP99 = sendLagP99
    }
}

/// What the machine did during a round that this process did not ask for; shares are 0…1 of all its cores.
package struct HostHealth: Sendable, Equatable {
    /// The share of time the hypervisor took away.
    package var steal: Double
    /// The share that other processes used; nil where the server is another process.
    package var others: Double?
    /// Memory pages swapped in.
    package var pagesSwapped: Int
    /// The share that nobody used; nil where it is not known.
    package var idle: Double?

    /// Makes the figures of a round.
    ///
    /// - Parameters:
    ///   - steal: The share of time the hypervisor took away.
    ///   - others: The share that other processes used.
    ///   - pagesSwapped: Memory pages swapped in.
    ///   - idle: The share that nobody used.
    package init(steal: Double, others: Double?, pagesSwapped: Int, idle: Double? = nil) {
        self.idle = idle
        self.steal = steal
        self.others = others
        self.pagesSwapped = pagesSwapped
    }
}

/// Whether a round, or a run, can be trusted, and why not.
package struct Validity: Sendable, Equatable {
    /// The verdict: `suspect` numbers are shown with the reason, `invalid` ones are not counted.
    package enum Verdict: String, Sendable, Comparable, CaseIterable, Codable {
        case valid = "VALID"
        case suspect = "SUSPECT"
        case invalid = "INVALID"

        package static func < (left: Verdict, right: Verdict) -> Bool {
            left.severity < right.severity
        }

        private var severity: Int {
            switch self {
            case .valid: 0
            case .suspect: 1
            case .invalid: 2
            }
        }
    }

    package var verdict: Verdict
    /// Sentences such as "the client was late (send lag p99 3.1 ms, limit 1.0 ms)".
    package var reasons: [String]

    /// Makes a verdict.
    ///
    /// - Parameters:
    ///   - verdict: The verdict.
    ///   - reasons: Why it is not `valid`.
    package init(verdict: Verdict = .valid, reasons: [String] = []) {
        self.verdict = verdict
        self.reasons = reasons
    }
}
