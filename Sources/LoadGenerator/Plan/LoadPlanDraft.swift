/// What a run will do, as the user asked for it.
///
/// ``LoadPlan`` is the same after every check.
package struct LoadPlanDraft: Sendable, Equatable {
    /// The files that uploads carry.
    package var files: [PlannedFile]
    /// What to measure.
    package var targets: [LoadTarget]
    /// Uploads of a round; nil is 100, unless a time bounds the round.
    package var requests: Int?
    /// How long a round starts uploads, instead of counting them.
    package var duration: Duration?
    /// Arrivals a second, whatever the server does, several for a sweep; none leaves the loop closed.
    package var rates: [Double]
    /// A rate that changes, instead of ``rates`` and ``duration``; empty for none.
    package var stages: [RateStage]
    /// How arrivals are spread; nil is evenly.
    package var spread: ArrivalSpread?
    /// Uploads in flight, several for a sweep; none is all of them at once.
    package var concurrency: [Int]
    /// Measured rounds of each target.
    package var rounds: Int
    /// Rounds of each target that come first and are not counted.
    package var warmup: Int
    /// Whether the baseline is measured twice, to find the noise floor.
    package var measuresNoise: Bool
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
    /// How requests travel.
    package var transport: TransportPlan
    /// Threads that send.
    package var threads: Int
    /// Which part of a distributed run this process has; nil for all of it.
    package var shard: ShardPlan?

    /// Makes a draft with the defaults of the command line.
    ///
    /// - Parameters:
    ///   - files: The files that uploads carry.
    ///   - targets: What to measure.
    package init(files: [PlannedFile], targets: [LoadTarget]) {
        self.files = files
        self.targets = targets
        requests = nil
        duration = nil
        rates = []
        stages = []
        spread = nil
        concurrency = []
        rounds = 10
        warmup = 1
        measuresNoise = false
        seed = 42
        timeout = .seconds(120)
        field = "file"
        formFields = []
        contentType = nil
        expectedStatuses = .successful
        probe = nil
        connections = .reuse
        transport = TransportPlan()
        threads = 1
        shard = nil
    }
}

/// How uploads come by their connections.
package enum ConnectionPolicy: String, Sendable, Codable, CaseIterable {
    /// Connections are opened before the round and kept for it.
    case reuse
    /// Every upload opens its own, and the time for that is part of its response time.
    case fresh
}

/// How requests travel.
package struct TransportPlan: Sendable, Codable, Equatable {
    /// The version of HTTP that is asked for.
    package enum Version: String, Sendable, Codable, CaseIterable {
        case one = "1.1"
        /// Without multiplexing, so that each upload in flight still has a connection of its own.
        case two = "2"
    }

    /// The version of HTTP.
    package var version: Version
    /// A file with the certificates that are trusted, instead of the system's.
    package var certificates: String?
    /// Whether any certificate is taken.
    package var isInsecure: Bool
    /// Whether uploads wait for `100 Continue` before their bodies.
    package var expectsContinue: Bool

    /// Makes the defaults: HTTP/1.1, certificates checked, no waiting.
    package init() {
        version = .one
        certificates = nil
        isInsecure = false
        expectsContinue = false
    }
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
