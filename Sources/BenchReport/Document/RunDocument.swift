package import Measurements

/// Everything one run measured and what follows from it: the content of `run.json`.
///
/// The seam between measuring and reporting: every export and chart is made from this value alone.
package struct RunDocument: Sendable, Equatable {
    /// The schema's name and version; additions keep the number, a changed meaning raises it.
    package static let schema = "ingest-bench/run/1"
    /// Of more uploads than this only counts, percentiles and histograms are kept: no reader has room for all.
    package static let mostSamples = 20_000_000

    /// The results folder's name by default, such as "20261122T154000Z-sample-100".
    package var id: String
    /// The program and the libraries that measured.
    package var tool: Tool
    /// When the run began.
    package var started: Timestamp
    /// When its last round ended.
    package var finished: Timestamp
    /// Why the run ended early: SIGINT, SIGTERM, crash or an error's sentence; nil for a whole one.
    package var interrupted: String?
    /// Whether the run can be trusted.
    package var validity: Validity
    /// How the shards of a merged run kept in step; empty for every other.
    package var shards: [ShardStart]
    /// The machines that measured: one, or one a shard after a merge.
    package var environment: [Environment]
    /// What was asked for.
    package var plan: Plan
    /// What was measured, the baseline among them.
    package var targets: [Target]
    /// The failures of measured rounds, by target, outcome and status.
    package var errors: [ErrorGroup]
    /// Every round, warm-ups included, in the order they ran.
    package var rounds: [Round]
    /// Where event loops were blocked; the blocks of the rounds refer to it by index.
    package var stacks: [BlockedPlace]
    /// Each target's metrics; recomputed whenever a document is made or read.
    package var results: [MetricResult]
    /// Throughput, times and errors of each size of upload, where files of several were sent.
    package var classResults: [MetricResult]
    /// What the run says, in a sentence or two.
    package var verdict: String
    /// What became of each threshold, by target and load.
    package var thresholds: [ThresholdResult]
    /// When not to trust the numbers, most severe first.
    package var warnings: [ReportWarning]

    /// Whether the results differ from those that a file brought; nil in a new document.
    package var recomputation: Recomputation?

    /// Whether the run did all that was asked for.
    package var complete: Bool { interrupted == nil }

    /// Makes the document of a run and works out its results, verdict and warnings.
    ///
    /// - Parameters:
    ///   - id: The results folder's name.
    ///   - tool: The program and its libraries.
    ///   - started: When the run began.
    ///   - finished: When its last round ended.
    ///   - interrupted: Why it ended early; nil for a whole run.
    ///   - validity: Whether the run can be trusted.
    ///   - environment: The machine.
    ///   - plan: What was asked for.
    ///   - targets: What was measured; exactly one is the baseline.
    ///   - rounds: Every round, in the order they ran.
    ///   - firstAnswers: The first body of each failing status.
    ///   - stacks: Where event loops were blocked, as the blocks of the rounds refer to it.
    ///   - thresholds: The limits that it must keep.
    package init(
        id: String,
        tool: Tool,
        started: Timestamp,
        finished: Timestamp,
        interrupted: String?,
        validity: Validity,
        environment: Environment,
        plan: Plan,
        targets: [Target],
        rounds: [RoundRecord],
        firstAnswers: [FirstAnswer] = [],
        stacks: [BlockedPlace] = [],
        thresholds: [Threshold] = []
    ) {
        self.init(
            id: id,
            tool: tool,
            started: started,
            finished: finished,
            interrupted: interrupted,
            validity: validity,
            environment: [environment],
            plan: plan,
            targets: targets,
            summarised: rounds.map { Round($0) },
            firstAnswers: firstAnswers,
            stacks: stacks,
            thresholds: thresholds
        )
    }

    init(
        id: String,
        tool: Tool,
        started: Timestamp,
        finished: Timestamp,
        interrupted: String?,
        validity: Validity,
        environment: [Environment],
        plan: Plan,
        targets: [Target],
        summarised: [Round],
        firstAnswers: [FirstAnswer],
        stacks: [BlockedPlace],
        thresholds: [Threshold],
        shards: [ShardStart] = []
    ) {
        self.id = id
        self.tool = tool
        self.started = started
        self.finished = finished
        self.interrupted = interrupted
        self.validity = validity
        self.shards = shards
        self.environment = environment
        self.plan = plan
        self.targets = targets
        rounds = summarised
        self.stacks = stacks
        if rounds.reduce(0, { $0 + $1.summary.uploads }) > Self.mostSamples {
            for index in rounds.indices { rounds[index].record.samples = [] }
        }
        errors = ErrorGroup.groups(of: summarised, firstAnswers: firstAnswers)
        results = []
        classResults = []
        verdict = ""
        warnings = []
        self.thresholds = []
        let analysis = RunAnalysis(of: self)
        results = analysis.results()
        classResults = analysis.classResults()
        let judge = ThresholdJudge(document: self)
        self.thresholds = thresholds.flatMap { judge.results(of: $0) }
        warnings = ReportWarning.all(of: self)
        verdict = VerdictSentence(of: self).text
    }
}

