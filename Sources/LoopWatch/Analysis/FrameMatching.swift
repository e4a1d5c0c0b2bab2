extension IgnoreRule {
    /// Whether the rule names a frame.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: Whether it does; never for an async caller, which isn't what blocks.
    package func matches(_ frame: StackFrame) -> Bool {
        guard frame.kind != .asyncCaller else { return false }
        switch self {
        case .symbol(let name):
            return frame.function == name || frame.function?.prefix(while: { $0 != "(" }) == name[...]
        case .file(let path):
            return frame.file?.hasPrefix(path) == true || frame.shortPath?.hasPrefix(path) == true
        case .module(let name):
            return frame.module == name || frame.swiftModule == name
        }
    }

    /// Whether rules excuse a block.
    ///
    /// - Parameters:
    ///   - rules: The rules.
    ///   - samples: The block's stacks; without any, nothing excuses it.
    /// - Returns: Whether each stack holds a frame that a rule names.
    package static func excuse(_ rules: [IgnoreRule], samples: [StackSample]) -> Bool {
        let samples = samples.filter { !$0.isLate }
        guard !rules.isEmpty, !samples.isEmpty else { return false }
        return samples.allSatisfy { sample in
            sample.frames.contains { frame in rules.contains { $0.matches(frame) } }
        }
    }
}

extension CallerContext {
    /// Whether a frame is the caller's.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: Whether it is of the file or the module.
    package func matches(_ frame: StackFrame) -> Bool {
        guard frame.swiftModule == module else { return false }
        return fileName == nil || frame.fileName == fileName
    }

    /// Whether the caller has a part in a block: a frame in one of its stacks.
    ///
    /// - Parameter samples: The block's stacks.
    /// - Returns: Whether it has.
    package func takesPart(in samples: [StackSample]) -> Bool {
        samples.contains { !$0.isLate && $0.frames.contains(where: matches) }
    }
}
