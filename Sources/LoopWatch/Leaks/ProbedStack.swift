import CLoopProbe

/// The addresses of a stack as the probe hands them over, in arrays.
struct ProbedStack: Sendable {
    /// The addresses, innermost first.
    let addresses: [UInt64]
    /// How each came into the stack: values of `lp_frame_kind`.
    let kinds: [UInt8]

    /// Copies a stack.
    ///
    /// - Parameter stack: The probe's.
    init(_ stack: lp_stack) {
        let count = max(0, min(Int(stack.count), Int(LP_MAX_FRAMES)))
        addresses = withUnsafeBytes(of: stack.addresses) {
            Array($0.bindMemory(to: UInt64.self).prefix(count))
        }
        kinds = withUnsafeBytes(of: stack.kinds) { Array($0.prefix(count)) }
    }

    /// Names the frames.
    ///
    /// - Returns: The frames.
    func frames() async -> [StackFrame] {
        guard !addresses.isEmpty else { return [] }
        return await Symbolicator.shared.frames(addresses: addresses, kinds: kinds, patience: .none)
    }

    /// Names the frames; the calling thread waits for that.
    ///
    /// - Returns: The frames.
    func framesBlocking() -> [StackFrame] {
        addresses.isEmpty ? [] : Symbolicator.shared.frames(addresses: addresses, kinds: kinds)
    }

    /// Takes out what made the record: the probe's frames, LoopWatch's, and the runtime's further in.
    ///
    /// - Parameter frames: The frames, innermost first.
    /// - Returns: The frames from the maker outward.
    static func fromMaker(_ frames: [StackFrame]) -> [StackFrame] {
        Array(withoutOwn(frames).drop { !$0.isUserCode && isRuntime($0) })
    }

    /// Takes out LoopWatch's frames, and everything of a task that has not begun: it is nowhere yet.
    ///
    /// - Parameter frames: The frames, innermost first.
    /// - Returns: The frames that are left.
    static func ofSuspended(_ frames: [StackFrame]) -> [StackFrame] {
        frames.first?.function.map(isStart) == true ? [] : withoutOwn(frames)
    }

    private static func withoutOwn(_ frames: [StackFrame]) -> [StackFrame] {
        frames.filter { frame in
            if frame.isUserCode, frame.swiftModule != "CLoopProbe" { return true }
            return frame.swiftModule.map(ownModules.contains) != true
                && frame.function.map { function in ownFunctions.contains { function.contains($0) } } != true
        }
    }

    private static let ownModules: Set = ["CLoopProbe", "LoopWatch"]

    /// What the compiler makes of LoopWatch's functions has no file.
    private static let ownFunctions = ["lp_", " in TaskLeakScope."]

    /// Whether a function is the runtime's, with which every task begins.
    private static func isStart(_ function: String) -> Bool {
        function.hasPrefix("future_adapter") || function.hasPrefix("non_future_adapter")
    }

    private static func isRuntime(_ frame: StackFrame) -> Bool {
        if frame.module?.hasPrefix("libswift_Concurrency") == true { return true }
        return frame.function.map { function in runtime.contains { function.contains($0) } } ?? false
    }

    /// What the names of the functions hold that lie between a task's maker and the hook: most are inlined into the
    /// program, or linked statically.
    private static let runtime = [
        "swift_task_", "swift::", "(anonymous namespace)::", "Task<>.init", "Task.init", "Task<>.detached",
        "Task.detached", "Task<>.immediate", "Task.immediate",
    ]
}
