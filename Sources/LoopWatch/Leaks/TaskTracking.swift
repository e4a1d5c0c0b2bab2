import CLoopProbe

/// Whether the tasks of this process can be followed one by one, found out once.
enum TaskTracking: Sendable {
    /// They can.
    case full
    /// Only whether some task is left can be told; the value says why, as a part of a sentence.
    case tokensOnly(reason: String)

    /// How often a task is read that can't be: it soon waits, and can be read then.
    private static let attempts = 100

    private static let decision = Task.detached(priority: .userInitiated) { await decide() }

    /// Installs the hook for jobs and proves that tasks look as expected; every call but the first just waits for that.
    ///
    /// - Returns: What can be seen.
    static func start() async -> TaskTracking { await decision.value }

    private static func decide() async -> TaskTracking {
        let installed = lp_install_job_hook()
        guard installed == 0 else {
            return .tokensOnly(
                reason: installed == LP_TAKEN.rawValue
                    ? "another library has taken the hook for jobs of the cooperative pool"
                    : "the hook for jobs of the cooperative pool is missing"
            )
        }
        // The job under way began before the hook was there: what it makes from here on is seen.
        await Task.yield()
        return await isCalibrated() ? .full : .tokensOnly(reason: "this runtime's tasks have another layout")
    }

    /// Reads two tasks of which everything is known: one with a name that waits, and one that has finished.
    private static func isCalibrated() async -> Bool {
        let finished = Task.detached {}
        await finished.value
        let (stream, ending) = AsyncStream.makeStream(of: Void.self)
        let named = Task.detached(name: "loopwatch-calibration") { for await _ in stream {} }
        var isKnown = false
        for _ in 0..<attempts where !isKnown {
            isKnown = withExtendedLifetime((named, finished)) {
                lp_calibrate_tasks(pointer(to: named), pointer(to: finished))
            }
            // A task that runs may be changing what is read of it.
            if !isKnown { await Task.yield() }
        }
        ending.finish()
        await named.value
        return isKnown
    }

    /// A `Task` is one reference to the runtime's object.
    private static func pointer(to task: Task<Void, Never>) -> UnsafeMutableRawPointer {
        unsafeBitCast(task, to: UnsafeMutableRawPointer.self)
    }
}
