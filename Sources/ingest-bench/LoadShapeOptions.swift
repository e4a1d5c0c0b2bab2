import ArgumentParser
import LoadGenerator

/// The flags of `run` that say when uploads start, how many, and in how many rounds.
struct LoadShapeOptions: ParsableArguments {
    @Option(
        name: [.customShort("c"), .long],
        parsing: .unconditional,
        help: ArgumentHelp(
            "Uploads in flight; several make a sweep (default: all of them at once, a burst; under --rate what the "
                + "limit of open files allows).",
            valueName: "n[,n...]"
        )
    )
    var concurrency: ConcurrencyArgument?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Start uploads for this time instead of counting them.", valueName: "time")
    )
    var duration: TimeArgument?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Open loop: uploads arrive at this rate whatever the server does, such as 200/s; several make a sweep.",
            valueName: "rate[,...]"
        )
    )
    var rate: RatesArgument?

    @Option(help: "Arrivals of an open loop: evenly spread, or at random as independent users come.")
    var arrivals: ArrivalSpread?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Open loop whose rate goes in straight lines from 0 through these, such as 10s:50/s,30s:200/s; 0s makes it jump.",
            valueName: "time:rate[,...]"
        )
    )
    var stages: StagesArgument?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Measured rounds of each target; 6 is the least for an interval.", valueName: "n")
    )
    var rounds = 10

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Rounds of each target that come first and are not counted.", valueName: "n")
    )
    var warmup = 1

    @Flag(help: "Measure the baseline twice, to find how much the machine differs from itself.")
    var aa = false

    @Option(help: ArgumentHelp("Seed of the order of rounds, of files and of arrivals.", valueName: "n"))
    var seed: UInt64 = 42

    @Option(parsing: .unconditional, help: ArgumentHelp("Threads that send.", valueName: "n"))
    var threads = 1

    /// Puts the flags into a draft.
    ///
    /// - Parameter draft: The draft.
    func apply(to draft: inout LoadPlanDraft) {
        draft.concurrency = concurrency?.numbers ?? []
        draft.duration = duration?.duration
        draft.rates = rate?.perSecond ?? []
        draft.spread = arrivals
        draft.stages = stages?.stages ?? []
        draft.rounds = rounds
        draft.warmup = warmup
        draft.measuresNoise = aa
        draft.seed = seed
        draft.threads = threads
    }
}

/// The flags of `run` that say how requests travel.
struct TransportOptions: ParsableArguments {
    @Option(help: "Connections: kept for a round, or a new one for each upload.")
    var connections: ConnectionPolicy = .reuse

    @Option(help: "Version of HTTP; 2 needs https://, and is not multiplexed.")
    var http: TransportPlan.Version = .one

    @Option(
        help: ArgumentHelp("Trust the certificates in this file instead of the system's.", valueName: "file")
    )
    var cacert: String?

    @Flag(help: "Take any certificate.")
    var insecure = false

    @Flag(help: "Let each upload wait for 100 Continue before its body, for a second at most.")
    var expectContinue = false

    /// Puts the flags into a draft.
    ///
    /// - Parameter draft: The draft.
    func apply(to draft: inout LoadPlanDraft) {
        draft.connections = connections
        draft.transport.version = http
        draft.transport.certificates = cacert
        draft.transport.isInsecure = insecure
        draft.transport.expectsContinue = expectContinue
    }
}

extension ArrivalSpread: ExpressibleByArgument {}
extension ConnectionPolicy: ExpressibleByArgument {}
extension TransportPlan.Version: ExpressibleByArgument {}
