/// Takes the probe's own frames out of stacks.
package enum ProbeFrames {
    private static let prefix = "lp_"

    /// A stack as it would be if the program ran without the probe.
    ///
    /// A call that the probe stands in front of is innermost: its frame takes the place of those further in,
    /// and bears the name of the call. Further out are only the functions that run jobs for the pool.
    ///
    /// - Parameter frames: The frames, innermost first.
    /// - Returns: The frames without the probe's.
    package static func removed(from frames: [StackFrame]) -> [StackFrame] {
        guard frames.contains(where: isOwn) else { return frames }
        let foreign = frames.prefix { !$0.isUserCode || isOwn($0) }
        let calls = foreign.prefix { $0.kind != .asyncCaller }
        guard let call = calls.lastIndex(where: { isOwn($0) && !runsJobs($0) }) else {
            return frames.filter { !isOwn($0) }
        }
        return [standIn(for: frames[call])] + frames[(call + 1)...].filter { !isOwn($0) }
    }

    /// Whether a frame is the probe's.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: Whether it is.
    package static func isOwn(_ frame: StackFrame) -> Bool {
        frame.function?.hasPrefix(prefix) == true || frame.swiftModule == "CLoopProbe"
    }

    /// The call that an innermost frame is in, by the name that programs use.
    ///
    /// - Parameter frames: The frames, innermost first.
    /// - Returns: The name; `nil` if the innermost frame is the user's or has none.
    package static func call(in frames: [StackFrame]) -> String? {
        guard let first = frames.first, first.kind == .call, !first.isUserCode || isOwn(first) else {
            return nil
        }
        return first.function.map(plainName)
    }

    private static func runsJobs(_ frame: StackFrame) -> Bool {
        frame.function?.contains("job") == true
    }

    private static func standIn(for frame: StackFrame) -> StackFrame {
        StackFrame(
            address: frame.address,
            function: frame.function.map(plainName),
            module: frame.module,
            offset: frame.offset,
            kind: frame.kind
        )
    }

    /// `usleep` for `lp_usleep`, `clock_nanosleep` for `__GI___clock_nanosleep`.
    private static func plainName(_ name: String) -> String {
        var name = name[...]
        for prefix in [prefix, "__GI_", "__libc_"] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
        }
        let plain = name.drop { $0 == "_" }
        return plain.isEmpty ? String(name) : String(plain)
    }
}
