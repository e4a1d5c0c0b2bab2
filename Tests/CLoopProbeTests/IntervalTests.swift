import CLoopProbe
import Foundation
import Testing

extension ProbeTests {
    @Suite struct Intervals {
        private func intervals(_ body: @escaping @Sendable () -> Void) -> [lp_interval] {
            _ = keptIntervals(named: "test")
            lp_set_threshold(0)
            WatchedThread(body).join()
            lp_set_threshold(.max)
            return keptIntervals(named: "test")
        }

        @Test func `an interval that reaches the threshold is kept with its thread's kind and accounts`()
            throws
        {
            let interval = try #require(intervals {}.first)
            #expect(interval.kind == UInt8(LP_JOB.rawValue))
            #expect(interval.sequence == 1)
            #expect(interval.end_ns >= interval.start_ns)
            #expect(interval.after.is_known && interval.after.cpu_ns > 0)
            #expect(!interval.before.is_known)
        }

        @Test func `an interval below the threshold is counted, but not kept`() {
            lp_set_threshold(.max)
            let thread = WatchedThread {
                lp_end()
                var state = lp_slot_state()
                let slot = lp_register(UInt8(LP_JOB.rawValue), "test")
                #expect(lp_slot(slot, &state))
                #expect(state.sequence == 1)
                #expect(state.busy_since == 0)
                #expect(state.busy_total_ns == state.longest_ns)
            }
            thread.join()
            #expect(keptIntervals(named: "test").isEmpty)
        }

        @Test func `a mark cuts an interval in two that meet`() {
            let kept = intervals { lp_mark() }
            #expect(kept.map(\.sequence) == [1, 2])
            #expect(kept.first?.end_ns == kept.last?.start_ns)
        }

        @Test func `a mark on an idle thread begins nothing`() {
            let kept = intervals {
                lp_end()
                lp_mark()
            }
            #expect(kept.map(\.sequence) == [1])
        }

        @Test func `a job within a job has an interval of its own`() {
            let kept = intervals {
                lp_begin()
                lp_end()
            }
            #expect(kept.map(\.sequence) == [1, 2, 3])
        }

        @Test func `a full ring keeps the oldest and counts the others as dropped`() {
            let before = lp_dropped_intervals()
            let kept = intervals {
                // One of them is the interval that the thread begins with.
                for _ in 1..<(LP_KEPT_INTERVALS + 10) { lp_mark() }
            }
            #expect(kept.map(\.sequence) == (1...UInt64(LP_KEPT_INTERVALS)).map { $0 })
            #expect(lp_dropped_intervals() - before == 10)
        }

        @Test func `accounts that the watchdog noted come with their interval and with no other`() {
            let kept = intervals {
                let slot = lp_register(UInt8(LP_JOB.rawValue), "test")
                let noted = lp_accounts(is_known: true, is_wait_known: true, cpu_ns: 11, wait_ns: 12)
                lp_note_accounts(slot, 1, noted, 13)
                lp_mark()
            }
            #expect(kept.map(\.before.cpu_ns) == [11, 0])
            #expect(kept.map(\.before.wait_ns) == [12, 0])
            #expect(kept.map(\.before_ns) == [13, 0])
        }

        @Test func `every thread of a slot has a generation of its own`() {
            var generations: Set<UInt64> = []
            for _ in 1...3 {
                for interval in intervals({}) { generations.insert(interval.generation) }
            }
            #expect(generations.count == 3)
        }

        @Test func `pool threads are numbered`() throws {
            let unnamed = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                var state = lp_slot_state()
                let slot = lp_register(UInt8(LP_POOL.rawValue), nil)
                #expect(lp_slot(slot, &state))
                #expect(text(of: state.name).hasPrefix("pool-"))
                lp_unregister()
                unnamed.signal()
            }
            unnamed.wait()
        }

        @Test func `the watchdog's doze ends when a thread becomes busy`() {
            let dozing = WatchedThread(name: "watchdog") {
                lp_end()
                // Far longer than any test: if nothing woke it, the result would be false.
                #expect(lp_sleep_until_busy(60_000_000_000))
            }
            WatchedThread {}.join()
            // A first interval may be over before the doze begins.
            while !dozing.isFinished { WatchedThread {}.join() }
            dozing.join()
        }

        @Test func `a call for the watchdog isn't lost when it comes before the doze`() {
            let dozing = WatchedThread(name: "watchdog") {
                lp_end()
                lp_wake_watchdog()
                // Far longer than the test waits for it.
                _ = lp_sleep_until_busy(60_000_000_000)
            }
            #expect(dozing.joinInTime())
        }
    }
}
