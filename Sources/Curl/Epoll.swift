import CCurl
import Glibc

/// Waits for many descriptors at once.
///
/// Its waits end at the nanosecond: a wait in whole milliseconds would blur when an open loop sends. The
/// corresponding C functions are `epoll_create1`, `epoll_ctl`, `epoll_pwait2`, and `timerfd_settime` where the
/// kernel does not know the latter.
struct Epoll: ~Copyable {
    let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    /// What ends a wait where `epoll_pwait2` is not known; -1 where it is.
    private let timer: Int32
    private static let capacity: Int32 = 256

    /// Whether the kernel knows `epoll_pwait2`, as Linux does since 5.11; sandboxes may not.
    private static let waitsExactly: Bool = {
        var none = timespec()
        var event = epoll_event()
        return epoll_pwait2(-1, &event, 1, &none, nil) < 0 && errno == EBADF
    }()

    /// Makes an epoll that watches nothing.
    ///
    /// - Parameter waitsExactly: Whether to wait by `epoll_pwait2`; by a timer else.
    /// - Throws: ``CurlError/system(call:number:)`` if too many files are open.
    init(waitsExactly: Bool = Epoll.waitsExactly) throws(CurlError) {
        let made = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard made >= 0 else { throw .system(call: "epoll_create1", number: errno) }
        var timer: Int32 = -1
        if !waitsExactly {
            timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK))
            guard timer >= 0, ccurl_epoll_control(made, EPOLL_CTL_ADD, timer, EPOLLIN.rawValue) == 0 else {
                let number = errno
                close(made)
                throw .system(call: "timerfd_create", number: number)
            }
        }
        self.timer = timer
        descriptor = made
        events = .allocate(capacity: Int(Epoll.capacity))
    }

    deinit {
        close(descriptor)
        if timer >= 0 { close(timer) }
        events.deallocate()
    }

    /// Waits for a descriptor to be readable, too.
    ///
    /// - Parameter other: The descriptor.
    /// - Throws: ``CurlError/system(call:number:)`` if the kernel refuses.
    func watch(_ other: Int32) throws(CurlError) {
        guard ccurl_epoll_control(descriptor, EPOLL_CTL_ADD, other, EPOLLIN.rawValue) == 0 else {
            throw .system(call: "epoll_ctl", number: errno)
        }
    }

    /// What to wait for, and what has come.
    struct Interest: OptionSet {
        let rawValue: UInt32
        static let read = Interest(rawValue: EPOLLIN.rawValue)
        static let write = Interest(rawValue: EPOLLOUT.rawValue)
        static let trouble = Interest(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    }

    /// Waits until something happens.
    ///
    /// - Parameters:
    ///   - nanoseconds: How long at most; nil waits for as long as it takes.
    ///   - handle: Called for each descriptor with what has come, until it says that this is enough; what is
    ///     left comes again at the next wait.
    /// - Throws: ``CurlError/system(call:number:)`` if the kernel refuses.
    func wait(nanoseconds: Int64?, handle: (Int32, Interest) -> Bool) throws(CurlError) {
        var timeout = timespec()
        if let nanoseconds {
            timeout.tv_sec = Int(nanoseconds / 1_000_000_000)
            timeout.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        let count =
            timer < 0
            ? withUnsafePointer(to: &timeout) { pointer in
                epoll_pwait2(descriptor, events, Epoll.capacity, nanoseconds == nil ? nil : pointer, nil)
            } : waitByTimer(nanoseconds, timeout)
        guard count >= 0 else {
            if errno == EINTR { return }
            throw .system(call: "epoll_wait", number: errno)
        }
        for index in 0..<Int(count) {
            let event = events + index
            guard ccurl_epoll_descriptor(event) != timer else { continue }
            let interest = Interest(rawValue: ccurl_epoll_events(event))
            guard handle(ccurl_epoll_descriptor(event), interest) else { return }
        }
    }

    /// Waits until something happens or the timer ends the wait; it is set anew each time, and so never read.
    private func waitByTimer(_ nanoseconds: Int64?, _ timeout: timespec) -> Int32 {
        guard nanoseconds != 0 else { return epoll_wait(descriptor, events, Epoll.capacity, 0) }
        // A time of zero takes the timer back.
        var setting = itimerspec()
        setting.it_value = timeout
        timerfd_settime(timer, 0, &setting, nil)
        return epoll_wait(descriptor, events, Epoll.capacity, -1)
    }
}
