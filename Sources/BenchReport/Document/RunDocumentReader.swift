import Measurements

extension RunDocument {
    /// The largest document that is read.
    package static let largestBytes = 1 << 30

    /// Reads a document and works out its results anew.
    ///
    /// - Parameter json: The content of `run.json`.
    /// - Throws: ``DocumentFault``.
    package init(json: [UInt8]) throws(DocumentFault) {
        guard json.count <= Self.largestBytes else { throw .tooLarge(bytes: json.count) }
        let node: DocumentNode
        do {
            node = DocumentNode(value: try JSONParser.parse(json), path: "")
        } catch {
            switch error {
            case .endsEarly(let bytes): throw .endsEarly(bytes: bytes)
            case .unexpected(let line, let column): throw .notJSON(line: line, column: column)
            case .tooManyValues(let most): throw .damaged(reason: "it holds more than \(most) values")
            }
        }
        try Self.checkSchema(of: node)
        try self.init(node, bytes: json.count)
    }

    private static func checkSchema(of node: DocumentNode) throws(DocumentFault) {
        guard let schema = try node.optional("schema")?.text() else { throw .noSchema }
        if schema == Self.schema { return }
        let family = "ingest-bench/run/"
        throw schema.hasPrefix(family) ? .newerSchema(schema) : .foreignSchema(schema)
    }

    /// Checks that rounds belong to the targets, each of which has a name of its own.
    static func check(_ rounds: [Round], of targets: [Target]) throws(DocumentFault) {
        let names = Set(targets.map(\.name))
        guard names.count == targets.count else { throw .damaged(reason: "two targets have one name") }
        struct Series: Hashable {
            let target: String
            let load: Load
            let isWarmup: Bool
        }
        var counts: [Series: Int] = [:]
        for (place, round) in rounds.enumerated() {
            let record = round.record
            guard names.contains(record.target) else {
                throw .damaged(reason: "rounds[\(place)].target is not one of the targets")
            }
            let series = Series(
                target: record.target,
                load: record.load,
                isWarmup: record.isWarmup
            )
            counts[series, default: 0] += 1
            guard counts[series, default: 0] <= mostRounds else {
                throw .damaged(reason: "\(record.target) has more than \(mostRounds) rounds")
            }
        }
    }

    /// The most rounds of a target at one concurrency: the statistics take the square of them in memory.
    private static let mostRounds = 1000

    private init(_ node: DocumentNode, bytes: Int) throws(DocumentFault) {
        let outcomes = try node.field("outcomes").elements().map { element throws(DocumentFault) in
            // A kind of failure that a newer version knows is still a failure.
            Outcome(rawValue: try element.text()) ?? .unexpected
        }
        guard !outcomes.isEmpty else { throw .damaged(reason: "outcomes is empty") }
        let stacks = try node.optional("stacks")?.elements().map { element throws(DocumentFault) in
            try BlockedPlace(element)
        }
        let reader = RoundReader(outcomes: outcomes, stacks: stacks?.count, bytes: bytes)
        let rounds = try node.field("rounds").elements().concurrentMap { element throws(DocumentFault) in
            try reader.round(element)
        }
        for name in ["complete", "verdict"] { _ = try node.field(name) }
        var firstAnswers: [FirstAnswer] = []
        for group in try node.optional("errors")?.elements() ?? [] {
            if let answer = try FirstAnswer(group) { firstAnswers.append(answer) }
        }
        let targets = try node.field("targets").elements().map { element throws(DocumentFault) in
            try Target(element)
        }
        try Self.check(rounds, of: targets)
        let expressions = try (node.optional("thresholds")?.elements() ?? []).map {
            element throws(DocumentFault) in try element.field("expression").text()
        }
        self.init(
            id: try node.field("id").text(),
            tool: try Tool(try node.field("tool")),
            started: try node.field("started").timestamp(),
            finished: try node.field("finished").timestamp(),
            interrupted: try node.field("interrupted").known?.text(),
            validity: try Validity(try node.field("validity")),
            environment: try node.field("environment").elements().map { element throws(DocumentFault) in
                try Environment(element)
            },
            plan: try Plan(try node.field("plan")),
            targets: targets,
            summarised: rounds,
            firstAnswers: firstAnswers,
            stacks: stacks ?? [],
            thresholds: Self.limits(of: expressions, targets: targets),
            shards: try node.field("shards").elements().map { shard throws(DocumentFault) in
                try ShardStart(shard)
            }
        )
        recomputation = try Recomputation(stored: node, document: self)
    }
}

extension FirstAnswer {
    /// Reads the answer that a group of failures shows; nil when it shows none.
    fileprivate init?(_ node: DocumentNode) throws(DocumentFault) {
        guard let body = try node.optional("first_body")?.text() else { return nil }
        self.init(
            target: try node.field("target").text(),
            status: Int32(clamping: try node.field("status").count()),
            body: body
        )
    }
}

extension Validity {
    /// Reads a verdict and its reasons.
    init(_ node: DocumentNode) throws(DocumentFault) {
        self.init(
            verdict: try node.field("verdict").choice(of: Verdict.self),
            reasons: try node.field("reasons").elements().map { element throws(DocumentFault) in
                try element.text()
            }
        )
    }
}

/// Whether results worked out anew differ from those that a document brought.
package struct Recomputation: Sendable, Equatable {
    /// The version that stored other results.
    package let storedBy: String

    /// Compares levels and changes; nil where they agree to a part in a billion, or none are stored.
    init?(stored node: DocumentNode, document: RunDocument) throws(DocumentFault) {
        storedBy = document.tool.version
        guard let stored = node.optional("results") else { return nil }
        for element in try stored.elements() {
            guard let metric = Metric(name: try element.field("metric").text()) else { continue }
            let concurrency = try element.field("concurrency").count()
            let rate = try element.optional("rate")?.number()
            let sizeClass = try element.optional("size_class")?.text()
            let target = try element.field("target").text()
            let result = (sizeClass == nil ? document.results : document.classResults).first {
                $0.metric == metric && $0.target == target && $0.load.concurrency == concurrency
                    && (rate == nil || $0.load.rate == rate) && $0.sizeClass?.name == sizeClass
            }
            let level = try element.field("level").field("value").known?.number()
            let change = try element.optional("change")?.field("estimate").known?.number()
            if Self.differ(result?.level.value, level) || Self.differ(result?.change?.estimate, change) {
                return
            }
        }
        return nil
    }

    /// The sentence that says so.
    package var text: String {
        "results differ from those stored by ingest-bench \(storedBy); recomputed"
    }

    private static func differ(_ left: Double?, _ right: Double?) -> Bool {
        guard let left, let right else { return (left == nil) != (right == nil) }
        return abs(left - right) > 1e-9 * max(1, abs(left), abs(right))
    }
}
