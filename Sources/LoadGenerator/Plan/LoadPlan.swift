/// What a run will do, as the user asked for it.
///
/// ``LoadPlan`` is the same after every check.
package struct LoadPlanDraft: Sendable, Equatable {
    /// The files that uploads carry.
    package var files: [PlannedFile]
    /// What to measure.
    package var targets: [LoadTarget]
    /// Uploads of a round.
    package var requests: Int
    /// Uploads in flight; nil is all of them at once.
    package var concurrency: Int?
    /// Measured rounds of each target.
    package var rounds: Int
    /// Rounds of each target that come first and are not counted.
    package var warmup: Int
    /// The seed of every shuffle.
    package var seed: UInt64
    /// The most time for one upload.
    package var timeout: Duration
    /// The name of the form field that carries the file.
    package var field: String
    /// Form fields besides the file.
    package var formFields: [PlanField]
    /// The type of every file; nil goes by the file's extension.
    package var contentType: String?
    /// The statuses that count as success.
    package var expectedStatuses: ExpectedStatuses
    /// The request that watches the service meanwhile.
    package var probe: ProbePlan?
    /// How uploads come by their connections.
    package var connections: ConnectionPolicy

    /// Makes a draft with the defaults of the command line.
    ///
    /// - Parameters:
    ///   - files: The files that uploads carry.
    ///   - targets: What to measure.
    package init(files: [PlannedFile], targets: [LoadTarget]) {
        self.files = files
        self.targets = targets
        requests = 100
        concurrency = nil
        rounds = 10
        warmup = 1
        seed = 42
        timeout = .seconds(120)
        field = "file"
        formFields = []
        contentType = nil
        expectedStatuses = .successful
        probe = nil
        connections = .reuse
    }
}

/// How uploads come by their connections.
package enum ConnectionPolicy: String, Sendable, Codable, CaseIterable {
    /// Connections are opened before the round and kept for it.
    case reuse
    /// Every upload opens its own, and the time for that is part of its response time.
    case fresh
}

/// The request that watches how responsive a service is while uploads run.
package struct ProbePlan: Sendable, Codable, Equatable {
    /// The path to get, from its first slash.
    package var path: String
    /// The time from one intended start to the next, at least 1 ms.
    package var interval: Duration

    /// Makes a probe.
    ///
    /// - Parameters:
    ///   - path: The path to get, from its first slash.
    ///   - interval: The time from one intended start to the next.
    package init(path: String, interval: Duration) {
        self.path = path
        self.interval = interval
    }
}

/// When uploads start.
package enum ArrivalModel: String, Sendable, Codable {
    /// All at one instant.
    case burst
    /// A new one when one ends.
    case closed
}

/// What a run will do; it exists only if every check was passed.
package struct LoadPlan: Sendable, Codable, Equatable {
    package let files: [PlannedFile]
    package let targets: [LoadTarget]
    package let requests: Int
    package let concurrency: Int
    package let rounds: Int
    package let warmup: Int
    package let seed: UInt64
    package let timeout: Duration
    package let field: String
    package let formFields: [PlanField]
    package let contentType: String?
    package let expectedStatuses: ExpectedStatuses
    package let probe: ProbePlan?
    package let connections: ConnectionPolicy

    /// When uploads start: all at once if as many may be in flight.
    package var arrivals: ArrivalModel { concurrency == requests ? .burst : .closed }

    /// Checks a draft.
    ///
    /// - Parameters:
    ///   - draft: What the user asked for.
    ///   - limits: What the machine allows.
    /// - Throws: ``PlanError`` for the first thing that is wrong.
    package init(_ draft: LoadPlanDraft, limits: SystemLimits) throws(PlanError) {
        guard !draft.files.isEmpty else { throw .noFiles }
        guard !draft.targets.isEmpty else { throw .noTargets }
        var names: Set<String> = []
        for target in draft.targets where !names.insert(target.name).inserted {
            throw .duplicateTarget(name: target.name)
        }
        try LoadPlan.check("requests", draft.requests, 1...10_000_000)
        let concurrency = min(draft.concurrency ?? draft.requests, max(draft.requests, 1))
        try LoadPlan.check("-c", draft.concurrency ?? draft.requests, 1...65_535)
        try LoadPlan.check("--rounds", draft.rounds, 1...1000)
        try LoadPlan.check("--warmup", draft.warmup, 0...1000)
        guard draft.timeout > .zero else { throw .notATime(flag: "--timeout", value: "\(draft.timeout)") }
        guard !draft.field.isEmpty else { throw .invalidForm(text: "") }
        if let probe = draft.probe {
            guard probe.path.hasPrefix("/"), probe.path.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
                throw .invalidProbePath(path: probe.path)
            }
            guard probe.interval >= .milliseconds(1) else {
                throw .probeTooOften(path: probe.path, interval: probe.interval)
            }
        }
        try LoadPlan.check(concurrency: concurrency, targets: draft.targets, limits: limits)
        files = draft.files
        targets = draft.targets
        requests = draft.requests
        self.concurrency = concurrency
        rounds = draft.rounds
        warmup = draft.warmup
        seed = draft.seed
        timeout = draft.timeout
        field = draft.field
        formFields = draft.formFields
        contentType = draft.contentType
        expectedStatuses = draft.expectedStatuses
        probe = draft.probe
        connections = draft.connections
    }

    private static func check(_ flag: String, _ value: Int, _ range: ClosedRange<Int>) throws(PlanError) {
        guard range.contains(value) else {
            throw .notAWholeNumber(
                flag: flag,
                value: "\(value)",
                least: range.lowerBound,
                most: range.upperBound
            )
        }
    }

    /// Files that are open besides the connections: the server's own, the store's, libraries.
    private static let otherOpenFiles = 200

    private static func check(
        concurrency: Int,
        targets: [LoadTarget],
        limits: SystemLimits
    ) throws(PlanError) {
        let bothEnds = targets.contains(where: \.isEmbedded)
        let each = bothEnds ? 2 : 1
        let needed = concurrency * each + otherOpenFiles
        guard needed <= limits.openFiles else {
            throw .tooManyOpenFiles(
                concurrency: concurrency,
                needed: needed,
                limit: limits.openFiles,
                bothEnds: bothEnds,
                advised: max(1, (limits.openFiles - otherOpenFiles) / each)
            )
        }
        guard concurrency <= limits.localPorts else {
            throw .tooFewPorts(
                concurrency: concurrency,
                address: targets[0].address.hostAndPort,
                available: limits.localPorts,
                // Some stay for others, rounded to a number that is easy to type.
                advised: max(1, (limits.localPorts - 200) / 100 * 100)
            )
        }
    }
}
