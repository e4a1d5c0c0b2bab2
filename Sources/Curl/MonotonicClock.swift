import CCurl
import Glibc

/// The clock of every stamp in this project.
package enum MonotonicClock {
    /// The time now in nanoseconds, from an arbitrary zero that a reboot moves.
    ///
    /// The corresponding C function is `clock_gettime` with `CLOCK_MONOTONIC`.
    ///
    /// - Returns: Nanoseconds; never less than an earlier answer.
    @inline(__always)
    package static func now() -> Int64 {
        var time = timespec()
        // Cannot fail: the clock exists since Linux 2.6 and the pointer is valid.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// The processor time this thread has used, in nanoseconds.
    ///
    /// The corresponding C function is `clock_gettime` with `CLOCK_THREAD_CPUTIME_ID`.
    ///
    /// - Returns: Nanoseconds since the thread began.
    package static func threadProcessorTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
