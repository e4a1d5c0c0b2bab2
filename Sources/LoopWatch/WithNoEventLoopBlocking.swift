import Logging

/// Runs a body and finds what blocked an event loop or the cooperative pool meanwhile.
///
/// A block is a stretch for which a thread that serves others did not come back to them, although the machine
/// would have let it. What the body throws is rethrown, and blocks become warnings then.
///
/// - Parameters:
///   - watched: What is watched.
///   - threshold: How long is too long: 1 ms or more.
///   - action: What is done with blocks.
///   - ignoring: Which blocks are excused.
///   - caller: Whose blocks count; nil for everyone's.
///   - strict: Which calls that may block are found however short, one for each place.
///   - site: The place of the scope, for errors.
///   - isolation: Left to the compiler.
///   - body: What is watched.
/// - Returns: What the body returned.
/// - Throws: ``EventLoopBlockError``, ``LoopWatchError``, or what the body threw.
package func withNoEventLoopBlocking<Result>(
    _ watched: Watched = .everything,
    threshold: Duration = .milliseconds(10),
    action: WatchAction = .throw,
    ignoring: [IgnoreRule] = [],
    onlyFrom caller: CallerContext? = nil,
    strict: Strictness = .off,
    at site: CallSite,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> sending Result
) async throws -> sending Result {
    let scope = try await BlockScope.open(watched, threshold: threshold, strict: strict)
    scope.warning.map(Finding.warnOnce)
    let finder = BlockFinder(threshold: threshold, ignoring: ignoring, onlyFrom: caller)
    let result: Result
    do {
        result = try await body()
    } catch {
        await scope.findings(finder, at: site).map { Finding.warn($0.description) }
        throw error
    }
    if let error = await scope.findings(finder, at: site) { try Finding.act(action, on: error) }
    return result
}

/// Runs a body and finds what blocked an event loop or the cooperative pool meanwhile.
///
/// A block is a stretch for which a thread that serves others did not come back to them, although the machine
/// would have let it. What the body throws is rethrown, and blocks become warnings then.
///
/// - Parameters:
///   - watched: What is watched.
///   - threshold: How long is too long: 1 ms or more.
///   - action: What is done with blocks.
///   - ignoring: Which blocks are excused.
///   - caller: Whose blocks count; nil for everyone's.
///   - strict: Which calls that may block are found however short, one for each place.
///   - file: Left to the compiler.
///   - function: Left to the compiler.
///   - line: Left to the compiler.
///   - isolation: Left to the compiler.
///   - body: What is watched.
/// - Returns: What the body returned.
/// - Throws: ``EventLoopBlockError``, ``LoopWatchError``, or what the body threw.
public func withNoEventLoopBlocking<Result>(
    _ watched: Watched = .everything,
    threshold: Duration = .milliseconds(10),
    action: WatchAction = .throw,
    ignoring: [IgnoreRule] = [],
    onlyFrom caller: CallerContext? = nil,
    strict: Strictness = .off,
    file: String = #fileID,
    function: String = #function,
    line: Int = #line,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> sending Result
) async throws -> sending Result {
    try await withNoEventLoopBlocking(
        watched,
        threshold: threshold,
        action: action,
        ignoring: ignoring,
        onlyFrom: caller,
        strict: strict,
        at: CallSite(file: file, function: function, line: line),
        isolation: isolation,
        body
    )
}

extension BlockScope {
    /// Closes the scope.
    ///
    /// - Parameters:
    ///   - finder: Names and judges.
    ///   - site: The place of the scope.
    /// - Returns: The error that holds the blocks; nil without any.
    func findings(_ finder: BlockFinder, at site: CallSite) async -> EventLoopBlockError? {
        let sight = await close()
        let blocks = await finder.blocks(in: sight)
        var notes = StrictMode.notes(dropped: sight.droppedCalls)
        guard !blocks.isEmpty else {
            // Nothing was found, and something may have been there.
            for note in notes { Finding.warn("LoopWatch: \(note)") }
            return nil
        }
        // Jobs of the pool belong to one scope, whoever else is there.
        if sight.otherScopes > 0, blocks.contains(where: { $0.kind != .concurrencyPool }) {
            let scopes =
                sight.otherScopes == 1 ? "1 other scope was" : "\(sight.otherScopes) other scopes were"
            notes.append("\(scopes) open: what blocks a loop that several watch is told to each")
        }
        return EventLoopBlockError(blocks: blocks, site: site, methods: methods, notes: notes)
    }
}
