import CLoopProbe
import Foundation
import Synchronization
import Testing

private let timeout: UInt64 = 5_000_000_000

extension ProbeTests {
    @Suite struct Captures {
        init() throws { try #require(lp_start(0) > 0) }

        private func capture(_ thread: WatchedThread) -> (code: Int32, result: lp_capture_result) {
            var result = lp_capture_result()
            let code = lp_capture(thread.slot, timeout, &result)
            return (code, result)
        }

        @Test func `a captured thread shows the call it waits in, up to the start of the thread`() throws {
            let thread = WatchedThread { sortWaiting() }
            defer {
                endOfSort.signal()
                thread.join()
            }
            var names: [String] = []
            // The thread may not have come to its comparison yet.
            let limit = lp_now() + 20_000_000_000
            while !names.contains("qsort_r") {
                try #require(lp_now() < limit, "last seen in \(names)")
                let captured = capture(thread)
                try #require(captured.code > 0)
                #expect(captured.result.sequence == 1)
                #expect(captured.result.accounts.is_known)
                names = CLoopProbeTests.names(of: captured.result.stack)
            }
            // Beyond C code without frame pointers: the thread's start in glibc is the outermost frame.
            let own = try #require(names.firstIndex(of: "qsort_r"))
            #expect(names.count > own + 2)
        }

        @Test func `an own stack begins with the caller`() {
            var stack = lp_stack()
            let count = captureHere(&stack)
            #expect(count > 2)
            let first = addresses(of: stack).first ?? 0
            var path = [CChar](repeating: 0, count: 4096)
            var offset: UInt64 = 0
            #expect(lp_module_of(first, &path, path.count, &offset))
            let base = DynamicSymbol.information(of: first)?.base
            #expect(base.map { UInt64(UInt(bitPattern: $0)) } == first - offset)
            #expect(DynamicSymbol.name(of: first) != "lp_capture_self")
        }

        @Test func `an address outside of every file has no module`() {
            var path: [CChar] = [0]
            var offset: UInt64 = 0
            #expect(!lp_module_of(16, &path, path.count, &offset))
        }

        @Test func `a thread that doesn't answer keeps its slot reserved until it does`() {
            let (blocked, unblock, unblocked, end) = (signal(), signal(), signal(), signal())
            let number = lp_start(0)
            let thread = WatchedThread {
                var ours = sigset_t()
                sigemptyset(&ours)
                sigaddset(&ours, number)
                pthread_sigmask(SIG_BLOCK, &ours, nil)
                blocked.signal()
                unblock.wait()
                pthread_sigmask(SIG_UNBLOCK, &ours, nil)
                unblocked.signal()
                end.wait()
            }
            blocked.wait()
            var result = lp_capture_result()
            #expect(lp_capture(thread.slot, 1_000_000, &result) == LP_TIMED_OUT.rawValue)
            #expect(lp_capture(thread.slot, timeout, &result) == LP_TIMED_OUT.rawValue)
            unblock.signal()
            unblocked.wait()
            #expect(lp_capture(thread.slot, timeout, &result) > 0)
            end.signal()
            thread.join()
            #expect(lp_capture(thread.slot, timeout, &result) == LP_GONE.rawValue)
        }

        @Test func `threads may end while they are captured`() {
            for _ in 1...300 {
                let thread = WatchedThread {}
                var code: Int32
                repeat { code = capture(thread).code } while code > 0
                thread.join()
                #expect(code == LP_GONE.rawValue)
            }
        }

        @Test func `thousands of captures of a thread that allocates all succeed`() {
            let isOver = Flag()
            let thread = WatchedThread {
                var table: [Int: String] = [:]
                var round = 0
                while !isOver.isRaised {
                    round += 1
                    table[round % 1000] = String(repeating: "x", count: round % 100)
                    if round % 5000 == 0 { table = [:] }
                }
            }
            var failures = 0
            var slowest: UInt64 = 0
            for _ in 1...5000 {
                let captured = capture(thread)
                if captured.code < 3 { failures += 1 }
                slowest = max(slowest, captured.result.handler_ns)
            }
            isOver.raise()
            thread.join()
            #expect(failures == 0)
            #expect(slowest > 0)
        }

        private func signal() -> DispatchSemaphore { DispatchSemaphore(value: 0) }
    }
}

/// A flag that threads share.
final class Flag: Sendable {
    private let state = Atomic(false)

    /// Whether it was raised.
    var isRaised: Bool { state.load(ordering: .sequentiallyConsistent) }

    /// Raises it for good.
    func raise() { state.store(true, ordering: .sequentiallyConsistent) }
}

@inline(never) private func captureHere(_ stack: inout lp_stack) -> Int32 {
    let count = lp_capture_self(&stack)
    // Not a tail call, or this frame would be gone.
    return max(count, 0)
}

/// What the comparison below waits for.
private let endOfSort = DispatchSemaphore(value: 0)

/// Waits in the comparison of a sort in C.
private func sortWaiting() {
    var values: [Int32] = [2, 1]
    qsort(&values, values.count, MemoryLayout<Int32>.size) { _, _ in
        endOfSort.wait()
        return 0
    }
}
