import Synchronization

/// Lets one watched test of the process run at a time, in the order in which they came.
///
/// Loops and the pool are shared: two tests at once would find each other's blocks.
package final class TestTurn: Sendable {
    /// The one of the process.
    package static let shared = TestTurn()

    private struct Line {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let line = Mutex(Line())

    /// Makes a turn of its own.
    package init() {}

    /// Runs a body when nobody else runs.
    ///
    /// - Parameter body: The body.
    /// - Throws: What the body throws.
    package func take(_ body: () async throws -> Void) async rethrows {
        await withCheckedContinuation { continuation in
            let isFree = line.withLock { line in
                guard line.isTaken else {
                    line.isTaken = true
                    return true
                }
                line.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        defer { pass() }
        try await body()
    }

    private func pass() {
        let next = line.withLock { line in
            guard !line.waiting.isEmpty else {
                line.isTaken = false
                return nil as CheckedContinuation<Void, Never>?
            }
            return line.waiting.removeFirst()
        }
        next?.resume()
    }
}
