import NIOCore
import Synchronization

/// What keeps a store from being used.
package enum StoreTrouble: String, Sendable {
    case unreachable = "store_unreachable"
    case bucketMissing = "bucket_missing"
}

/// Knows whether the store can be used, without making anybody wait for it.
final class StoreWatch: Sendable {
    private struct State {
        var trouble: StoreTrouble?
        var asked: NIODeadline?
        var asking: Task<Void, Never>?
    }

    /// How long an answer is good for.
    private static let age = TimeAmount.seconds(5)

    private let ask: (@Sendable () async -> StoreTrouble?)?
    private let state = Mutex(State())

    /// Begins to watch a store.
    ///
    /// - Parameter ask: Asks it; nil for one that can always be used.
    init(_ ask: (@Sendable () async -> StoreTrouble?)?) {
        self.ask = ask
        askAgain(at: .now())
    }

    /// What the store said last; it is asked again behind that if it is long ago.
    ///
    /// - Parameter now: The current time.
    /// - Returns: What is wrong; nil if nothing is, or before the first answer.
    func trouble(at now: NIODeadline) -> StoreTrouble? {
        askAgain(at: now)
        return state.withLock { $0.trouble }
    }

    /// Ends the watch, and waits for a question that is under way.
    func stop() async {
        let asking = state.withLock { state in
            // So that nobody asks again.
            state.asked = .distantFuture
            return state.asking
        }
        asking?.cancel()
        await asking?.value
    }

    private func askAgain(at now: NIODeadline) {
        guard let ask else { return }
        state.withLock { state in
            if let asked = state.asked, asked + Self.age > now { return }
            state.asked = now
            state.asking = Task { [weak self] in
                let trouble = await ask()
                self?.state.withLock { $0.trouble = trouble }
            }
        }
    }
}
