import Synchronization

/// Bounds the bytes of request bodies in memory: uploads that find no room wait, first come, first served.
///
/// A client whose upload waits is held back by TCP, so that a burst of any size needs no more memory.
final class HeldBytes: Sendable {
    private struct Waiter {
        let number: Int
        let bytes: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        var waiting: [Waiter] = []
        var nextNumber = 0
        /// Waiters cancelled before they could stand in line.
        var cancelled: Set<Int> = []
    }

    private let limit: Int
    private let state: Mutex<State>

    /// Makes an empty room.
    ///
    /// - Parameter limit: The most bytes held at one time.
    init(limit: Int) {
        self.limit = limit
        state = Mutex(State(free: limit))
    }

    /// Waits for room for a body.
    ///
    /// - Parameter bytes: The body's length; one longer than the limit waits until it is alone.
    /// - Returns: The room, which its end gives back.
    /// - Throws: `CancellationError` if the task was cancelled while it waited.
    func reserve(_ bytes: Int) async throws -> Room {
        let bytes = min(bytes, limit)
        let number = state.withLock { state -> Int? in
            if state.waiting.isEmpty, state.free >= bytes {
                state.free -= bytes
                return nil
            }
            state.nextNumber += 1
            return state.nextNumber
        }
        if let number { try await waitForRoom(bytes, number) }
        return Room(owner: self, bytes: bytes)
    }

    private func waitForRoom(_ bytes: Int, _ number: Int) async throws {
        defer { state.withLock { _ = $0.cancelled.remove(number) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.contains(number) { return true }
                    state.waiting.append(Waiter(number: number, bytes: bytes, continuation: continuation))
                    return false
                }
                // What was given back since the first look is for the new waiter too.
                if isCancelled { continuation.resume(throwing: CancellationError()) } else { giveBack(0) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiting.firstIndex(where: { $0.number == number }) else {
                    state.cancelled.insert(number)
                    return nil
                }
                return state.waiting.remove(at: index)
            }
            waiter?.continuation.resume(throwing: CancellationError())
            // Whoever stood behind a large body may fit now.
            giveBack(0)
        }
    }

    private func giveBack(_ bytes: Int) {
        let admitted = state.withLock { state in
            state.free += bytes
            var count = 0
            while count < state.waiting.count, state.waiting[count].bytes <= state.free {
                state.free -= state.waiting[count].bytes
                count += 1
            }
            defer { state.waiting.removeFirst(count) }
            return Array(state.waiting.prefix(count))
        }
        for waiter in admitted { waiter.continuation.resume() }
    }

    /// Room for one body.
    struct Room: ~Copyable {
        fileprivate let owner: HeldBytes
        fileprivate let bytes: Int

        deinit {
            owner.giveBack(bytes)
        }
    }
}
