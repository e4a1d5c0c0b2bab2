import CLoopProbe
import Foundation
import Testing

extension ProbeTests {
    /// Calls that may block, told by the thread that makes them.
    @Suite struct Strict {
        init() throws { try #require(lp_start(0) > 0) }

        /// What is told of a body on a watched thread, in its order.
        private func told(
            _ strictness: lp_strictness = LP_STRICT_FILES,
            kind: lp_kind = LP_JOB,
            _ body: @escaping @Sendable () -> Void
        ) -> [lp_blocking_call] {
            _ = keptCalls()
            lp_watch_calls(Int32(strictness.rawValue), true)
            WatchedThread(kind: kind, name: "strict-test", body).join()
            lp_watch_calls(Int32(LP_STRICT_OFF.rawValue), false)
            return keptCalls()
        }

        private func keptCalls() -> [lp_blocking_call] {
            var calls: [lp_blocking_call] = []
            var call = lp_blocking_call()
            while lp_next_call(&call) {
                if text(of: call.name) == "strict-test" { calls.append(call) }
            }
            return calls
        }

        private func names(_ calls: [lp_blocking_call]) -> [String] { calls.map { text(of: $0.call) } }

        /// What one call tells and gives.
        private func check(_ call: StrictCall, under strictness: lp_strictness, tells told: String?) {
            let (files, outcome) = (StrictFiles(), Outcome())
            let calls = self.told(strictness) { outcome.record { call.run(files) } }
            #expect(names(calls).map { $0.hasPrefix("lp_") ? String($0.dropFirst(3)) : $0 }.first == told)
            #expect(outcome.result == call.expected)
            #expect(outcome.errorNumber == Outcome.untouched)
        }

        @Test(arguments: StrictCall.calls)
        func `a call that may wait for others is told, though it does not wait, and ends as ever`(
            call: StrictCall
        ) {
            check(call, under: LP_STRICT_CALLS, tells: call.told)
        }

        @Test(arguments: StrictCall.files)
        func `a call on a file is told only with files`(call: StrictCall) {
            check(call, under: LP_STRICT_CALLS, tells: nil)
            check(call, under: LP_STRICT_FILES, tells: call.told)
        }

        @Test(arguments: StrictCall.harmless)
        func `a call that can't wait as it is made is not told`(call: StrictCall) {
            check(call, under: call.name.contains("device") ? LP_STRICT_CALLS : LP_STRICT_FILES, tells: nil)
        }

        @Test func `what a call itself calls is not told`() {
            #expect(names(told { usleep(1) }) == ["usleep"])
        }

        @Test func `a place is told once, and counted`() throws {
            let calls = told { for _ in 1...5 { usleep(1) } }
            let call = try #require(calls.first)
            #expect(names(calls) == ["usleep"])
            #expect(lp_call_count(call.slot, call.site) - call.count_before == 5)
        }

        @Test func `two lines are two places, and told in the order they were reached`() {
            let calls = told {
                usleep(1)
                var time = timespec(tv_sec: 0, tv_nsec: 1)
                nanosleep(&time, nil)
                usleep(1)
            }
            #expect(names(calls) == ["usleep", "nanosleep", "usleep"])
        }

        @Test func `whoever begins to watch is told what others know`() {
            _ = keptCalls()
            let files = Int32(LP_STRICT_FILES.rawValue)
            lp_watch_calls(files, true)
            WatchedThread(name: "strict-test") {
                for isAnew in [false, true, false] {
                    lp_watch_calls(files, isAnew)
                    usleep(1)
                }
            }.join()
            lp_watch_calls(Int32(LP_STRICT_OFF.rawValue), false)
            #expect(names(keptCalls()) == ["usleep", "usleep"])
        }

        @Test func `a call has its thread, its time, its accounts and its stack`() throws {
            let call = try #require(told { usleep(1000) }.first)
            #expect(call.kind == UInt8(LP_JOB.rawValue))
            #expect(call.strictness == UInt8(LP_STRICT_CALLS.rawValue))
            #expect(call.end_ns > call.start_ns)
            #expect(call.before.is_known && call.after.is_known)
            #expect(call.after.cpu_ns >= call.before.cpu_ns)
            #expect(CLoopProbeTests.names(of: call.stack).contains("usleep"))
        }

        @Test func `outside a busy interval nothing is told`() {
            let calls = told {
                lp_end()
                usleep(1)
                StrictCall.raised().wait()
            }
            #expect(calls.isEmpty)
        }

        @Test func `a loop's own wait is not told, its other calls are`() {
            let calls = told(kind: LP_EVENT_LOOP) {
                typealias Create = @convention(c) (Int32) -> Int32
                typealias Wait = @convention(c) (Int32, UnsafeMutableRawPointer, Int32, Int32) -> Int32
                let file = DynamicSymbol.function("epoll_create1", as: Create.self)(0)
                var events: [UInt32] = [0, 0, 0, 0]
                _ = DynamicSymbol.function("epoll_wait", as: Wait.self)(file, &events, 1, 1)
                usleep(1)
                close(file)
            }
            #expect(names(calls) == ["usleep"])
        }

        @Test func `more places at once than there is room for are counted as dropped`() {
            @Sendable func sleep(under depth: Int) -> Int {
                if depth == 0 { return Int(usleep(1)) }
                return sleep(under: depth - 1) + 1
            }
            let before = lp_dropped_calls()
            let room = Int(LP_KEPT_CALLS)
            let calls = told { for depth in 0..<(room + 5) { _ = sleep(under: depth) } }
            #expect(calls.count == room)
            #expect(lp_dropped_calls() - before == 5)
        }

        /// A thread that takes the place of a former one takes its ring along.
        @Test func `whoever watches later has room for places of its own`() {
            @Sendable func wait(under depth: Int, in way: Int) -> Int {
                if depth > 0 { return wait(under: depth - 1, in: way) + 1 }
                var time = timespec(tv_sec: 0, tv_nsec: 1)
                switch way {
                case 0: return Int(usleep(1))
                case 1: return Int(nanosleep(&time, nil))
                case 2: return Int(clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nil))
                case 3: return Int(waitpid(1, nil, 0))
                default: return Int(flock(-1, LOCK_EX))
                }
            }
            let depth = Int(LP_CALL_SITES) / 4
            for way in 0..<5 { _ = told { for depth in 0..<depth { _ = wait(under: depth, in: way) } } }
            #expect(names(told { usleep(1) }) == ["usleep"])
        }

        @Test func `everyone in this process finds the probe's functions`() {
            var names = [CChar](repeating: 0, count: 1024)
            let unseen = lp_unseen_calls(&names, names.count)
            let text = String(decoding: names.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            #expect(unseen == 0, "\(text)")
            setenv("LOOPWATCH_DISABLE", "calls", 1)
            #expect(lp_unseen_calls(&names, names.count) == LP_MISSING.rawValue)
            unsetenv("LOOPWATCH_DISABLE")
        }

        /// Of the C library only what others call is ours: its own calls, as of `fread`, go past the probe.
        @Test func `known miss: what the C library calls inside`() throws {
            let files = StrictFiles()
            let calls = told {
                let file = fopen(files.path, "r")
                _ = file.map { fgetc($0) }
                _ = file.map { fclose($0) }
            }
            #expect(calls.isEmpty)
        }
    }
}
