/// Writes tasks and threads that are left.
package enum LeakText {
    /// A task that has not finished.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - grace: How long after the scope it was given to finish.
    /// - Returns: The lines.
    package static func lines(of task: LeakedTask, grace: Duration) -> [String] {
        let name = task.name.map { "\"\($0)\"" } ?? String(task.id)
        return ["task \(name) not finished \(grace.shortText) after the scope"]
            + place("created at", task.creationStack) + place("suspended at", task.currentStack)
    }

    /// A thread that is running.
    ///
    /// - Parameter thread: The thread.
    /// - Returns: The lines.
    package static func lines(of thread: LeakedThread) -> [String] {
        ["thread \(thread.id) \"\(thread.name)\" still running"] + place("created at", thread.creationStack)
    }

    /// The innermost place of the user's, else the innermost of all.
    private static func place(_ words: String, _ stack: [StackFrame]) -> [String] {
        let stack = ProbeFrames.removed(from: stack)
        guard let frame = stack.first(where: \.isUserCode) ?? stack.first else { return [] }
        return ["  \(words) \(frame.longPlaceText)"]
    }
}

extension CallSite {
    /// `(scope IngestServerTests/RouteTests.swift:41 asyncRouteKeepsTheLoopFree())`.
    package var scopeText: String { "(scope \(file):\(line) \(function))" }
}

extension EventLoopBlockError: CustomStringConvertible {
    /// The blocks with their stacks, for people.
    public var description: String {
        let text = BlockText(blocks, foldsForeign: true)
        let notes = notes.map { "  note: \($0)" }
        let lines =
            ["LoopWatch: \(text.headline) \(site.scopeText)"] + text.lines
            + BlockText.legend(methods) + notes
        return lines.joined(separator: "\n")
    }
}

extension TaskLeakError: CustomStringConvertible {
    /// The tasks, with where they were made and where they are, for people.
    public var description: String {
        let count = taskCount == 1 ? "1 leaked task" : "\(taskCount) leaked tasks"
        let tasks = leakedTasks.flatMap { [""] + LeakText.lines(of: $0, grace: grace) }
        let lines = ["LoopWatch: \(count) \(site.scopeText)"] + tasks + notes.map { "  note: \($0)" }
        return lines.joined(separator: "\n")
    }
}

extension ThreadLeakError: CustomStringConvertible {
    /// The threads, with where they were made, for people.
    public var description: String {
        let count = threadCount == 1 ? "1 leaked thread" : "\(threadCount) leaked threads"
        let threads = leakedThreads.flatMap { [""] + LeakText.lines(of: $0) }
        let lines = ["LoopWatch: \(count) \(site.scopeText)"] + threads + notes.map { "  note: \($0)" }
        return lines.joined(separator: "\n")
    }
}

extension LeakErrors: CustomStringConvertible {
    /// All findings: blocks, tasks, threads.
    public var description: String {
        [blocks?.description, tasks?.description, threads?.description].compactMap(\.self)
            .joined(separator: "\n\n")
    }
}
