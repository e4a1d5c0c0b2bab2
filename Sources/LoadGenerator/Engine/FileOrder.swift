import Measurements

/// Which file each upload of a round carries: the same for every round and target.
enum FileOrder {
    /// Deals files out, each pass over them in a new order.
    ///
    /// - Parameters:
    ///   - files: How many files there are.
    ///   - requests: How many uploads there are.
    ///   - seed: The seed of the shuffles.
    /// - Returns: The file of each upload.
    static func deal(files: Int, requests: Int, seed: UInt64) -> [Int32] {
        guard files > 1 else { return [Int32](repeating: 0, count: requests) }
        var generator = SplitMix64(seed: seed)
        var dealt: [Int32] = []
        dealt.reserveCapacity(requests + files)
        while dealt.count < requests {
            var pass = (0..<files).map { Int32($0) }
            generator.shuffle(&pass)
            dealt += pass
        }
        return Array(dealt.prefix(requests))
    }
}
