import LoopWatch
import NIOCore
import Synchronization

/// The server's eye on its own event loops: what blocks them, where, and for how long.
final class LoopWatching: Sendable {
    /// What has been counted since the start, for metrics.
    struct Counts: Sendable, Equatable {
        /// How many blocks there were.
        var blocks = 0
        /// How long they lasted together.
        var blocked = Duration.zero
    }

    private let detector = Mutex<BlockDetector?>(nil)
    private let counts = Mutex(Counts())

    /// The detector; nil where nothing is watched.
    var running: BlockDetector? { detector.withLock { $0 } }

    /// What has been counted so far.
    var total: Counts { counts.withLock { $0 } }

    /// Starts watching.
    ///
    /// - Parameters:
    ///   - loops: The server's loops.
    ///   - threshold: How long is too long.
    ///   - capacity: How many blocks are kept.
    ///   - namesLater: Whether blocks get their names when somebody asks for them, not as they come.
    ///   - watchesPool: Whether handlers run on the cooperative pool, which is watched then, too.
    /// - Throws: ``LoopWatchError``.
    func start(
        _ loops: any EventLoopGroup,
        threshold: Duration,
        capacity: Int,
        namesLater: Bool,
        watchesPool: Bool
    ) async throws(LoopWatchError) {
        var configuration = BlockDetector.Configuration()
        configuration.watched = .loops(of: loops)
        if watchesPool { configuration.watched = configuration.watched.union(.concurrencyPool) }
        configuration.threshold = threshold
        configuration.capacity = capacity
        configuration.namesWhenSettled = namesLater
        configuration.onBlock = { [weak self] block in
            self?.counts.withLock { counts in
                counts.blocks += 1
                counts.blocked += block.blocked
            }
        }
        let started = try await BlockDetector.start(configuration)
        detector.withLock { $0 = started }
    }

    /// Stops watching.
    func stop() async {
        let running = detector.withLock { detector in
            defer { detector = nil }
            return detector
        }
        _ = await running?.stop()
    }

    /// The blocks that are kept, as JSON.
    ///
    /// - Parameter query: The query of the request: `since` and `limit`, whole numbers both.
    /// - Returns: What `Snapshot.json` gives.
    /// - Throws: ``IngestError`` for a query that says something else, or where nothing is watched.
    func blocks(_ query: Substring) throws(IngestError) -> ByteBuffer {
        guard let detector = running else { throw .notWatching }
        var numbers: [Substring: Int] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, ["since", "limit"].contains(parts[0]), let number = Int(parts[1]),
                number >= 0
            else { throw .badRequest(reason: "\(pair.prefix(100)) is not since=N or limit=N") }
            numbers[parts[0]] = number
        }
        let snapshot = detector.snapshot(since: numbers["since"], limit: numbers["limit"])
        return ByteBuffer(string: snapshot.json())
    }
}
