import Measurements

/// The order of the targets within each block: shuffled by seed, and balanced.
///
/// Over every group of as many blocks as there are targets, each target runs once at every place, so that
/// neither drift nor a warm cache favours one: of two targets half the blocks run AB, half BA.
enum BlockOrder {
    /// Draws the orders of a run.
    ///
    /// - Parameters:
    ///   - targets: How many targets there are.
    ///   - blocks: How many blocks there are.
    ///   - seed: The seed of the shuffle.
    /// - Returns: For each block, the targets in the order they run.
    static func draw(targets: Int, blocks: Int, seed: UInt64) -> [[Int]] {
        // A stream of its own, so that more files do not change the order of rounds.
        var generator = SplitMix64(seed: seed ^ 0x626C_6F63_6B73)
        var orders: [[Int]] = []
        while orders.count < blocks {
            var names = Array(0..<targets)
            generator.shuffle(&names)
            // The rotations of one order are a Latin square.
            var square = (0..<targets).map { shift in (0..<targets).map { names[($0 + shift) % targets] } }
            generator.shuffle(&square)
            orders += square
        }
        return Array(orders.prefix(blocks))
    }
}
