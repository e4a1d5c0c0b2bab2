package import NIOCore
package import S3Wire
import Synchronization

/// Bodies kept in this process; equal ones are kept once.
///
/// A load test stores the same images thousands of times: memory must not grow with it.
package final class MemoryBodies: Sendable {
    /// Bytes that one or more bodies have in common.
    private struct Content {
        let bytes: ByteBuffer
        var bodies: Int
    }

    private struct State {
        /// The MD5 of each body.
        var digests: [String: [UInt8]] = [:]
        /// By MD5; a body whose MD5 is taken by other bytes has its own name for a key.
        var contents: [[UInt8]: Content] = [:]
        /// What is stored and what is promised to bodies on their way in.
        var used: Int64 = 0
        var nextName: UInt64 = 0
    }

    private let limit: Int64
    private let state = Mutex(State())

    /// Makes an empty store.
    ///
    /// - Parameter limit: How many bytes it may hold.
    package init(limit: Int64) {
        self.limit = limit
    }

    /// Sets room aside for a body that is about to come.
    ///
    /// - Parameter size: Its declared size.
    /// - Throws: ``S3RequestError`` (InsufficientStorage) if there is not as much.
    package func reserve(_ size: Int64) throws(S3RequestError) {
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
    package func release(_ size: Int64) {
        state.withLock { $0.used -= size }
    }

    /// Keeps a body whose room is reserved; the room is given back if the same bytes are here already.
    ///
    /// - Parameters:
    ///   - bytes: The body.
    ///   - md5: Its MD5: the first guess at which body is the same, never the proof.
    /// - Returns: Its name.
    package func add(_ bytes: ByteBuffer, md5: [UInt8]) -> String {
        state.withLock { state in
            state.nextName += 1
            let name = String(state.nextName)
            if let known = state.contents[md5], known.bytes == bytes {
                state.contents[md5]?.bodies += 1
                state.used -= Int64(bytes.readableBytes)
                state.digests[name] = md5
            } else {
                let key = state.contents[md5] == nil ? md5 : Array(name.utf8)
                state.contents[key] = Content(bytes: bytes, bodies: 1)
                state.digests[name] = key
            }
            return name
        }
    }

    /// Finds a body.
    ///
    /// - Parameter name: Its name.
    /// - Returns: Its bytes, which stay valid when it is removed; nil if it was.
    package func bytes(_ name: String) -> ByteBuffer? {
        state.withLock { state in
            state.digests[name].flatMap { state.contents[$0]?.bytes }
        }
    }

    /// Removes bodies.
    ///
    /// - Parameter names: Their names.
    package func remove(_ names: [String]) {
        // The buffers are freed outside the lock: that may take long.
        let removed = state.withLock { state in
            let removed = names.compactMap { name -> ByteBuffer? in
                guard let key = state.digests.removeValue(forKey: name), let content = state.contents[key]
                else {
                    return nil
                }
                guard content.bodies == 1 else {
                    state.contents[key]?.bodies -= 1
                    return nil
                }
                return state.contents.removeValue(forKey: key)?.bytes
            }
            state.used -= removed.reduce(0) { $0 + Int64($1.readableBytes) }
            return removed
        }
        withExtendedLifetime(removed) {}
    }
}
