import Synchronization

/// Keeps bodies that are being read from being removed.
///
/// A body is looked up first and held then; between the two its row may go. So a removal also waits for the look-ups
/// that began before it.
final class BodyHolds: Sendable {
    /// Keeps some bodies for as long as it lives.
    final class Hold: Sendable {
        private let names: [String]
        private let holds: BodyHolds

        fileprivate init(_ names: [String], _ holds: BodyHolds) {
            (self.names, self.holds) = (names, holds)
        }

        deinit { holds.release(names) }
    }

    private struct State {
        /// Counts the removals, so that a look-up knows which came after it.
        var removals = 0
        /// How many look-ups are under way, by the number of removals when they began.
        var lookups: [Int: Int] = [:]
        /// How many readers hold a body.
        var holds: [String: Int] = [:]
        /// Bodies that wait for the look-ups that began before their removal.
        var waiting: [(removal: Int, names: [String])] = []
        /// Held bodies that go with their last reader.
        var doomed: Set<String> = []

        /// Takes the bodies nobody looks for any more; of those the ones that are held stay until they are not.
        mutating func takeFree() -> [String] {
            let earliest = lookups.keys.min() ?? .max
            let count = waiting.prefix { $0.removal <= earliest }.count
            let names = waiting.prefix(count).flatMap(\.names)
            waiting.removeFirst(count)
            doomed.formUnion(names.filter { holds[$0] != nil })
            return names.filter { holds[$0] == nil }
        }
    }

    private let bodies: BodyStore
    private let state = Mutex(State())

    /// Makes a list without holds.
    ///
    /// - Parameter bodies: Where the bodies lie.
    init(bodies: BodyStore) {
        self.bodies = bodies
    }

    /// Removes bodies no row refers to any more, at once or when they are read no more; on a thread that may block.
    ///
    /// - Parameter names: Their names.
    func remove(_ names: [String]) {
        guard !names.isEmpty else { return }
        let free = state.withLock { state in
            state.removals += 1
            state.waiting.append((state.removals, names))
            return state.takeFree()
        }
        bodies.remove(free)
    }

    /// Looks bodies up and holds those that were found.
    ///
    /// - Parameter find: Reads from a snapshot that is opened within; returns the bodies' names as well.
    /// - Returns: What was found, and what keeps the bodies.
    /// - Throws: What the closure throws.
    func holding<Value: Sendable>(
        _ find: () async throws -> (value: Value, names: [String])
    ) async throws -> (Value, Hold?) {
        let start = state.withLock { state in
            state.lookups[state.removals, default: 0] += 1
            return state.removals
        }
        do {
            let found = try await find()
            endLookup(start, holding: found.names)
            return (found.value, found.names.isEmpty ? nil : Hold(found.names, self))
        } catch {
            endLookup(start, holding: [])
            throw error
        }
    }

    private func endLookup(_ start: Int, holding names: [String]) {
        let free = state.withLock { state in
            for name in names { state.holds[name, default: 0] += 1 }
            state.lookups[start] = state.lookups[start].flatMap { $0 > 1 ? $0 - 1 : nil }
            return state.waiting.isEmpty ? [] : state.takeFree()
        }
        bodies.removeLater(free)
    }

    private func release(_ names: [String]) {
        let free = state.withLock { state in
            names.filter { name in
                state.holds[name] = state.holds[name].flatMap { $0 > 1 ? $0 - 1 : nil }
                return state.holds[name] == nil && state.doomed.remove(name) != nil
            }
        }
        bodies.removeLater(free)
    }
}
