internal import Dispatch
import Synchronization

/// Gives addresses their names, files and lines.
///
/// A line costs milliseconds of processor time in a large program, so each address is looked up once, functions
/// of dependencies once altogether, and whole stacks are known again.
package final class Symbolicator: Sendable {
    /// How soon names are wanted.
    package enum Patience: Sendable {
        /// At once, whatever it costs: a scope is ending in an error.
        case none
        /// When the budget of 20 ms of processor time a second allows it: a server is running.
        case background
    }

    /// The one of the process: what is known of an address serves all.
    package static let shared = Symbolicator(resolver: Symbolicator.bestResolver())

    /// Whether files and lines can be told; names alone otherwise.
    package var givesPlaces: Bool { lookup.resolver.givesPlaces }

    private let lookup: FrameLookup
    private let thread: NameThread

    /// Makes a symbolicator with a cache of its own.
    ///
    /// - Parameters:
    ///   - resolver: What finds names and lines.
    ///   - capacity: The most addresses that are remembered.
    package init(resolver: any FrameResolver, capacity: Int = 100_000) {
        lookup = FrameLookup(resolver: resolver, capacity: capacity, stackCapacity: capacity / 10)
        thread = NameThread(lookup: lookup, perSecond: .milliseconds(20))
    }

    /// The frames of a stack; the calling thread waits for them.
    ///
    /// - Parameters:
    ///   - addresses: The addresses, innermost first.
    ///   - kinds: How each came into the stack, as `lp_frame_kind`.
    ///   - patience: How soon they are wanted; a thread that waits with patience serves nobody else.
    /// - Returns: The frames, innermost first; more than addresses where functions are inlined.
    package func frames(addresses: [UInt64], kinds: [UInt8], patience: Patience = .none) -> [StackFrame] {
        let stack = RawStack(addresses: addresses, kinds: kinds)
        if let known = lookup.known(stack) { return known }
        let done = DispatchSemaphore(value: 0)
        let answer = Answer()
        let request = NameThread.Request(stack: stack) { frames in
            answer.frames.withLock { $0 = frames }
            done.signal()
        }
        thread.add(request, isUrgent: patience == .none)
        done.wait()
        return answer.frames.withLock { $0 }
    }

    /// The frames of a stack, without holding a thread up.
    ///
    /// - Parameters:
    ///   - addresses: The addresses, innermost first.
    ///   - kinds: How each came into the stack, as `lp_frame_kind`.
    ///   - patience: How soon they are wanted.
    /// - Returns: The frames, innermost first; more than addresses where functions are inlined.
    package func frames(addresses: [UInt64], kinds: [UInt8], patience: Patience) async -> [StackFrame] {
        let stack = RawStack(addresses: addresses, kinds: kinds)
        if let known = lookup.known(stack) { return known }
        return await withCheckedContinuation { continuation in
            let request = NameThread.Request(stack: stack) { continuation.resume(returning: $0) }
            thread.add(request, isUrgent: patience == .none)
        }
    }

    /// Runs a body, and names meanwhile at once whatever was asked for with patience.
    ///
    /// - Parameter body: Waits for names.
    package func withoutPatience(_ body: () async -> Void) async {
        thread.hurry(true)
        await body()
        thread.hurry(false)
    }

    /// The images and offsets of a stack's addresses alone, for a symbolicator elsewhere.
    ///
    /// - Parameters:
    ///   - addresses: The addresses, innermost first.
    ///   - kinds: How each came into the stack, as `lp_frame_kind`.
    /// - Returns: One frame an address, without function, file and line.
    package func places(addresses: [UInt64], kinds: [UInt8]) -> [StackFrame] {
        RawStack(addresses: addresses, kinds: kinds).entries.map { entry in
            let name = LinkerResolver.name(of: entry.lookup)
            return StackFrame(
                address: entry.address,
                function: nil,
                module: name.image.map { ImagePath(path: $0).name },
                offset: name.offset,
                kind: entry.kind == .asyncResumption ? .asyncCaller : .call
            )
        }
    }

    /// What a symbolicator elsewhere needs to find the images again.
    ///
    /// - Parameter addresses: Addresses of stacks.
    /// - Returns: The build IDs in hexadecimal digits by the names of the images that have one.
    package static func buildIDs(addresses: [UInt64]) -> [String: String] {
        var identities: [String: String] = [:]
        for address in addresses {
            guard let image = LinkerResolver.name(of: address).image else { continue }
            let name = ImagePath(path: image).name
            if identities[name] == nil { identities[name] = LinkerResolver.buildID(at: address) }
        }
        return identities
    }

    private static func bestResolver() -> any FrameResolver {
        #if os(Linux) && canImport(Runtime)
        if let resolver = RuntimeResolver() { return resolver }
        #endif
        return LinkerResolver()
    }
}

/// Carries frames from the naming thread to the one that waits.
private final class Answer: Sendable {
    package let frames = Mutex<[StackFrame]>([])
}
