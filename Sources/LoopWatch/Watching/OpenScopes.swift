import Synchronization

/// The scopes that watch for blocks: those that are open at once and share a loop are told of its blocks alike.
final class OpenScopes: Sendable {
    /// One scope's entry.
    struct Entry: Sendable {
        fileprivate let number: Int
    }

    private struct Open {
        let probes: Probes
        /// How many others have shared a loop with it so far.
        var others = 0
    }

    private struct State {
        var scopes: [Int: Open] = [:]
        var last = 0
    }

    /// Those of the process.
    static let shared = OpenScopes()

    private let state = Mutex(State())

    /// Notes that a scope is open.
    ///
    /// - Parameter probes: What it watches.
    /// - Returns: Its entry, which must be closed.
    func open(_ probes: Probes) -> Entry {
        state.withLock { state in
            state.last += 1
            var new = Open(probes: probes)
            for number in state.scopes.keys
            where state.scopes[number]?.probes.sharesLoops(with: probes) == true {
                state.scopes[number]?.others += 1
                new.others += 1
            }
            state.scopes[state.last] = new
            return Entry(number: state.last)
        }
    }

    /// Notes that a scope is open no longer.
    ///
    /// - Parameter entry: Its entry.
    /// - Returns: How many others were open meanwhile that watched one of its loops.
    func close(_ entry: Entry) -> Int {
        state.withLock { $0.scopes.removeValue(forKey: entry.number)?.others ?? 0 }
    }
}
