import Measurements

/// Decides whether a block is measured again: only for what came from outside, and three times at most.
struct BlockRepeats {
    /// The most times that one block is measured again.
    static let limit = 3

    /// Why earlier attempts at the open block were discarded.
    private(set) var discarded: [String] = []
    /// The attempt under way, from 1.
    private(set) var attempt = 1

    /// Judges an attempt that is over.
    ///
    /// - Parameter disturbances: What disturbed its rounds from outside.
    /// - Returns: Whether to discard it and measure the block again.
    mutating func repeats(after disturbances: [String]) -> Bool {
        guard !disturbances.isEmpty, attempt <= BlockRepeats.limit else { return false }
        attempt += 1
        discarded.append(disturbances.joined(separator: ", "))
        return true
    }
}
