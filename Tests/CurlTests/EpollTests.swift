import Glibc
import Testing

@testable import Curl

/// Waiting for descriptors, by either of the kernel's ways.
struct EpollTests {
    @Test(arguments: [true, false])
    func `a wait ends with its time, and not before`(waitsExactly: Bool) throws {
        let epoll = try Epoll(waitsExactly: waitsExactly)
        for nanoseconds: Int64 in [0, 1, 999_999, 3_000_000] {
            let end = MonotonicClock.now() + nanoseconds
            // A signal may end a wait before its time, and its caller waits on; nothing else may.
            var waits = 0
            repeat {
                waits += 1
                let left = max(0, end - MonotonicClock.now())
                try epoll.wait(nanoseconds: left) { _, _ in
                    Issue.record("nothing has come")
                    return true
                }
            } while MonotonicClock.now() < end
            #expect(waits <= 3)
        }
    }

    @Test(arguments: [true, false])
    func `what comes ends a wait without end`(waitsExactly: Bool) throws {
        let epoll = try Epoll(waitsExactly: waitsExactly)
        let wakeUp = try WakeUp()
        try epoll.watch(wakeUp.descriptor)
        // A timer that was set before does not end the wait that has none.
        try epoll.wait(nanoseconds: 1000) { _, _ in true }
        wakeUp.signal()
        var seen: [Int32] = []
        try epoll.wait(nanoseconds: nil) { descriptor, _ in
            seen.append(descriptor)
            return true
        }
        #expect(seen == [wakeUp.descriptor])
    }
}
