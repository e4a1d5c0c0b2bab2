/// The scopes around one body: one for each check that is on.
package struct LeakScopes: Sendable {
    private let checks: LeakChecks
    private let threads: ThreadLeakScope?
    private let tasks: TaskLeakScope?
    private let blocking: BlockScope?

    /// What nobody sees although it was asked for, if that is so.
    package var warning: String? { blocking?.warning }

    /// Opens the scopes on the current task.
    ///
    /// - Parameters:
    ///   - checks: What is looked for, and what is done with it.
    ///   - isolation: Left to the compiler.
    /// - Returns: The scopes, which must be closed on the same task.
    /// - Throws: ``LoopWatchError`` if a check can't be made; nothing is open then.
    package static func open(
        _ checks: LeakChecks,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(LoopWatchError) -> LeakScopes {
        var threads: ThreadLeakScope?
        var tasks: TaskLeakScope?
        do {
            threads = if let check = checks.threads { try ThreadLeakScope(check) } else { nil }
            tasks = if let check = checks.tasks { try await TaskLeakScope.open(check) } else { nil }
            // The innermost, so that the opening of the others is no part of what it watches.
            let blocking: BlockScope? =
                if let check = checks.blocking {
                    try await BlockScope.open(check.watched, threshold: check.threshold, strict: check.strict)
                } else {
                    nil
                }
            return LeakScopes(checks: checks, threads: threads, tasks: tasks, blocking: blocking)
        } catch {
            tasks?.close()
            threads?.close()
            throw error
        }
    }

    /// Runs the body.
    ///
    /// - Parameters:
    ///   - isolation: Left to the compiler.
    ///   - body: The body.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    package func run<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> sending Result
    ) async throws -> sending Result {
        guard let tasks else { return try await body() }
        return try await tasks.run(body)
    }

    /// Closes the scopes, for blocks, tasks and threads in this order, and acts on what each found as it closes.
    ///
    /// - Parameters:
    ///   - site: Where the scopes were opened.
    ///   - besideAnotherError: Whether the body threw: then findings are warnings.
    ///   - isolation: Left to the compiler.
    /// - Returns: What is to be thrown; nil for nothing.
    package func close(
        at site: CallSite,
        besideAnotherError: Bool = false,
        isolation: isolated (any Actor)? = #isolation
    ) async -> LeakErrors? {
        let errors = LeakErrors(
            blocks: await closeBlocking(at: site, besideAnotherError),
            tasks: await closeTasks(at: site, besideAnotherError),
            threads: await closeThreads(at: site, besideAnotherError)
        )
        return errors.isEmpty ? nil : errors
    }

    private func closeBlocking(
        at site: CallSite,
        _ besideAnotherError: Bool,
        isolation: isolated (any Actor)? = #isolation
    ) async -> EventLoopBlockError? {
        guard let blocking, let check = checks.blocking else { return nil }
        let finder = BlockFinder(
            threshold: check.threshold,
            ignoring: check.ignoring,
            onlyFrom: check.caller
        )
        guard let found = await blocking.findings(finder, at: site) else { return nil }
        do {
            try Finding.act(besideAnotherError ? check.action.withoutThrowing : check.action, on: found)
            return nil
        } catch {
            return error
        }
    }

    private func closeTasks(
        at site: CallSite,
        _ besideAnotherError: Bool,
        isolation: isolated (any Actor)? = #isolation
    ) async -> TaskLeakError? {
        guard let tasks, let check = checks.tasks else { return nil }
        defer { tasks.close() }
        guard let found = await tasks.findings(at: site) else { return nil }
        do {
            if besideAnotherError {
                check.action.actBesideAnotherError(on: found)
            } else {
                try check.action.act(on: found)
            }
            return nil
        } catch {
            return error
        }
    }

    private func closeThreads(
        at site: CallSite,
        _ besideAnotherError: Bool,
        isolation: isolated (any Actor)? = #isolation
    ) async -> ThreadLeakError? {
        guard let threads, let check = checks.threads else { return nil }
        defer { threads.close() }
        guard let found = await threads.findings(at: site) else { return nil }
        do {
            if besideAnotherError {
                check.action.actBesideAnotherError(on: found)
            } else {
                try check.action.act(on: found)
            }
            return nil
        } catch {
            return error
        }
    }
}

extension LeakErrors {
    /// Whether it holds nothing.
    package var isEmpty: Bool { blocks == nil && tasks == nil && threads == nil }
}

extension WatchAction {
    /// The same, but what would be thrown is a warning.
    fileprivate var withoutThrowing: WatchAction {
        if case .throw = self { .warn } else { self }
    }
}
