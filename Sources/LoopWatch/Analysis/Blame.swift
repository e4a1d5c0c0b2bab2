/// Which function of the user's a stack points to.
package struct Blame: Sendable, Hashable {
    /// What tells two causes apart.
    ///
    /// The line counts only where the function called another: a loop that computes is at another line in
    /// every sample, and still one cause.
    package struct Key: Sendable, Hashable {
        private let blame: String?
        private let file: String?
        private let line: Int?
        private let callee: String?

        /// Makes the key of a cause.
        ///
        /// - Parameters:
        ///   - frame: The function to blame.
        ///   - callee: The function that it called.
        package init(frame: StackFrame?, callee: StackFrame?) {
            blame = frame?.nameText
            file = frame?.file
            line = callee == nil ? nil : frame?.line
            // An unnamed function is at another address in every sample: its image is all that is known of it.
            self.callee = callee.map { $0.function ?? $0.module ?? "" }
        }
    }

    /// The function to blame; `nil` if no frame is the user's.
    package let frame: StackFrame?
    /// The function that it called; `nil` if it was in its own code.
    package let callee: StackFrame?

    /// What tells it from other causes.
    package var key: Key { Key(frame: frame, callee: callee) }

    /// Finds the function: the innermost of the user's in the call stack, else the nearest async caller.
    ///
    /// Nobody is to blame for what LoopWatch itself does.
    ///
    /// - Parameter frames: The frames, innermost first, without the probe's own.
    package init(_ frames: [StackFrame]) {
        if let own = OwnWork.frame(in: frames) {
            frame = nil
            callee = own
            return
        }
        let index =
            frames.firstIndex { $0.kind != .asyncCaller && $0.isUserCode }
            ?? frames.firstIndex { $0.kind == .asyncCaller && $0.isUserCode }
        frame = index.map { frames[$0] }
        if let index {
            callee = index > 0 ? frames[index - 1] : nil
        } else {
            callee = frames.first
        }
    }
}
