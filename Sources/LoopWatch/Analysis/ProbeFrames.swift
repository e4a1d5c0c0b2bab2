/// Takes the probe's own frames out of stacks.
package enum ProbeFrames {
    /// The calls that the probe stands in front of: those that signal(7) lists as never restarted, and sleeps.
    private static let calls: Set<String> = [
        "accept", "accept4", "clock_nanosleep", "connect", "epoll_pwait", "epoll_pwait2", "epoll_wait",
        "msgrcv",
        "msgsnd", "nanosleep", "pause", "poll", "ppoll", "pselect", "recv", "recvfrom", "recvmmsg", "recvmsg",
        "select", "semop", "semtimedop", "send", "sendmmsg", "sendmsg", "sendto", "sigsuspend",
        "sigtimedwait",
        "sigwaitinfo", "sleep", "usleep",
    ]

    /// Names of the system call itself, which say nothing about which call it is.
    private static let bare: Set<String> = [
        "syscall", "syscall_cancel", "syscall_cancel_arch", "internal_syscall",
    ]

    private static let prefix = "lp_"

    /// A stack as it would be if the program ran without the probe.
    ///
    /// The outermost frame of a call that the probe stands in front of takes the place of all further in, and
    /// bears the call's name: `usleep`, whatever the probe does there. The probe's other frames go.
    ///
    /// - Parameter frames: The frames, innermost first.
    /// - Returns: The frames without the probe's.
    package static func removed(from frames: [StackFrame]) -> [StackFrame] {
        let innermost = frames.prefix { isForeignCall($0) }
        guard let call = innermost.lastIndex(where: standsForCall) else {
            return frames.filter { !isOwn($0) }
        }
        return [standIn(for: frames[call])] + frames[(call + 1)...].filter { !isOwn($0) }
    }

    /// The call that the innermost frames are in, by the name that programs use.
    ///
    /// - Parameter frames: The frames, innermost first.
    /// - Returns: The name; `nil` if the innermost frame is the user's or has none.
    package static func call(in frames: [StackFrame]) -> String? {
        let innermost = frames.prefix { isForeignCall($0) }
        if let own = innermost.first(where: standsForCall) { return own.function.map(plainName) }
        let names = innermost.filter { !isOwn($0) }.prefix(2).map { $0.function.map(plainName) }
        guard let first = names.first else { return nil }
        let isBare = first.map(bare.contains) ?? false
        return isBare ? names.last ?? nil : first
    }

    /// Whether a frame is known to be the probe's.
    private static func isOwn(_ frame: StackFrame) -> Bool {
        frame.function?.hasPrefix(prefix) == true || frame.swiftModule == "CLoopProbe"
    }

    private static func isForeignCall(_ frame: StackFrame) -> Bool {
        frame.kind != .asyncCaller && (!frame.isUserCode || isOwn(frame))
    }

    /// Whether a frame is the probe's, in front of a call.
    ///
    /// Files are looked up later than names, so a frame without one is known by the name, outside the C library.
    private static func standsForCall(_ frame: StackFrame) -> Bool {
        guard let function = frame.function, calls.contains(plainName(function)) else { return false }
        if isOwn(frame) { return true }
        guard frame.file == nil, let module = frame.module else { return false }
        return !["libc.", "libc-", "libpthread", "ld-"].contains(where: module.hasPrefix)
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

    /// `usleep` for `lp_usleep`, `poll` for `__poll_chk`, `clock_nanosleep` for `__GI___clock_nanosleep`.
    private static func plainName(_ name: String) -> String {
        var name = name[...]
        for prefix in [prefix, "__GI_", "__libc_"] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
        }
        let isReserved = name.hasPrefix("_")
        name = name.drop { $0 == "_" }
        if isReserved && name.hasSuffix("_chk") { name = name.dropLast("_chk".count) }
        return String(name)
    }
}
