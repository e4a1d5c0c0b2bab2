import Curl
import Measurements
import MultipartForm

/// What the engine is told to do for one round.
struct RoundOrder: Sendable {
    let target: LoadTarget
    /// The one address the target's host stands for.
    let pinned: PinnedAddress
    let arrivals: ArrivalModel
    let requests: Int
    let concurrency: Int
    let connections: ConnectionPolicy
    let timeout: Duration
    let expectedStatuses: ExpectedStatuses
    /// The encoded files.
    let bodies: [MultipartBody]
    /// Which of them each upload carries.
    let files: [Int32]
    /// Reads the machine's counters, at go and at the end.
    var readMachine: @Sendable () -> MachineSnapshot = MachineSnapshot.take

    /// Upload buffers: small ones keep memory low where many uploads are in flight.
    var uploadBufferSize: Int { concurrency <= 512 ? 128 * 1024 : 64 * 1024 }
}

/// A host and the numeric address that it stands for during the run.
struct PinnedAddress: Sendable, Equatable {
    var host: String
    var port: Int
    var address: String

    /// Whether the host is no name but that address itself, so that libcurl need not be told.
    var isNumeric: Bool { host == address }
}

/// What the engine saw of one round; times on the monotonic clock are marked as such.
struct RoundMeasurement: Sendable {
    /// Go on the monotonic clock.
    var go: Nanoseconds
    /// The wall time of go.
    var started: Timestamp
    /// The uploads, by their place in the schedule.
    var samples: [Sample]
    /// From go to the end of the last upload.
    var makespan: Nanoseconds
    /// How late each upload was sent, for those that were.
    var lags: [Nanoseconds]
    /// Connections that were opened after go.
    var openedAfterGo: Int
    /// Processor time of the engine's thread from go to the end.
    var processorTime: Nanoseconds
    /// The machine at go and at the end.
    var machine: (before: MachineSnapshot, after: MachineSnapshot)
    /// Whether it was told to stop.
    var isStopped: Bool
}
