import CLoopProbe
import Foundation
import Testing

extension ProbeTests {
    @Suite struct Shields {
        init() throws {
            try #require(lp_start(0) > 0)
            // A foreign signal whose handler does nothing, and which doesn't restart what it interrupts.
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in }
            sigaction(SIGUSR1, &action, nil)
        }

        /// Captures the thread until our signal has ended the call it waits in and the call was made again.
        private func interrupt(_ thread: WatchedThread, since before: UInt64) {
            var result = lp_capture_result()
            repeatInTime(while: lp_shield_restarts() == before && !thread.isFinished) {
                _ = lp_capture(thread.slot, 1_000_000_000, &result)
            }
        }

        /// A call that is never interrupted must not keep the test for ever.
        private func repeatInTime(while condition: @autoclosure () -> Bool, _ step: () -> Void) {
            let limit = lp_now() + 20_000_000_000
            while condition() && lp_now() < limit {
                step()
                sched_yield()
            }
        }

        @Test(arguments: ShieldedCall.all)
        func `a call that our signal ended is made again and ends as if nothing had been`(call: ShieldedCall)
            throws
        {
            let files = TestFiles()
            let outcome = Outcome()
            let before = lp_shield_restarts()
            let thread = WatchedThread { outcome.record { call.run(files) } }
            interrupt(thread, since: before)
            call.finish(files, thread)
            try #require(thread.joinInTime())
            #expect(lp_shield_restarts() > before)
            #expect(outcome.result == call.expected)
            #expect(outcome.errorNumber == Outcome.untouched)
        }

        @Test(arguments: ShieldedCall.all + ShieldedCall.endedBySignalsOnly)
        func `a call that another's signal ended fails as ever`(call: ShieldedCall) throws {
            let files = TestFiles()
            let outcome = Outcome()
            let before = lp_shield_restarts()
            let thread = WatchedThread {
                var foreign = sigset_t()
                sigemptyset(&foreign)
                sigaddset(&foreign, SIGUSR1)
                pthread_sigmask(SIG_UNBLOCK, &foreign, nil)
                outcome.record { call.run(files) }
            }
            interrupt(thread, since: before)
            // The thread may be on its way back into the call, where a signal has nothing to end.
            repeatInTime(while: !thread.isFinished) { pthread_kill(thread.handle, SIGUSR1) }
            try #require(thread.joinInTime())
            #expect(lp_shield_restarts() > before)
            #expect(
                call.isInterrupted(outcome.result, outcome.errorNumber),
                "\(outcome.result), errno \(outcome.errorNumber)"
            )
        }

        @Test func `without shields our signal ends a call early`() throws {
            #expect(lp_shield(false))
            defer { #expect(!lp_shield(true)) }
            let files = TestFiles()
            let outcome = Outcome()
            let thread = WatchedThread {
                outcome.record {
                    var watched = pollfd(fd: files.input, events: Int16(POLLIN), revents: 0)
                    return Int(poll(&watched, 1, -1))
                }
            }
            var result = lp_capture_result()
            repeatInTime(while: !thread.isFinished) { _ = lp_capture(thread.slot, 1_000_000_000, &result) }
            files.write()
            try #require(thread.joinInTime())
            #expect(outcome.result == -1)
            #expect(outcome.errorNumber == EINTR)
        }

        @Test(arguments: ["poll", "usleep", "select", "recv", "epoll_wait", "semop", "sigwaitinfo"])
        func `shared libraries find the probe's function, not the C library's`(name: String) throws {
            let function: UnsafeRawPointer = DynamicSymbol.function(name)
            let file = try #require(DynamicSymbol.information(of: UInt64(UInt(bitPattern: function)))?.file)
            #expect(!String(cString: file).contains("libc.so"))
        }
    }
}
