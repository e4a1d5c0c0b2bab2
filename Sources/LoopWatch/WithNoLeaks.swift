/// Runs a body and finds what blocked meanwhile, and the tasks and threads made inside that outlive it.
///
/// It looks for blocks first, then for tasks, then for threads, and acts on each as it finds it; what is to be thrown
/// is thrown at the end, all at once. What the body throws is rethrown, and what was found becomes a warning then.
///
/// - Parameters:
///   - checks: What is looked for, and what is done with it.
///   - file: Left to the compiler.
///   - function: Left to the compiler.
///   - line: Left to the compiler.
///   - isolation: Left to the compiler.
///   - body: What is watched.
/// - Returns: What the body returned.
/// - Throws: ``LeakErrors``, ``LoopWatchError``, or what the body threw.
public func withNoLeaks<Result>(
    _ checks: LeakChecks = LeakChecks(),
    file: String = #fileID,
    function: String = #function,
    line: Int = #line,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> sending Result
) async throws -> sending Result {
    let site = CallSite(file: file, function: function, line: line)
    return try await withNoLeaks(checks, at: site, isolation: isolation, body)
}

/// Runs a body and finds what blocked meanwhile, and the tasks and threads made inside that outlive it.
///
/// - Parameters:
///   - checks: What is looked for, and what is done with it.
///   - site: The place of the scope, for errors.
///   - isolation: Left to the compiler.
///   - body: What is watched.
/// - Returns: What the body returned.
/// - Throws: ``LeakErrors``, ``LoopWatchError``, or what the body threw.
package func withNoLeaks<Result>(
    _ checks: LeakChecks,
    at site: CallSite,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> sending Result
) async throws -> sending Result {
    let scopes = try await LeakScopes.open(checks)
    scopes.warning.map(Finding.warnOnce)
    let result: Result
    do {
        result = try await scopes.run(body)
    } catch {
        _ = await scopes.close(at: site, besideAnotherError: true)
        throw error
    }
    if let errors = await scopes.close(at: site) { throw errors }
    return result
}
