import Logging

/// Runs a body and finds the tasks made inside that have not finished after it.
///
/// Tasks made by tasks of the body count too, detached ones as well; children of a group and `async let` don't,
/// because they can't outlive the task that made them. What the body throws is rethrown, and what is left becomes a
/// warning then.
///
/// - Parameters:
///   - filter: Which tasks count.
///   - grace: How long after the body they may finish; over as soon as nothing is left.
///   - action: What is done with those that are left.
///   - creationStacks: Whether to note where each was made.
///   - file: Left to the compiler.
///   - function: Left to the compiler.
///   - line: Left to the compiler.
///   - isolation: Left to the compiler.
///   - body: What makes tasks.
/// - Returns: What the body returned.
/// - Throws: ``TaskLeakError``, ``LoopWatchError``, or what the body threw.
public func withNoTaskLeaks<Result>(
    named filter: NameFilter = .any,
    grace: Duration = .milliseconds(20),
    action: TaskLeakAction = .throw,
    creationStacks: Bool = true,
    file: String = #fileID,
    function: String = #function,
    line: Int = #line,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> sending Result
) async throws -> sending Result {
    let check = LeakChecks.Tasks(
        named: filter,
        grace: grace,
        action: action,
        creationStacks: creationStacks
    )
    let site = CallSite(file: file, function: function, line: line)
    return try await withNoTaskLeaks(check, at: site, isolation: isolation, body)
}

/// Runs a body and finds the tasks made inside that have not finished after it.
///
/// - Parameters:
///   - check: Which tasks count, and what is done with them.
///   - site: The place of the scope, for errors.
///   - isolation: Left to the compiler.
///   - body: What makes tasks.
/// - Returns: What the body returned.
/// - Throws: ``TaskLeakError``, ``LoopWatchError``, or what the body threw.
package func withNoTaskLeaks<Result>(
    _ check: LeakChecks.Tasks,
    at site: CallSite,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> sending Result
) async throws -> sending Result {
    let scope = try await TaskLeakScope.open(check)
    defer { scope.close() }
    let result: Result
    do {
        result = try await scope.run(body)
    } catch {
        if let left = await scope.findings(at: site) { check.action.actBesideAnotherError(on: left) }
        throw error
    }
    if let left = await scope.findings(at: site) { try check.action.act(on: left) }
    return result
}

extension TaskLeakAction {
    /// Acts on tasks that are left.
    ///
    /// - Parameter error: The tasks.
    /// - Throws: The tasks, if they are to be thrown.
    package func act(on error: TaskLeakError) throws(TaskLeakError) {
        if case .throw = self, !Tracer.isAttached { throw error }
        actBesideAnotherError(on: error)
    }

    /// Acts on tasks that are left, where another error is on its way already.
    ///
    /// - Parameter error: The tasks.
    package func actBesideAnotherError(on error: TaskLeakError) {
        switch self {
        case .warn, .throw: Finding.warn(error.description)
        case .log(let logger): logger.warning("\(error.description)")
        case .cancel:
            for task in error.leakedTasks { task.cancel() }
            Finding.warn(error.description)
        }
    }
}
