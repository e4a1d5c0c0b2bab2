import NIOCore

/// Decides when a client sends its body too slowly.
///
/// Only the time counts in which the server waited for bytes, and of one wait no more than ten seconds: the
/// loop may have been blocked, and the bytes there all the time.
struct BodyPace {
    /// The most of one wait that counts.
    private static let longestWait = TimeAmount.seconds(10)
    /// How long the client is watched at a time.
    private static let window = TimeAmount.seconds(30)
    /// What must come in that time: 1 KiB/s.
    private static let leastBytes = 30 << 10

    private var waited = TimeAmount.zero
    private var bytes = 0

    /// Notes bytes that came.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - wait: How long they were waited for.
    /// - Returns: Whether that is too slow.
    mutating func isTooSlow(_ count: Int, after wait: TimeAmount) -> Bool {
        bytes += count
        waited = waited + min(wait, Self.longestWait)
        guard waited >= Self.window else { return false }
        defer { (waited, bytes) = (.zero, 0) }
        return bytes < Self.leastBytes
    }
}
