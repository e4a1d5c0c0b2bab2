import Logging

/// Runs a body and finds the threads made meanwhile that still run after it.
///
/// What the body throws is rethrown, and what is left becomes a warning then.
///
/// - Parameters:
///   - filter: Which threads count.
///   - grace: How long after the body they may end; over as soon as nothing is left.
///   - action: What is done with those that are left.
///   - includingRuntimeThreads: Whether threads of the runtime, of dispatch and of NIO's singletons count.
///   - file: Left to the compiler.
///   - function: Left to the compiler.
///   - line: Left to the compiler.
///   - isolation: Left to the compiler.
///   - body: What makes threads.
/// - Returns: What the body returned.
/// - Throws: ``ThreadLeakError``, ``LoopWatchError``, or what the body threw.
public func withNoThreadLeaks<Result>(
    named filter: NameFilter = .any,
    grace: Duration = .milliseconds(100),
    action: WatchAction = .throw,
    includingRuntimeThreads: Bool = false,
    file: String = #fileID,
    function: String = #function,
    line: Int = #line,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> sending Result
) async throws -> sending Result {
    let check = LeakChecks.Threads(
        named: filter,
        grace: grace,
        action: action,
        includingRuntimeThreads: includingRuntimeThreads
    )
    let site = CallSite(file: file, function: function, line: line)
    let scope = try ThreadLeakScope(check)
    defer { scope.close() }
    let result: Result
    do {
        result = try await body()
    } catch {
        if let left = await scope.findings(at: site) { action.actBesideAnotherError(on: left) }
        throw error
    }
    if let left = await scope.findings(at: site) { try action.act(on: left) }
    return result
}

/// Runs a body on the calling thread and finds the threads made meanwhile that still run after it.
///
/// It waits for the grace period on the calling thread. What the body throws is rethrown, and what is left becomes a
/// warning then.
///
/// - Parameters:
///   - filter: Which threads count.
///   - grace: How long after the body they may end; over as soon as nothing is left.
///   - action: What is done with those that are left.
///   - includingRuntimeThreads: Whether threads of the runtime, of dispatch and of NIO's singletons count.
///   - file: Left to the compiler.
///   - function: Left to the compiler.
///   - line: Left to the compiler.
///   - body: What makes threads.
/// - Returns: What the body returned.
/// - Throws: ``ThreadLeakError``, ``LoopWatchError``, or what the body threw.
public func withNoThreadLeaks<Result>(
    named filter: NameFilter = .any,
    grace: Duration = .milliseconds(100),
    action: WatchAction = .throw,
    includingRuntimeThreads: Bool = false,
    file: String = #fileID,
    function: String = #function,
    line: Int = #line,
    _ body: () throws -> Result
) throws -> Result {
    let check = LeakChecks.Threads(
        named: filter,
        grace: grace,
        action: action,
        includingRuntimeThreads: includingRuntimeThreads
    )
    let site = CallSite(file: file, function: function, line: line)
    let scope = try ThreadLeakScope(check)
    defer { scope.close() }
    let result: Result
    do {
        result = try body()
    } catch {
        if let left = scope.findingsBlocking(at: site) { action.actBesideAnotherError(on: left) }
        throw error
    }
    if let left = scope.findingsBlocking(at: site) { try action.act(on: left) }
    return result
}

extension WatchAction {
    /// Acts on threads that are left.
    ///
    /// - Parameter error: The threads.
    /// - Throws: The threads, if they are to be thrown.
    package func act(on error: ThreadLeakError) throws(ThreadLeakError) {
        if case .throw = self, !Tracer.isAttached { throw error }
        actBesideAnotherError(on: error)
    }

    /// Acts on threads that are left, where another error is on its way already.
    ///
    /// - Parameter error: The threads.
    package func actBesideAnotherError(on error: ThreadLeakError) {
        switch self {
        case .warn, .throw: Finding.warn(error.description)
        case .log(let logger): logger.warning("\(error.description)")
        }
    }
}
