import Measurements

/// How uploads are made: when they start, how many there are, how many may be in flight.
struct PlannedLoad: Equatable {
    /// Uploads of a round; nil where a time bounds it.
    let requests: Int?
    /// How long a round starts uploads; nil where their number bounds it.
    let duration: Duration?
    let arrivals: ArrivalModel
    /// One load, or those of a sweep in rising order.
    let loads: [Load]
    /// Whether the user said how many.
    let isCapGiven: Bool

    /// The uploads of a round where nobody says how many.
    private static let defaultRequests = 100
    private static let mostInFlight = 1...65_535

    /// Checks what a draft says of them.
    ///
    /// - Parameters:
    ///   - draft: What the user asked for.
    ///   - limits: What the machine allows: without another cap, an open loop may use all of it.
    /// - Throws: ``PlanError`` for the first thing that is wrong.
    init(_ draft: LoadPlanDraft, limits: SystemLimits) throws(PlanError) {
        try draft.checkTimes()
        try draft.checkRates()
        let schedule = draft.schedule
        duration = draft.stages.isEmpty ? draft.duration : draft.stages.reduce(.zero) { $0 + $1.duration }
        requests = duration == nil ? draft.requests ?? Self.defaultRequests : nil
        if let requests { try PlanError.check("requests", requests, 1...10_000_000) }
        isCapGiven = !draft.concurrency.isEmpty
        for concurrency in draft.concurrency { try PlanError.check("-c", concurrency, Self.mostInFlight) }
        if draft.concurrency.count > 1, let requests, let most = draft.concurrency.max(), most > requests {
            throw .sweepBeyondRequests(concurrency: most, requests: requests)
        }
        // Without a cap a closed loop has all uploads in flight, an open one what the machine allows.
        let count = requests
        let most = schedule == nil ? count ?? Self.defaultRequests : limits.mostInFlight(draft.targets)
        if !isCapGiven { try PlanError.check("-c", most, Self.mostInFlight) }
        let caps = isCapGiven ? draft.concurrency : [most]
        let allowed = Set(caps.map { min($0, count ?? $0) }).sorted()
        loads = allowed.flatMap { cap in
            draft.rates.isEmpty
                ? [Load(concurrency: cap)]
                : Set(draft.rates).sorted().map { Load(concurrency: cap, rate: $0) }
        }
        if let schedule {
            arrivals = .open(schedule)
        } else {
            arrivals = draft.concurrency.count <= 1 && requests == allowed.first ? .burst : .closed
        }
        try PlanError.check("--threads", draft.threads, 1...64)
        if let fewest = allowed.first, draft.threads > fewest {
            throw .moreThreadsThanUploads(threads: draft.threads, concurrency: fewest)
        }
    }
}

extension LoadPlanDraft {
    /// The most that a rate may be.
    private static let highestRate = 1_000_000.0
    /// The longest that a round may be.
    private static let longest = Duration.seconds(7 * 86_400)

    fileprivate var schedule: ArrivalSchedule? {
        if let rate = rates.max() {
            return ArrivalSchedule(rate: .constant(rate), spread: spread ?? .constant)
        }
        guard !stages.isEmpty else { return nil }
        return ArrivalSchedule(rate: .stages(stages), spread: spread ?? .constant)
    }

    fileprivate func checkTimes() throws(PlanError) {
        if let duration {
            guard duration > .zero else { throw .notATime(flag: "--duration", time: duration) }
            guard duration <= Self.longest else { throw .tooLong(flag: "--duration", time: duration) }
        }
        if let requests, duration != nil || !stages.isEmpty {
            throw .countAndTime(requests: requests, flag: stages.isEmpty ? "--duration" : "--stages")
        }
        guard stages.isEmpty || duration == nil else {
            throw .together("--stages", "--duration", reason: "the stages say how long a round is")
        }
    }

    fileprivate func checkRates() throws(PlanError) {
        guard stages.isEmpty || rates.isEmpty else {
            throw .together("--stages", "--rate", reason: "the stages say what the rate is")
        }
        if concurrency.count > 1, schedule != nil {
            let flag = rates.isEmpty ? "--stages" : "--rate"
            throw .together("-c", flag, reason: "an open loop has one limit; a sweep goes through its rates")
        }
        for rate in rates {
            guard rate > 0 else { throw .notARate(flag: "--rate", rate: rate) }
            guard rate <= Self.highestRate else { throw .rateTooHigh(flag: "--rate", rate: rate) }
        }
        for stage in stages {
            guard stage.duration >= .zero else { throw .notATime(flag: "--stages", time: stage.duration) }
            guard stage.rate >= 0 else { throw .notARate(flag: "--stages", rate: stage.rate) }
            guard stage.rate <= Self.highestRate else {
                throw .rateTooHigh(flag: "--stages", rate: stage.rate)
            }
        }
        if !stages.isEmpty {
            let length = stages.reduce(Duration.zero) { $0 + $1.duration }
            guard length > .zero else { throw .notATime(flag: "--stages", time: length) }
            guard length <= Self.longest else { throw .tooLong(flag: "--stages", time: length) }
            guard stages.contains(where: { $0.rate > 0 }) else { throw .notARate(flag: "--stages", rate: 0) }
        }
        if spread != nil, schedule == nil { throw .arrivalsWithoutRate }
    }
}
