import ArgumentParser
import BenchReport
import LoadGenerator

/// The flags of `run` as they were typed; ``draft(targets:)`` makes a plan of them.
struct RunOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Files or folders to upload, then how many uploads a round has (default: 100).",
            valueName: "file-or-folder> … [<requests>"
        )
    )
    var filesAndRequests: [String]

    @Option(
        name: .customLong("target"),
        help: ArgumentHelp(
            "What to measure (repeat); without it the embedded server's blocking and async routes.",
            valueName: "name=url"
        )
    )
    var targets: [String] = []

    @Option(
        help: ArgumentHelp(
            "The target that the others are compared with (default: the first).",
            valueName: "name"
        )
    )
    var baseline: String?

    @OptionGroup var shape: LoadShapeOptions

    @Option(
        help: ArgumentHelp(
            "While uploads run, GET this path at this interval on a connection of its own (embedded: /health@10ms).",
            valueName: "path[@interval]"
        )
    )
    var probe: String?

    @Option(help: ArgumentHelp("Name of the form field that carries the file.", valueName: "name"))
    var field = "file"

    @Option(
        name: .customLong("form"),
        help: ArgumentHelp("Another form field (repeat).", valueName: "name=value")
    )
    var formFields: [String] = []

    @Option(
        name: [.customShort("H"), .customLong("header")],
        help: ArgumentHelp("A header of every upload (repeat).", valueName: "name: value")
    )
    var headers: [String] = []

    @Option(help: "Method of an upload.")
    var method = "POST"

    @Option(help: ArgumentHelp("Type of the file (default: by its extension).", valueName: "type"))
    var contentType: String?

    @Option(
        name: .customLong("expect-status"),
        help: ArgumentHelp("Statuses that count as success.", valueName: "codes")
    )
    var expectedStatuses = "200-299"

    @Option(parsing: .unconditional, help: ArgumentHelp("The most time for one upload.", valueName: "time"))
    var timeout: TimeArgument = .seconds(120)

    @OptionGroup var transport: TransportOptions

    @OptionGroup var distribution: ShardOptions

    @Option(
        name: .customLong("threshold"),
        help: ArgumentHelp(
            "A limit to keep, else exit 2 (repeat): 'p99<4s', 'errors<1%', 'async.throughput>blocking*1.2', 'p50.change<=5%'.",
            valueName: "expression"
        )
    )
    var thresholdTexts: [String] = []

    @Flag(help: "Exit 3 if a threshold can't tell or, without any, if the comparison can't.")
    var requireConclusive = false

    /// The limits that a run must keep, read before anything is measured.
    ///
    /// - Parameter plan: The run.
    /// - Returns: The thresholds.
    /// - Throws: `ThresholdFault`, or ``UsageError`` for one that so few rounds can't fail.
    func thresholds(for plan: LoadPlan) throws -> [Threshold] {
        let names = plan.targets.map(\.name)
        return try thresholdTexts.map { text in
            let threshold = try Threshold(parsing: text, targets: names)
            if threshold.needsInterval, plan.rounds < Threshold.leastRounds {
                throw UsageError(
                    message: "--threshold \(text) is judged on an interval, and \(plan.rounds) "
                        + "\(plan.rounds == 1 ? "round gives" : "rounds give") none",
                    hint: "use --rounds \(Threshold.leastRounds) or more"
                )
            }
            return threshold
        }
    }

    /// The files and folders to upload.
    var paths: [String] {
        requestText == nil ? filesAndRequests : Array(filesAndRequests.dropLast())
    }

    /// How many uploads a round has.
    ///
    /// - Returns: The trailing number; nil without one.
    /// - Throws: ``UsageError`` for a number that no machine can hold.
    func requests() throws -> Int? {
        guard let text = requestText else { return nil }
        guard let number = Int(text) else {
            throw UsageError(message: "requests \(text): expected a whole number from 1 to 10000000")
        }
        return number
    }

    /// The last argument, if it is a whole number and a file stands before it.
    private var requestText: String? {
        guard filesAndRequests.count > 1, let last = filesAndRequests.last else { return nil }
        let digits = last.hasPrefix("-") || last.hasPrefix("+") ? last.dropFirst() : last[...]
        return !digits.isEmpty && digits.allSatisfy(\.isASCII) && digits.allSatisfy(\.isNumber) ? last : nil
    }

    /// The targets that were named, the baseline first.
    ///
    /// - Returns: None if the embedded server is to be measured.
    /// - Throws: `PlanError` for a target that is no name and URL, ``UsageError`` for an unknown baseline.
    func namedTargets() throws -> [LoadTarget] {
        let fields = try headerFields()
        return try targets.map { try LoadTarget(parsing: $0, method: method, headers: fields) }
    }

    /// The headers of every upload.
    ///
    /// - Returns: As they were given.
    /// - Throws: `PlanError` for one that is no header.
    func headerFields() throws -> [PlanField] {
        try headers.map { try PlanField(header: $0) }
    }

    /// What the flags ask for, to be checked as a plan.
    ///
    /// - Parameters:
    ///   - files: The files to upload.
    ///   - targets: What to measure.
    ///   - isEmbedded: Whether the embedded server is measured, which is probed by default.
    /// - Returns: The draft of a plan, its baseline first.
    /// - Throws: `PlanError` or ``UsageError`` for a flag that can't be read.
    func draft(files: [PlannedFile], targets: [LoadTarget], isEmbedded: Bool) throws -> LoadPlanDraft {
        var draft = LoadPlanDraft(files: files, targets: try baselineFirst(targets))
        draft.requests = try requests()
        shape.apply(to: &draft)
        transport.apply(to: &draft)
        draft.timeout = timeout.duration
        draft.field = field
        draft.formFields = try formFields.map { try PlanField(form: $0) }
        draft.contentType = contentType
        draft.expectedStatuses = try ExpectedStatuses(parsing: expectedStatuses)
        draft.shard = try distribution.plan(now: .now())
        draft.probe = try (probe ?? (isEmbedded ? "/health@10ms" : nil)).map(Self.probePlan)
        return draft
    }

    /// How many uploads may be in flight at the embedded server, which is to take them all.
    ///
    /// - Parameter limits: What the machine allows.
    /// - Returns: The number; a plan that the flags don't make is refused later.
    /// - Throws: ``UsageError`` for a number that no machine can hold.
    func mostInFlight(limits: SystemLimits) throws -> Int {
        if let given = shape.concurrency?.numbers.max() { return given }
        let isOpen = shape.rate != nil || shape.stages != nil
        return isOpen ? limits.mostInFlight(isServerInside: true) : try requests() ?? 100
    }

    private func baselineFirst(_ targets: [LoadTarget]) throws -> [LoadTarget] {
        guard let baseline else { return targets }
        guard let first = targets.first(where: { $0.name == baseline }) else {
            throw UsageError(
                message: "--baseline \(baseline): no target has that name",
                hint: "the targets are \(targets.map(\.name).joined(separator: ", "))"
            )
        }
        return [first] + targets.filter { $0.name != baseline }
    }

    /// Reads `PATH` or `PATH@INTERVAL`; without an interval every 10 ms.
    private static func probePlan(_ text: String) throws -> ProbePlan {
        guard let sign = text.lastIndex(of: "@") else {
            return ProbePlan(path: text, interval: .milliseconds(10))
        }
        guard let interval = TimeArgument(argument: String(text[text.index(after: sign)...])) else {
            throw UsageError(
                message: "--probe \(text): expected a time after @",
                hint: "for example --probe /health@10ms"
            )
        }
        return ProbePlan(path: String(text[..<sign]), interval: interval.duration)
    }
}
