#if canImport(Testing)
package import LoopWatch
package import Testing

/// One test with the checks that its traits ask for.
struct WatchedTest {
    private let test: Test
    private let checks: LeakChecks

    /// Takes a test.
    ///
    /// - Parameters:
    ///   - test: The test.
    ///   - checks: What is looked for, and what is done with it.
    init(test: Test, checks: LeakChecks) {
        self.test = test
        self.checks = checks
    }

    /// Runs the test and records what is found.
    ///
    /// - Parameter function: Runs it.
    /// - Throws: What the test threw, or `LoopWatchError`.
    func run(_ function: @Sendable () async throws -> Void) async throws {
        if checks.areConfinedToGroups { return try await watch(function) }
        try await TestTurn.shared.take { try await watch(function) }
    }

    private func watch(_ function: @Sendable () async throws -> Void) async throws {
        let site = CallSite(
            file: test.sourceLocation.fileID,
            function: test.name,
            line: test.sourceLocation.line
        )
        let scopes = try await LeakScopes.open(checks.throwing)
        if let warning = scopes.warning { record(warning, at: nil, true) }
        do {
            try await scopes.run { try await function() }
        } catch {
            // The test fails by its own error, which findings may come from.
            if let found = await scopes.close(at: site) { record(found, areWarnings: true) }
            throw error
        }
        if let found = await scopes.close(at: site) { record(found, areWarnings: false) }
    }

    /// Records an issue for each block, task and thread.
    private func record(_ found: LeakErrors, areWarnings: Bool) {
        if let error = found.blocks {
            let isWarning = areWarnings || checks.blocking?.action.isWarning == true
            for block in error.blocks {
                let text = EventLoopBlockError(
                    blocks: [block],
                    site: error.site,
                    methods: error.methods,
                    notes: error.notes
                )
                record(text.description, at: block.blame, isWarning)
            }
        }
        if let error = found.tasks {
            let action = checks.tasks?.action
            for task in error.leakedTasks {
                if case .cancel = action { task.cancel() }
                let text = TaskLeakError(
                    leakedTasks: [task],
                    site: error.site,
                    grace: error.grace,
                    notes: error.notes
                )
                let maker = task.creationStack.first(where: \.isUserCode)
                record(text.description, at: maker, areWarnings || action?.isWarning == true)
            }
        }
        if let error = found.threads {
            let isWarning = areWarnings || checks.threads?.action.isWarning == true
            for thread in error.leakedThreads {
                let text = ThreadLeakError(leakedThreads: [thread], site: error.site, notes: error.notes)
                let maker = thread.creationStack.first(where: \.isUserCode)
                record(text.description, at: maker, isWarning)
            }
        }
    }

    private func record(_ text: String, at frame: StackFrame?, _ isWarning: Bool) {
        let location = frame.flatMap(SourceLocation.init(frame:)) ?? test.sourceLocation
        #if compiler(>=6.3)
        Issue.record(
            Comment(rawValue: text),
            severity: isWarning ? .warning : .error,
            sourceLocation: location
        )
        #else
        if isWarning {
            Finding.warn(text)
        } else {
            Issue.record(Comment(rawValue: text), sourceLocation: location)
        }
        #endif
    }
}

extension LeakChecks {
    /// Whether nothing is looked for that another test may cause.
    fileprivate var areConfinedToGroups: Bool {
        tasks == nil && threads == nil && blocking?.watched.isConfinedToGroups == true
    }

    /// The same, but all that is to become an issue is thrown.
    fileprivate var throwing: LeakChecks {
        var checks = self
        if checks.tasks?.action.isWarning == true { checks.tasks?.action = .throw }
        if checks.threads?.action.isWarning == true { checks.threads?.action = .throw }
        if checks.blocking?.action.isWarning == true { checks.blocking?.action = .throw }
        return checks
    }
}

extension WatchAction {
    /// Whether findings don't fail the test.
    fileprivate var isWarning: Bool {
        if case .warn = self { true } else { false }
    }
}

extension TaskLeakAction {
    /// Whether findings don't fail the test.
    fileprivate var isWarning: Bool {
        switch self {
        case .warn, .cancel: true
        case .log, .throw: false
        }
    }
}

extension SourceLocation {
    /// A frame's place; `nil` without file and line.
    ///
    /// - Parameter frame: The frame.
    package init?(frame: StackFrame) {
        guard let file = frame.file, let line = frame.line, line > 0, let name = frame.fileName else {
            return nil
        }
        let module = frame.swiftModule ?? frame.module ?? "unknown"
        self.init(fileID: "\(module)/\(name)", filePath: file, line: line, column: max(1, frame.column ?? 1))
    }
}
#endif
