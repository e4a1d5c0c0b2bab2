import Curl
import Measurements
import MultipartForm

/// What the engine is told to do for one round.
struct RoundOrder: Sendable {
    let target: LoadTarget
    /// The one address the target's host stands for.
    let pinned: PinnedAddress
    let arrivals: ArrivalModel
    let limit: Pacer.Limit
    /// The time for which completions count; nil counts them all.
    let window: Nanoseconds?
    let concurrency: Int
    /// Whether all connections are opened before go; else the first few, and others as they are needed.
    var opensAll: Bool
    var connections: ConnectionPolicy
    let transport: TransportPlan
    let timeout: Duration
    let expectedStatuses: ExpectedStatuses
    /// The encoded files.
    let bodies: [MultipartBody]
    /// The block, which random arrivals are drawn for.
    let block: Int
    let seed: UInt64
    /// Which part of the round this process has; its threads share it.
    var part = Pacer.Shard()

    /// Where an upload of this process stands among those that it has of the round.
    ///
    /// - Parameter sequence: Its place among all uploads of the round.
    /// - Returns: Its place here.
    func place(of sequence: Int) -> Int { sequence / part.count }

    /// The buffers of each upload and its answer: small ones keep memory low where many are in flight.
    var bufferSizes: (upload: Int, response: Int) {
        if part.share(of: concurrency) <= 512 { return (131_072, 16_384) }
        return (65_536, 4096)
    }

    /// Connections that are opened before go where nobody said how many uploads may be in flight.
    private static let firstConnections = 64

    /// The connections that a shard opens before go.
    ///
    /// - Parameter shard: The shard.
    /// - Returns: How many.
    func connectionsBeforeGo(_ shard: Pacer.Shard) -> Int {
        guard connections == .reuse else { return 0 }
        return shard.share(of: opensAll ? concurrency : min(concurrency, RoundOrder.firstConnections))
    }

    /// The schedule of a shard.
    ///
    /// - Parameter shard: The shard.
    /// - Returns: Its pacer.
    func pacer(_ shard: Pacer.Shard) -> Pacer {
        var starts: Arrivals?
        if case .open(let schedule) = arrivals { starts = Arrivals(schedule, seed: seed, block: block) }
        return Pacer(
            isBurst: arrivals == .burst,
            arrivals: starts,
            limit: limit,
            cap: shard.share(of: concurrency),
            shard: shard
        )
    }
}

/// A host and the numeric address that it stands for during the run.
struct PinnedAddress: Sendable, Equatable {
    var host: String
    var port: Int
    var address: String

    /// Whether the host is no name but that address itself, so that libcurl need not be told.
    var isNumeric: Bool { host == address }
}

extension TransportPlan {
    /// The same in libcurl's terms.
    var handle: EasyHandle.Transport {
        var transport = EasyHandle.Transport()
        transport.isHTTP2 = version == .two
        transport.certificates = certificates
        transport.isInsecure = isInsecure
        return transport
    }
}

/// What the engine saw of one round.
struct RoundMeasurement: Sendable {
    /// Go on the monotonic clock.
    var go: Nanoseconds
    /// The wall time of go.
    var started: Timestamp
    /// From go to the end of the last upload.
    var makespan: Nanoseconds
    /// Connections that were opened after go.
    var openedAfterGo: Int
    /// Uploads that waited for a `100 Continue` until libcurl's patience ended.
    var waitsForContinue: Int
    /// Processor time of each engine thread from go to the end.
    var processorTimes: [Nanoseconds]
    /// The machine at go and at the end.
    var machine: (before: MachineSnapshot, after: MachineSnapshot)
    /// Whether it was told to stop.
    var isStopped: Bool
}
