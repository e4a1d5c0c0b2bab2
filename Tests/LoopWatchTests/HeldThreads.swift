import Dispatch
import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Threads that run until the test ends them, and waits for that.
final class HeldThreads: Sendable {
    private let start = DispatchSemaphore(value: 0)
    private let end = DispatchSemaphore(value: 0)
    private let hasEnded = DispatchGroup()

    /// What each thread does: it says that it runs, and waits.
    private func run() {
        start.signal()
        end.wait()
        hasEnded.leave()
    }

    /// Starts a thread by the system's call.
    @inline(never) func startByPthread() {
        hasEnded.enter()
        #if canImport(Glibc)
        var thread = pthread_t()
        #else
        var thread: pthread_t?
        #endif
        let failure = pthread_create(
            &thread,
            nil,
            { box in
                #if canImport(Glibc)
                HeldThreads.nameThisThread("held-pthread")
                let held = box.map { Unmanaged<HeldThreads>.fromOpaque($0).takeRetainedValue() }
                #else
                let held = Optional(Unmanaged<HeldThreads>.fromOpaque(box).takeRetainedValue())
                #endif
                held?.run()
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
        precondition(failure == 0, "the machine has no thread left")
        #if canImport(Glibc)
        pthread_detach(thread)
        #endif
        start.wait()
    }

    #if canImport(Glibc)
    /// Glibc's function for this is in no header that Swift reads.
    private static func nameThisThread(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY)
        _ = name.withCString { write(file, $0, strlen($0)) }
        close(file)
    }
    #endif

    /// Starts a thread of Foundation's.
    @inline(never) func startByFoundation() {
        hasEnded.enter()
        let thread = Thread {
            // A name given to Foundation before the start did not reach the kernel's list of threads.
            #if canImport(Glibc)
            HeldThreads.nameThisThread("held-thread")
            #endif
            self.run()
        }
        thread.start()
        start.wait()
    }

    /// Starts a thread of Foundation's that keeps the name of the thread that calls.
    @inline(never) func startWithoutName() {
        hasEnded.enter()
        let thread = Thread { self.run() }
        thread.start()
        start.wait()
    }

    /// Occupies more queues than dispatch has idle threads for.
    @inline(never) func startByDispatch() {
        for number in 0..<64 {
            hasEnded.enter()
            DispatchQueue(label: "held-\(number)").async { self.run() }
            start.wait()
        }
    }

    /// Ends the threads and waits until each has done its work.
    func letGo() {
        for _ in 0..<64 { end.signal() }
        hasEnded.wait()
    }
}
