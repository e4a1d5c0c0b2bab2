import Synchronization

/// What clients are made to suffer, so that their patience can be tested.
///
/// Drawn anew for each request, from a seed: the same requests in the same order suffer the same.
public struct S3Faults: Sendable, Hashable {
    /// How long each request waits before it is looked at.
    public var delay = Duration.zero
    /// How many of all requests, from 0 to 1, are answered 503 SlowDown.
    public var errorRate = 0.0
    /// How many of all requests, from 0 to 1, are cut off without an answer.
    public var cutRate = 0.0
    /// Where the random numbers start.
    public var seed: UInt64 = 0

    /// No faults; set those that are wanted.
    public init() {}
}

/// Draws what happens to each request.
final class FaultSource: Sendable {
    /// What happens to one request.
    enum Fate {
        case none, error, cut
    }

    private let faults: S3Faults
    private let state: Mutex<UInt64>

    init(_ faults: S3Faults) {
        self.faults = faults
        state = Mutex(faults.seed)
    }

    /// Waits, and draws the fate of the next request.
    ///
    /// - Returns: What is to happen to it.
    /// - Throws: `CancellationError` if the store stops meanwhile.
    func next() async throws -> Fate {
        let number = Double(draw() >> 11) / Double(1 << 53 as UInt64)
        if faults.delay > .zero { try await Task.sleep(for: faults.delay) }
        if number < faults.cutRate { return .cut }
        return number < faults.cutRate + faults.errorRate ? .error : .none
    }

    /// SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
    private func draw() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }
}

/// Thrown to cut a connection without an answer.
struct ConnectionCut: Error {}
