import Synchronization

/// Bounds the bytes of request bodies in memory: uploads that find no room are refused, or wait, first come, first
/// served.
///
/// A client whose upload waits is held back by TCP, so that a burst of any size needs no more memory. A body of
/// unknown length takes room as it grows. One such body at a time may pass the limit: if all waited for each
/// other, none would end.
final class HeldBytes: Sendable {
    private struct Waiter {
        let number: Int
        let bytes: Int
        /// The room that is to grow; nil for a new one.
        let room: Int?
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        /// Below zero while a body is past the limit.
        var free: Int
        /// Rooms that grow, and behind them new ones.
        var waiting: [Waiter] = []
        /// The room that may pass the limit.
        var privileged: Int?
        var nextNumber = 0
        /// Waiters cancelled before they could stand in line.
        var cancelled: Set<Int> = []

        mutating func number() -> Int {
            nextNumber += 1
            return nextNumber
        }

        /// Where in the line to stand.
        func place(of room: Int?) -> Int {
            guard let room else { return waiting.count }
            return room == privileged ? 0 : waiting.firstIndex { $0.room == nil } ?? waiting.count
        }

        mutating func takes(_ bytes: Int, for room: Int?) -> Bool {
            if free < bytes {
                guard let room, privileged == nil || privileged == room else { return false }
                privileged = room
            }
            free -= bytes
            return true
        }
    }

    /// How much room a body of unknown length takes at a time.
    private static let step = 256 << 10

    private let limit: Int
    private let whenFull: IngestConfiguration.WhenFull
    private let state: Mutex<State>

    /// Makes an empty room.
    ///
    /// - Parameters:
    ///   - limit: The most bytes held at one time.
    ///   - whenFull: What becomes of uploads that find no room.
    init(limit: Int, whenFull: IngestConfiguration.WhenFull) {
        self.limit = limit
        self.whenFull = whenFull
        state = Mutex(State(free: limit))
    }

    /// How many bytes are taken now.
    var held: Int { limit - state.withLock { $0.free } }

    /// Takes room for a body.
    ///
    /// - Parameter length: The body's length, or nil if it is unknown; one longer than the limit needs all of it.
    /// - Returns: The room, which its end gives back.
    /// - Throws: ``IngestError/noRoom(limit:)`` if there is none and nobody waits, `CancellationError` if the task was
    ///   cancelled while it waited.
    func reserve(_ length: Int?) async throws -> Room {
        let bytes = min(length ?? Self.step, limit)
        try await take(bytes, for: nil)
        return Room(owner: self, number: state.withLock { $0.number() }, bytes: bytes)
    }

    private func take(_ bytes: Int, for room: Int?) async throws {
        let number = try state.withLock { state -> Int? in
            if whenFull == .refuse {
                guard state.free >= bytes else { throw IngestError.noRoom(limit: limit) }
                state.free -= bytes
                return nil
            }
            if state.place(of: room) == 0, state.takes(bytes, for: room) { return nil }
            return state.number()
        }
        if let number { try await waitForRoom(bytes, for: room, number) }
    }

    private func waitForRoom(_ bytes: Int, for room: Int?, _ number: Int) async throws {
        defer { state.withLock { _ = $0.cancelled.remove(number) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.contains(number) { return true }
                    let waiter = Waiter(number: number, bytes: bytes, room: room, continuation: continuation)
                    state.waiting.insert(waiter, at: state.place(of: room))
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

    private func giveBack(_ bytes: Int, of room: Int? = nil) {
        let admitted = state.withLock { state in
            state.free += bytes
            if room != nil, state.privileged == room { state.privileged = nil }
            var count = 0
            while count < state.waiting.count,
                state.takes(state.waiting[count].bytes, for: state.waiting[count].room)
            {
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
        fileprivate let number: Int
        fileprivate var bytes: Int

        /// Takes room for what has come of the body.
        ///
        /// - Parameter length: How much has come.
        /// - Throws: What ``HeldBytes/reserve(_:)`` throws.
        mutating func hold(_ length: Int) async throws {
            guard length > bytes, bytes < owner.limit else { return }
            let more = min(max(length - bytes, HeldBytes.step), owner.limit - bytes)
            try await owner.take(more, for: number)
            bytes += more
        }

        deinit {
            owner.giveBack(bytes, of: number)
        }
    }
}