extension RunDocument {
    /// One round and what its samples add up to.
    package struct Round: Sendable, Equatable {
        /// What was measured; its samples are empty in a document that kept only summaries.
        package var record: RoundRecord
        /// Counts, throughput and percentiles.
        package var summary: RoundSummary

        /// Makes a round from its samples.
        ///
        /// - Parameter record: What was measured.
        package init(_ record: RoundRecord) {
            self.record = record
            // Whoever measured it has worked it out already.
            summary = record.summary ?? RoundSummary(of: record)
            self.record.summary = nil
        }

        init(_ record: RoundRecord, summary: RoundSummary) {
            self.record = record
            self.summary = summary
        }

        /// Whether the run ended in the middle of it.
        var wasCutOff: Bool { summary.failures.contains { $0.outcome.outcomeClass == .cancelled } }

        /// Whether its samples are kept.
        package var hasSamples: Bool { record.samples.count == summary.uploads }
    }

    /// The limits that the run must keep.
    var limits: [Threshold] {
        Self.limits(of: thresholds.map(\.expression), targets: targets)
    }

    /// Reads limits, each once.
    ///
    /// - Parameters:
    ///   - expressions: As they stand in a document; one that only a newer version can read is left out.
    ///   - targets: The run's targets.
    /// - Returns: The limits.
    static func limits(of expressions: [String], targets: [Target]) -> [Threshold] {
        let names = (targets.filter(\.isBaseline) + targets.filter { !$0.isBaseline }).map(\.name)
        return expressions.reduce(into: []) { limits, expression in
            // One that only a newer version can read is no limit of this one.
            guard let limit = try? Threshold(parsing: expression, targets: names), !limits.contains(limit)
            else { return }
            limits.append(limit)
        }
    }

    /// The targets that are compared and drawn: all but the baseline's second measurement.
    package var comparedTargets: [Target] { targets.filter { $0.selfComparisonOf == nil } }

    /// The target the others are compared with; nil in a document without targets.
    package var baseline: Target? { targets.first { $0.isBaseline } ?? targets.first }

    /// The targets that are compared with the baseline.
    package var candidates: [Target] { comparedTargets.filter { $0.name != baseline?.name } }

    /// The loads of the rounds that were compared, rising.
    package var loads: [Load] { Set(results.map(\.load)).sorted() }

    /// The loads of all rounds, counted or not, rising.
    var triedLoads: [Load] { Set(rounds.map(\.record.load)).sorted() }

    /// The result of a metric.
    ///
    /// - Parameters:
    ///   - metric: The metric.
    ///   - target: The target's name.
    ///   - load: The load.
    /// - Returns: nil where that was not measured.
    package func result(_ metric: Metric, of target: String, at load: Load) -> MetricResult? {
        results.first { $0.metric == metric && $0.target == target && $0.load == load }
    }

    /// The rounds that count: no warm-ups, none of a block that is incomplete or holds an invalid round.
    ///
    /// If no block is left, all whole ones are shown: the run is INVALID then, and nothing is judged by them.
    ///
    /// - Parameter load: The load.
    /// - Returns: In the order they ran.
    package func countedRounds(at load: Load) -> [Round] {
        let measured = rounds.filter { !$0.record.isWarmup && $0.record.load == load }
        let blocks = Dictionary(grouping: measured) { $0.record.index }
        let whole = measured.filter { round in
            let block = blocks[round.record.index] ?? []
            return Set(block.map(\.record.target)).count == targets.count
                && !block.contains(where: \.wasCutOff)
        }
        let trusted = whole.filter { round in
            !(blocks[round.record.index] ?? []).contains { $0.record.validity.verdict == .invalid }
        }
        return trusted.isEmpty ? whole : trusted
    }
}
