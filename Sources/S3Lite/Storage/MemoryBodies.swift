import NIOCore
import S3Wire
import Synchronization

/// Bodies kept in this process.
final class MemoryBodies: Sendable {
    private struct State {
        var bytes: [String: ByteBuffer] = [:]
        /// What is stored and what is promised to bodies on their way in.
        var used: Int64 = 0
        var nextName: UInt64 = 0
    }

    private let limit: Int64
    private let state = Mutex(State())

    /// Makes an empty store.
    ///
    /// - Parameter limit: How many bytes it may hold.
    init(limit: Int64) {
        self.limit = limit
    }

    /// Sets room aside for a body that is about to come.
    ///
    /// - Parameter size: Its declared size.
    /// - Throws: ``S3RequestError`` (InsufficientStorage) if there is not as much.
    func reserve(_ size: Int64) throws(S3RequestError) {
        let fits = state.withLock { state in
            guard state.used + size <= limit else { return false }
            state.used += size
            return true
        }
        guard fits else { throw S3RequestError(.insufficientStorage) }
    }

    /// Gives back the room of a body that did not come.
    ///
    /// - Parameter size: What was reserved.
    func release(_ size: Int64) {
        state.withLock { $0.used -= size }
    }

    /// Keeps a body whose room is reserved.
    ///
    /// - Parameter bytes: The body.
    /// - Returns: Its name.
    func add(_ bytes: ByteBuffer) -> String {
        state.withLock { state in
            state.nextName += 1
            let name = String(state.nextName)
            state.bytes[name] = bytes
            return name
        }
    }

    /// Finds a body.
    ///
    /// - Parameter name: Its name.
    /// - Returns: Its bytes, which stay valid when it is removed; nil if it was.
    func bytes(_ name: String) -> ByteBuffer? {
        state.withLock { $0.bytes[name] }
    }

    /// Removes bodies.
    ///
    /// - Parameter names: Their names.
    func remove(_ names: [String]) {
        // The buffers are freed outside the lock: that may take long.
        let removed = state.withLock { state in
            let removed = names.compactMap { state.bytes.removeValue(forKey: $0) }
            state.used -= removed.reduce(0) { $0 + Int64($1.readableBytes) }
            return removed
        }
        withExtendedLifetime(removed) {}
    }

    /// Removes everything.
    func removeAll() {
        let removed = state.withLock { state in
            defer { state.bytes = [:] }
            state.used -= state.bytes.values.reduce(0) { $0 + Int64($1.readableBytes) }
            return state.bytes
        }
        withExtendedLifetime(removed) {}
    }
}
