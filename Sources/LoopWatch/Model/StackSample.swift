/// A stack taken while a thread was busy.
public struct StackSample: Sendable, Hashable, Codable {
    /// When it was taken, from the start of the busy interval.
    public var offset: Duration
    /// The frames, innermost first; async callers follow the calls.
    public var frames: [StackFrame]
    /// Whether it was taken after the interval had ended, so that it can't be blamed.
    public var isLate: Bool

    /// Makes a sample.
    ///
    /// - Parameters:
    ///   - offset: When it was taken, from the start of the busy interval.
    ///   - frames: The frames, innermost first.
    ///   - isLate: Whether the interval had ended.
    public init(offset: Duration, frames: [StackFrame], isLate: Bool = false) {
        self.offset = offset
        self.frames = frames
        self.isLate = isLate
    }
}
