import Curl
package import Measurements

/// What a run will do; it exists only if every check was passed.
package struct LoadPlan: Sendable, Codable, Equatable {
    package let files: [PlannedFile]
    /// What to measure, the baseline first; with ``measuresNoise`` its second measurement is the last.
    package let targets: [LoadTarget]
    /// Uploads of a round; nil where a time bounds it.
    package let requests: Int?
    /// How long a round starts uploads; nil where their number bounds it.
    package let duration: Duration?
    /// When uploads start; in a sweep of rates those of the highest.
    package let arrivals: ArrivalModel
    /// One load, or those of a sweep in rising order.
    package let loads: [Load]
    /// Whether all connections are opened before go, not only the first of them.
    let opensAll: Bool
    package let rounds: Int
    package let warmup: Int
    package let measuresNoise: Bool
    package let seed: UInt64
    package let timeout: Duration
    package let field: String
    package let formFields: [PlanField]
    package let contentType: String?
    package let expectedStatuses: ExpectedStatuses
    package let probe: ProbePlan?
    package let connections: ConnectionPolicy
    package let transport: TransportPlan
    package let threads: Int
    /// Which part of the run this process has, all else here being the whole's; nil for all of it.
    package let shard: ShardPlan?

    /// The most uploads that are ever in flight.
    package var mostInFlight: Int { loads.last?.concurrency ?? 1 }

    /// The rounds of the whole run, warm-ups included, repeats not.
    package var roundsTotal: Int { (warmup + rounds) * targets.count * loads.count }

    /// Checks a draft.
    ///
    /// - Parameters:
    ///   - draft: What the user asked for.
    ///   - limits: What the machine allows.
    /// - Throws: ``PlanError`` for the first thing that is wrong.
    package init(_ draft: LoadPlanDraft, limits: SystemLimits) throws(PlanError) {
        guard !draft.files.isEmpty else { throw .noFiles }
        guard !draft.targets.isEmpty else { throw .noTargets }
        let load = try PlannedLoad(draft, limits: limits)
        try draft.checkNumbers()
        try draft.checkProbe()
        try draft.checkTransport(curlVersion: CurlGlobal.version)
        targets = try draft.measuredTargets()
        try draft.checkShard(load)
        try limits.check(load: load, shard: draft.shard, targets: draft.targets)
        files = draft.files
        requests = load.requests
        duration = load.duration
        arrivals = load.arrivals
        loads = load.loads
        opensAll = load.isCapGiven || !load.arrivals.isOpen
        rounds = draft.rounds
        warmup = draft.warmup
        measuresNoise = draft.measuresNoise
        seed = draft.seed
        timeout = draft.timeout
        field = draft.field
        formFields = draft.formFields
        contentType = draft.contentType
        expectedStatuses = draft.expectedStatuses
        probe = draft.probe
        connections = draft.connections
        transport = draft.transport
        threads = draft.threads
        shard = draft.shard
    }
}

extension LoadPlanDraft {
    fileprivate func checkNumbers() throws(PlanError) {
        try PlanError.check("--rounds", rounds, 1...1000)
        try PlanError.check("--warmup", warmup, 0...1000)
        guard timeout > .zero else { throw .notATime(flag: "--timeout", time: timeout) }
        guard !field.isEmpty else { throw .invalidForm(text: "") }
    }

    /// Checks that there is a part of each round for every thread of every shard.
    fileprivate func checkShard(_ load: PlannedLoad) throws(PlanError) {
        guard let shard else { return }
        guard !targets.contains(where: \.isEmbedded) else { throw .shardOfEmbedded }
        guard load.isCapGiven || !load.arrivals.isOpen else { throw .shardWithoutCap }
        let fewest = load.loads.first?.concurrency ?? 0
        guard fewest >= shard.count * threads else {
            throw .tooManyShards(count: shard.count, threads: threads, concurrency: fewest)
        }
    }

    fileprivate func checkProbe() throws(PlanError) {
        guard let probe else { return }
        guard probe.path.hasPrefix("/"), probe.path.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
            throw .invalidProbePath(path: probe.path)
        }
        guard probe.interval >= .milliseconds(1) else {
            throw .probeTooOften(path: probe.path, interval: probe.interval)
        }
    }

    /// Checks that requests can travel as they are told to.
    ///
    /// - Parameter curlVersion: libcurl's version.
    /// - Throws: ``PlanError`` if they can't.
    func checkTransport(curlVersion: String) throws(PlanError) {
        if transport.isInsecure, transport.certificates != nil {
            let reason = "one takes any certificate, the other checks it"
            throw .together("--insecure", "--cacert", reason: reason)
        }
        // Until 8.0 libcurl broke reused connections of cleartext HTTP/2 (curl issue 10634).
        let major = curlVersion.prefix { $0 != "." }
        let isClear = targets.contains { !$0.address.isSecure }
        if transport.version == .two, isClear, (Int(major) ?? 0) < 8 {
            throw .cleartextHTTP2(curlVersion: curlVersion)
        }
        if let path = transport.certificates { _ = try PlannedFile.find([path]) }
    }

    /// The targets, each name once, and the baseline a second time if the noise floor is wanted.
    fileprivate func measuredTargets() throws(PlanError) -> [LoadTarget] {
        let measured = measuresNoise ? targets + targets.prefix(1).map(\.measuredAgain) : targets
        var names: Set<String> = []
        for target in measured where !names.insert(target.name).inserted {
            throw .duplicateTarget(name: target.name)
        }
        return measured
    }
}

extension LoadPlan {
    /// The arrivals of an open loop; nil for every other.
    package var schedule: ArrivalSchedule? {
        guard case .open(let schedule) = arrivals else { return nil }
        return schedule
    }

    /// When uploads start at one load.
    ///
    /// - Parameter load: The load.
    /// - Returns: Their model, of an open loop with that load's rate.
    func arrivals(at load: Load) -> ArrivalModel {
        guard case .open(let schedule) = arrivals, let rate = load.rate else { return arrivals }
        return .open(ArrivalSchedule(rate: .constant(rate), spread: schedule.spread))
    }

    /// What part this process has of every round.
    var part: Pacer.Shard { shard?.part ?? Pacer.Shard() }

    /// This process's uploads of one round, of a sweep of its largest, as far as they are known before: a closed loop that a time bounds
    /// has as many as the server takes.
    package var uploadsOfRound: Int? {
        if let requests { return part.share(of: requests) }
        guard let schedule, let duration else { return nil }
        return part.share(of: Int(schedule.expectedArrivals(in: duration).rounded(.up)))
    }

    /// The size of a round in a few characters, for a folder's name: "100", "30s", "100-1of4".
    package var briefLoad: String {
        let load = requests.map { String($0) } ?? duration.map { PlanError.flagText($0) } ?? ""
        return load + (shard.map { "-\($0.index)of\($0.count)" } ?? "")
    }
}
