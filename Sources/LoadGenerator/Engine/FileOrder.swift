import Measurements

/// Which file each upload of a round carries: the same for every round and target.
///
/// Each pass over the files comes in a new order; only the pass under way is kept.
struct FileOrder {
    private var generator: SplitMix64
    private var order: [Int32]
    private var pass = -1

    /// Makes the order of a round.
    ///
    /// - Parameters:
    ///   - files: How many files there are.
    ///   - seed: The seed of the shuffles.
    init(files: Int, seed: UInt64) {
        generator = SplitMix64(seed: seed)
        order = (0..<Int32(files)).map { $0 }
    }

    /// The file of an upload.
    ///
    /// - Parameter sequence: The upload's place in the schedule, never less than the time before.
    /// - Returns: The file.
    mutating func file(of sequence: Int) -> Int32 {
        guard order.count > 1 else { return 0 }
        while pass < sequence / order.count {
            pass += 1
            for place in order.indices { order[place] = Int32(place) }
            generator.shuffle(&order)
        }
        return order[sequence % order.count]
    }
}
