import CLoopProbe
import Foundation
import Synchronization
import Testing

extension ProbeTests {
    /// Captures while everything else happens to the process that may disturb them.
    @Suite(.timeLimit(.minutes(2))) struct CaptureStorms {
        private static let captures = 2000

        init() throws { try #require(lp_start(0) > 0) }

        /// How many stacks of a thread reach its start in the C library, of so many.
        private func wholeStacks(of thread: WatchedThread) -> Int {
            var whole = 0
            for _ in 0..<Self.captures {
                var result = lp_capture_result()
                guard lp_capture(thread.slot, 20_000_000_000, &result) > 2 else { continue }
                let last = addresses(of: result.stack).last ?? 0
                let file = DynamicSymbol.information(of: last)?.file.map { String(cString: $0) } ?? ""
                if file.contains("libc.so") { whole += 1 }
            }
            return whole
        }

        private func sendStorm(of signal: Int32, to thread: WatchedThread, until isOver: Flag)
            -> WatchedThread
        {
            let handle = thread.handle
            return WatchedThread(name: "storm") {
                while !isOver.isRaised {
                    _ = pthread_kill(handle, signal)
                    // Real-time signals queue, up to a limit of the user's.
                    usleep(20)
                }
            }
        }

        @Test func `a storm of its own signal changes nothing`() {
            let isOver = Flag()
            let thread = WatchedThread { computeUntil(isOver) }
            let isStormOver = Flag()
            let storm = sendStorm(of: lp_start(0), to: thread, until: isStormOver)
            #expect(wholeStacks(of: thread) == Self.captures)
            // First the storm: a handle of a thread that has ended means nothing.
            isStormOver.raise()
            storm.join()
            isOver.raise()
            thread.join()
        }

        @Test func `a storm of another signal, with a handler of its own, changes nothing`() {
            let former = signal(SIGUSR1) { _ in interruptions.add(1, ordering: .relaxed) }
            defer { signal(SIGUSR1, former) }
            let isOver = Flag()
            let thread = WatchedThread {
                // The thread that runs the test may have it blocked.
                var set = sigset_t()
                sigemptyset(&set)
                sigaddset(&set, SIGUSR1)
                pthread_sigmask(SIG_UNBLOCK, &set, nil)
                computeUntil(isOver)
            }
            let isStormOver = Flag()
            let storm = sendStorm(of: SIGUSR1, to: thread, until: isStormOver)
            #expect(wholeStacks(of: thread) == Self.captures)
            isStormOver.raise()
            storm.join()
            isOver.raise()
            thread.join()
            #expect(interruptions.load(ordering: .relaxed) > 0)
        }

        @Test func `libraries may come and go while stacks are taken`() throws {
            let isOver = Flag()
            let thread = WatchedThread { computeUntil(isOver) }
            let loads = Atomic(0)
            let loader = WatchedThread(name: "loader") {
                while !isOver.isRaised, loads.load(ordering: .relaxed) < 300 {
                    // One that nothing else here uses.
                    guard let library = dlopen("libBrokenLocale.so.1", RTLD_NOW | RTLD_LOCAL) else { break }
                    lp_refresh_modules()
                    dlclose(library)
                    lp_refresh_modules()
                    loads.add(1, ordering: .relaxed)
                }
            }
            #expect(wholeStacks(of: thread) == Self.captures)
            isOver.raise()
            loader.join()
            thread.join()
            #expect(loads.load(ordering: .relaxed) > 0)
        }

        /// A child has one thread and the memory of all: it must neither wait for others nor take a stack.
        @Test func `the process may fork while stacks are taken, and a child watches nothing`() throws {
            typealias Fork = @convention(c) () -> pid_t
            let fork = DynamicSymbol.function("fork", as: Fork.self)
            let isOver = Flag()
            let thread = WatchedThread { computeUntil(isOver) }
            let slot = thread.slot
            let codes = Mutex<[Int32]>([])
            let forking = WatchedThread(name: "forking") {
                for _ in 0..<50 {
                    let child = fork()
                    if child == 0 {
                        var result = lp_capture_result()
                        _exit(lp_capture(slot, 1_000_000_000, &result) > 0 ? 1 : 0)
                    }
                    var status: Int32 = -1
                    waitpid(child, &status, 0)
                    codes.withLock { $0.append(status) }
                }
            }
            #expect(wholeStacks(of: thread) == Self.captures)
            forking.join()
            isOver.raise()
            thread.join()
            #expect(codes.withLock { $0 } == [Int32](repeating: 0, count: 50))
        }
    }
}

/// Counted by a handler.
private let interruptions = Atomic(0)

/// Runs code of Swift, of its runtime and of the C library.
@inline(never) private func computeUntil(_ isOver: Flag) {
    var table: [Int: String] = [:]
    var round = 0
    while !isOver.isRaised {
        round += 1
        table[round % 100] = String(repeating: "x", count: round % 50)
        if round % 500 == 0 { table = [:] }
    }
}
