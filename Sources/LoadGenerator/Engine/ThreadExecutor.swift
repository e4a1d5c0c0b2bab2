import Curl
import Glibc
import Synchronization

/// Runs an actor on one thread of its own, so that a whole round is one job without a hop.
///
/// Its thread holds it until ``stop()``.
final class ThreadExecutor: SerialExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isStopped = false
        var thread: OwnThread?
    }

    private let state = Mutex(State())
    // A semaphore is made to be used from several threads at once.
    private nonisolated(unsafe) let ready: UnsafeMutablePointer<sem_t>

    /// Starts the thread.
    ///
    /// - Parameter name: What debuggers and `top` call it; at most 15 bytes.
    /// - Throws: ``CurlError/system(call:number:)`` if the kernel has no thread left.
    init(name: String) throws(CurlError) {
        ready = .allocate(capacity: 1)
        // Fails only for values beyond SEM_VALUE_MAX.
        sem_init(ready, 0, 0)
        let thread = try OwnThread(name: name) { self.run() }
        state.withLock { $0.thread = thread }
    }

    deinit {
        sem_destroy(ready)
        ready.deallocate()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        sem_post(ready)
    }

    /// Ends the thread once the jobs so far are done, and waits for it; called once, by its owner.
    func stop() {
        let thread = state.withLock { state in
            state.isStopped = true
            return state.thread.take()
        }
        sem_post(ready)
        thread?.join()
    }

    private func run() {
        while true {
            // Fails only when a signal handler ran; looking without need does no harm.
            sem_wait(ready)
            let (jobs, isStopped) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isStopped)
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            if isStopped, jobs.isEmpty { return }
        }
    }
}
