#if canImport(Testing)
package import LoopWatch
import Synchronization
package import Testing

/// One test with what its traits ask for.
struct WatchedTest {
    private let test: Test
    private let blocking: LeakTrait?

    /// Takes the nearest trait for each kind.
    ///
    /// - Parameters:
    ///   - test: The test.
    ///   - traits: Its traits, the nearest last.
    init(test: Test, traits: [LeakTrait]) {
        self.test = test
        blocking = traits.last { $0.kinds.contains(.blocking) }
    }

    /// Runs the test and records what is found.
    ///
    /// - Parameter function: Runs it.
    /// - Throws: What the test threw, or ``LoopWatchError``.
    func run(_ function: @Sendable () async throws -> Void) async throws {
        if let check = blocking?.checks.blocking, check.watched.isConfinedToGroups {
            return try await watchBlocking(function)
        }
        try await TestTurn.shared.take { try await watchBlocking(function) }
    }

    private func watchBlocking(_ function: @Sendable () async throws -> Void) async throws {
        guard let check = blocking?.checks.blocking else { return try await function() }
        let hasThrown = Mutex(false)
        do {
            try await withNoEventLoopBlocking(
                check.watched,
                threshold: check.threshold,
                action: check.action.throwing,
                ignoring: check.ignoring,
                file: test.sourceLocation.fileID,
                function: test.name,
                line: test.sourceLocation.line
            ) {
                do { try await function() } catch {
                    hasThrown.withLock { $0 = true }
                    throw error
                }
            }
        } catch let error as EventLoopBlockError where !hasThrown.withLock({ $0 }) {
            for block in error.blocks {
                let text = EventLoopBlockError(blocks: [block], site: error.site, methods: error.methods)
                record(text.description, at: block.blame, isWarning: check.action.isWarning)
            }
        }
    }

    private func record(_ text: String, at frame: StackFrame?, isWarning: Bool) {
        let location = frame.flatMap(SourceLocation.init(frame:)) ?? test.sourceLocation
        #if compiler(>=6.3)
        Issue.record(
            Comment(rawValue: text),
            severity: isWarning ? .warning : .error,
            sourceLocation: location
        )
        #else
        if isWarning { print(text) } else { Issue.record(Comment(rawValue: text), sourceLocation: location) }
        #endif
    }
}

extension WatchAction {
    /// The same, with warnings thrown too: the trait makes issues of them.
    fileprivate var throwing: WatchAction { isWarning ? .throw : self }

    /// Whether findings don't fail the test.
    fileprivate var isWarning: Bool {
        if case .warn = self { true } else { false }
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
