import CCurl
import Glibc

/// Waits for many descriptors at once.
///
/// The corresponding C functions are `epoll_create1`, `epoll_ctl` and `epoll_pwait2`.
struct Epoll: ~Copyable {
    let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private static let capacity: Int32 = 256

    init() throws(CurlError) {
        let made = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard made >= 0 else { throw .system(call: "epoll_create1", number: errno) }
        descriptor = made
        events = .allocate(capacity: Int(Epoll.capacity))
    }

    deinit {
        close(descriptor)
        events.deallocate()
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
        var count = withUnsafePointer(to: &timeout) { pointer in
            epoll_pwait2(descriptor, events, Epoll.capacity, nanoseconds == nil ? nil : pointer, nil)
        }
        if count < 0, errno == ENOSYS || errno == EPERM {
            // Linux before 5.11, or a sandbox that does not know the call. Rounding up never spins.
            let milliseconds = nanoseconds.map { Int32(clamping: ($0 + 999_999) / 1_000_000) } ?? -1
            count = epoll_wait(descriptor, events, Epoll.capacity, milliseconds)
        }
        guard count >= 0 else {
            if errno == EINTR { return }
            throw .system(call: "epoll_wait", number: errno)
        }
        for index in 0..<Int(count) {
            let event = events + index
            let interest = Interest(rawValue: ccurl_epoll_events(event))
            guard handle(ccurl_epoll_descriptor(event), interest) else { return }
        }
    }
}
