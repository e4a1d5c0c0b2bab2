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

/// One block of a run: a round of every target at one load.
struct RunBlock: Equatable {
    /// Its number among those of its load, warm-ups by themselves.
    let index: Int
    let isWarmup: Bool
    let load: Load
    /// The targets in the order they run.
    let targets: [Int]

    /// Draws the blocks of a run.
    ///
    /// A sweep goes through all its loads, in a new order each time, before any comes again: so a
    /// machine that slows down does not look like a load that grew.
    ///
    /// - Parameter plan: The run.
    /// - Returns: The blocks in the order they run, warm-ups first.
    static func draw(_ plan: LoadPlan) -> [RunBlock] {
        let numbers = plan.loads.count
        // Drawn apart, so that the measured blocks are balanced by themselves.
        return [(plan.warmup, true), (plan.rounds, false)].flatMap { blocks, isWarmup in
            let sweeps = BlockOrder.draw(targets: numbers, blocks: blocks, seed: ~plan.seed)
            let orders = (0..<numbers).map { number in
                BlockOrder.draw(
                    targets: plan.targets.count,
                    blocks: blocks,
                    seed: plan.seed &+ UInt64(number) << 32
                )
            }
            return (0..<blocks).flatMap { index in
                sweeps[index].map { number in
                    RunBlock(
                        index: index,
                        isWarmup: isWarmup,
                        load: plan.loads[number],
                        targets: orders[number][index]
                    )
                }
            }
        }
    }
}
