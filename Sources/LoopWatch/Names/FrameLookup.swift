import Synchronization

/// Looks stacks up: names for all addresses at once, then lines one address after the other.
///
/// Only the thread that names frames calls it; others read finished stacks.
package final class FrameLookup: Sendable {
    /// What finds names and lines.
    let resolver: any FrameResolver
    private let cache: Mutex<FrameCache>

    /// Makes a lookup with nothing known.
    ///
    /// - Parameters:
    ///   - resolver: What finds names and lines.
    ///   - capacity: The most addresses that are remembered.
    ///   - stackCapacity: The most stacks that are remembered.
    package init(resolver: any FrameResolver, capacity: Int, stackCapacity: Int) {
        self.resolver = resolver
        cache = Mutex(FrameCache(capacity: capacity, stackCapacity: stackCapacity))
    }

    /// The frames of a stack that was finished before.
    ///
    /// - Parameter stack: The stack.
    /// - Returns: `nil` if it has to be looked up.
    package func known(_ stack: RawStack) -> [StackFrame]? { cache.withLock { $0.frames(of: stack) } }

    /// Begins a stack: its names, and which of its addresses still need their lines.
    ///
    /// - Parameter stack: The stack.
    /// - Returns: The stack under way.
    func begin(_ stack: RawStack) -> StackLookup {
        var entries: [UInt64: FrameCache.Entry] = [:]
        cache.withLock { cache in
            for address in stack.entries.map(\.lookup) { entries[address] = cache.entry(at: address) }
        }
        var missing: [UInt64] = []
        var seen: Set<UInt64> = []
        for address in stack.entries.map(\.lookup)
        where entries[address] == nil && seen.insert(address).inserted {
            missing.append(address)
        }
        if !missing.isEmpty {
            for (address, name) in zip(missing, resolver.names(of: missing)) {
                let entry = FrameCache.Entry(name: name, places: nil)
                entries[address] = entry
                cache.withLock { $0.keep(entry, at: address) }
            }
        }
        return StackLookup(stack: stack, entries: entries)
    }

    /// The innermost address whose lines are still to be looked up.
    ///
    /// - Parameter lookup: The stack under way.
    /// - Returns: `nil` when the stack is complete.
    func pendingAddress(of lookup: StackLookup) -> UInt64? {
        guard resolver.givesPlaces else { return nil }
        return cache.withLock { cache in
            lookup.stack.entries.lazy.map(\.lookup).first { address in
                lookup.entries[address].map(cache.needsPlaces) ?? false
            }
        }
    }

    /// Looks up the lines at one address.
    ///
    /// - Parameters:
    ///   - address: The address.
    ///   - lookup: The stack under way.
    func locate(_ address: UInt64, in lookup: inout StackLookup) {
        guard var entry = lookup.entries[address] else { return }
        // Another stack may have brought the lines since this one began.
        let known = cache.withLock { $0.entry(at: address)?.places }
        entry.places = known ?? resolver.places(of: address, in: entry.name)
        lookup.entries[address] = entry
        if known == nil { cache.withLock { $0.keep(entry, at: address) } }
    }

    /// Makes the frames of a stack and remembers them.
    ///
    /// - Parameter lookup: The stack, complete.
    /// - Returns: The frames, innermost first.
    func finish(_ lookup: StackLookup) -> [StackFrame] {
        let frames = lookup.frames
        cache.withLock { $0.keep(frames, of: lookup.stack) }
        return frames
    }

    /// Looks up a whole stack at once.
    ///
    /// - Parameter stack: The stack.
    /// - Returns: The frames, innermost first.
    package func frames(of stack: RawStack) -> [StackFrame] {
        if let known = known(stack) { return known }
        var lookup = begin(stack)
        while let address = pendingAddress(of: lookup) { locate(address, in: &lookup) }
        return finish(lookup)
    }
}
