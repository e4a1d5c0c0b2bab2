/// Takes LoopWatch's own frames out of stacks.
package enum ProbeFrames {
    /// The calls that the probe stands in front of: those that signal(7) lists as never restarted, sleeps, and those
    /// of strict mode.
    private static let calls: Set<String> = [
        "accept", "accept4", "clock_nanosleep", "connect", "epoll_pwait", "epoll_pwait2", "epoll_wait",
        "msgrcv",
        "msgsnd", "nanosleep", "pause", "poll", "ppoll", "pselect", "recv", "recvfrom", "recvmmsg", "recvmsg",
        "select", "semop", "semtimedop", "send", "sendmmsg", "sendmsg", "sendto", "sigsuspend",
        "sigtimedwait",
        "sigwaitinfo", "sleep", "usleep", "io_getevents",
        "creat", "creat64", "dispatch_group_wait", "dispatch_semaphore_wait", "fdatasync", "flock", "fsync",
        "getaddrinfo", "gethostbyaddr", "gethostbyaddr_r", "gethostbyname", "gethostbyname2",
        "gethostbyname2_r",
        "gethostbyname_r", "getnameinfo", "open", "open64", "openat", "openat64", "pread", "pread64",
        "preadv", "preadv64", "pthread_cond_clockwait",
        "pthread_cond_timedwait",
        "pthread_cond_wait", "pthread_join", "pwrite", "pwrite64", "pwritev", "pwritev64", "read", "readv",
        "rename", "renameat", "renameat2", "sem_clockwait", "sem_timedwait", "sem_wait", "wait", "wait3",
        "wait4",
        "waitid", "waitpid", "write", "writev",
    ]

    /// Names of the system call itself, which say nothing about which call it is.
    private static let bare: Set<String> = [
        "syscall", "syscall_cancel", "syscall_cancel_arch", "internal_syscall",
    ]

    private static let prefix = "lp_"

    /// A stack as it would be if the program ran without the probe.
    ///
    /// The outermost frame of a call that the probe stands in front of takes the place of all further in, and
    /// bears the call's name: `usleep`, whatever the probe does there. The probe's other frames go, and so do
    /// those of LoopWatch's unless they are what the thread was at work in.
    ///
    /// - Parameter frames: The frames, innermost first.
    /// - Returns: The frames without LoopWatch's.
    package static func removed(from frames: [StackFrame]) -> [StackFrame] {
        let isOwnWork = OwnWork.frame(in: frames) != nil
        return withoutProbe(frames).filter { isOwnWork || !$0.isOwn }
    }

    private static func withoutProbe(_ frames: [StackFrame]) -> [StackFrame] {
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
    ///
    /// - Parameter name: The name as the linker has it.
    /// - Returns: The name that programs use.
    package static func plainName(_ name: String) -> String {
        var name = name[...]
        for prefix in [prefix, "__GI_", "__libc_"] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
        }
        let isReserved = name.hasPrefix("_")
        name = name.drop { $0 == "_" }
        for suffix in ["_chk", "_2"] where isReserved && name.hasSuffix(suffix) {
            name = name.dropLast(suffix.count)
        }
        return String(name)
    }
}
