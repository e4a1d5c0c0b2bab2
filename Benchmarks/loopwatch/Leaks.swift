import Foundation
import LoopWatch
import Synchronization

/// Tasks and threads that stay, and some that only seem to.
@MainActor
struct Leaks {
    /// Measures.
    ///
    /// - Parameter report: Where the findings go.
    /// - Throws: What went wrong before there was one.
    func run(_ report: inout Report) async throws {
        Report.say(" tasks that outlive a scope")
        for scenario in TaskScenario.allCases {
            let gate = TaskGate()
            let (found, kept) = await leaks(of: scenario, gate)
            gate.open()
            withExtendedLifetime(kept) {}
            report.figure(
                scenario.rawValue,
                found.isEmpty ? "nothing" : found.joined(separator: ", "),
                goal: scenario.expected.map { "\($0) leaks" } ?? "nothing",
                // The maker is the caller's where the optimizer left the function early.
                isMet: found.map { String($0.prefix { $0 != " " }) } == [scenario.expected].compactMap(\.self)
            )
        }
        Report.say(" threads that outlive a scope")
        let isOver = DispatchSemaphore(value: 0)
        var found: [LeakedThread] = []
        let line = StayingThread.line
        do {
            try withNoThreadLeaks(grace: .milliseconds(10)) { StayingThread.start(until: isOver) }
        } catch let error as ThreadLeakError {
            found = error.leakedThreads
        }
        isOver.signal()
        let maker = found.first?.creationStack.first(where: \.isUserCode)
        let place = "\(maker?.file?.split(separator: "/").last ?? "?"):\(maker?.line ?? 0)"
        report.figure(
            "a thread and its maker",
            "\(found.map(\.name)), made at \(place) in \(maker?.function ?? "?")",
            goal: "1 thread, made at Leaks.swift:\(line)",
            isMet: found.count == 1 && place == "Leaks.swift:\(line)"
        )
    }

    /// The leaks of one scenario, each with the function that made it, and what must live until then.
    private func leaks(of scenario: TaskScenario, _ gate: TaskGate) async -> ([String], TaskScenario.Kept) {
        let kept = Mutex(TaskScenario.Kept())
        do {
            try await withNoTaskLeaks(grace: scenario.grace) {
                let made = await scenario.run(gate)
                kept.withLock { $0 = made }
            }
        } catch let error as TaskLeakError {
            let found = error.leakedTasks.map { task in
                let maker = task.creationStack.first(where: \.isUserCode)?.function ?? "?"
                return "\(task.name ?? "?") in \(maker.prefix { $0 != "(" })"
            }
            return (found, kept.withLock { $0 })
        } catch { Report.say("  \(scenario.rawValue): \(error)") }
        return ([], kept.withLock { $0 })
    }
}

/// What may become of a task.
enum TaskScenario: String, CaseIterable, Sendable {
    case group = "tasks of a group"
    case leaked = "a task that nobody awaits"
    case short = "a task that ends within the grace"
    case detached = "a detached task"
    case hung = "a task whose continuation is never resumed"
    case kept = "a finished task whose handle is kept"

    /// Handles of tasks.
    struct Kept: Sendable {
        /// The handles.
        var tasks: [Task<Int, Never>] = []
    }

    /// The name of the task that is leaked; nil if none is.
    var expected: String? {
        switch self {
        case .group, .short, .kept: nil
        case .leaked: "leaked"
        case .detached: "detached"
        case .hung: "hung"
        }
    }

    /// How long a scope waits for the task.
    var grace: Duration { expected == nil ? .seconds(10) : .milliseconds(10) }

    /// Makes the task.
    ///
    /// - Parameter gate: What tasks wait for that stay.
    /// - Returns: Handles to be kept.
    func run(_ gate: TaskGate) async -> Kept {
        switch self {
        case .group:
            await withTaskGroup { group in
                for number in 0..<10 { group.addTask { number } }
            }
        case .leaked: _ = startsTask(gate)
        case .short: Task { try? await Task.sleep(for: .milliseconds(5)) }  // nobody cancels it
        case .detached: _ = detachesTask(gate)
        case .hung: _ = hangsTask(gate)
        case .kept:
            let task = Task { 1 }
            _ = await task.value
            return Kept(tasks: [task])
        }
        return Kept()
    }
}

// Making the task is not the last thing done here: the optimizer would leave these functions before.

@inline(never) private func startsTask(_ gate: TaskGate) -> Bool {
    let task = Task(name: "leaked") {
        await gate.wait()
    }
    return task.isCancelled
}

@inline(never) private func detachesTask(_ gate: TaskGate) -> Bool {
    let task = Task.detached(name: "detached") {
        await gate.wait()
    }
    return task.isCancelled
}

@inline(never) private func hangsTask(_ gate: TaskGate) -> Bool {
    let task = Task(name: "hung") {
        await withUnsafeContinuation { gate.keep($0) }
    }
    return task.isCancelled
}

/// What tasks wait for.
final class TaskGate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [UnsafeContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Suspends until it is open.
    func wait() async { await withUnsafeContinuation { keep($0) } }

    /// Resumes a continuation when it is open.
    ///
    /// - Parameter continuation: The continuation.
    func keep(_ continuation: UnsafeContinuation<Void, Never>) {
        let isOpen = state.withLock { state in
            if !state.isOpen { state.waiting.append(continuation) }
            return state.isOpen
        }
        if isOpen { continuation.resume() }
    }

    /// Lets all go.
    func open() {
        let waiting = state.withLock { state in
            defer { state = State(isOpen: true) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

private enum StayingThread {
    /// Where a thread is started.
    static let line = #line + 8

    @inline(never) static func start(until isOver: DispatchSemaphore) {
        let isRunning = DispatchSemaphore(value: 0)
        let thread = Thread {
            isRunning.signal()
            isOver.wait()
        }
        thread.start()
        isRunning.wait()
    }
}
