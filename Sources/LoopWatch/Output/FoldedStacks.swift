extension Snapshot {
    /// The blocked time by stack, a line each, as flame graph tools read it: `loop;outermost;…;innermost 60500`.
    ///
    /// The number is in microseconds. Async callers end in `_[a]`. Lines are in order of their text.
    public var folded: String { FoldedStacks.text(of: blocks) }
}

/// Writes stacks in the folded form of Brendan Gregg's flame graph tools.
package enum FoldedStacks {
    /// Writes the stacks of blocks.
    ///
    /// - Parameter blocks: The blocks.
    /// - Returns: A line for each different stack, each with its line end.
    package static func text(of blocks: [LoopBlock]) -> String {
        var weights: [String: Int64] = [:]
        for stack in WeightedStack.stacks(of: blocks) {
            weights[line(of: stack), default: 0] += stack.nanoseconds
        }
        return weights.sorted { $0.key < $1.key }
            .map { "\($0.key) \(($0.value + 500) / 1000)\n" }
            .joined()
    }

    private static func line(of stack: WeightedStack) -> String {
        let names = stack.frames.isEmpty ? ["(no_stack)"] : stack.frames.reversed().map(name)
        return ([escaped(stack.thread)] + names).joined(separator: ";")
    }

    private static func name(_ frame: StackFrame) -> String {
        escaped(frame.fullName) + (frame.kind == .asyncCaller ? "_[a]" : "")
    }

    /// The form has no escapes: what separates is replaced.
    private static func escaped(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    if scalar == ";" { return "," }
                    return scalar.properties.isWhitespace || scalar.value < 0x20 ? "_" : scalar
                }
            )
        )
    }
}
