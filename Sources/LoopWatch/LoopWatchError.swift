/// Why watching could not begin.
public enum LoopWatchError: Error, Equatable, Sendable {
    /// The threshold is no time, or shorter than what can be told from noise.
    case thresholdTooSmall(Duration)
    /// The grace period is negative.
    case graceNegative(Duration)
    /// A detector is running in this process already.
    case alreadyRunning
    /// The group of event loops has been shut down.
    case groupShutDown
    /// Another library has taken the hook for jobs of the cooperative pool.
    case jobHookTaken
    /// What was asked for needs the hook for jobs, which could not be had; the value says why.
    case needsJobHook(String)
    /// No real-time signal is free.
    case signalTaken
    /// More threads are to be watched than there is room for.
    case threadLimit(Int)

    /// One sentence on what went wrong, without a full stop.
    public var message: String {
        switch self {
        case .thresholdTooSmall(let threshold): "the threshold \(threshold) is too short to tell from noise"
        case .graceNegative(let grace): "the grace period \(grace) is negative"
        case .alreadyRunning: "a block detector is running in this process already"
        case .groupShutDown: "the group of event loops has been shut down"
        case .jobHookTaken: "another library has taken the hook for jobs of the cooperative pool"
        case .needsJobHook(let reason): "this needs the hook for jobs of the cooperative pool: \(reason)"
        case .signalTaken: "no real-time signal is free"
        case .threadLimit(let limit): "only \(limit) threads can be watched"
        }
    }

    /// What to try, where there is something to try.
    public var hint: String? {
        switch self {
        case .thresholdTooSmall: "use 1 ms or more, or strict: to find any blocking call"
        case .graceNegative: "use zero or more"
        case .alreadyRunning: "stop the first one"
        case .groupShutDown: "watch a group that is running"
        case .jobHookTaken: "watch .allLoops, which needs no hook"
        case .needsJobHook: "watch .allLoops, or look for tasks of any name, and cancel none"
        case .signalTaken: "leave a real-time signal to it"
        case .threadLimit: "watch fewer: name the groups, as in .loops(of: group)"
        }
    }
}

extension LoopWatchError: CustomStringConvertible {
    /// The sentence with its hint.
    public var description: String { hint.map { "\(message); \($0)" } ?? message }
}
