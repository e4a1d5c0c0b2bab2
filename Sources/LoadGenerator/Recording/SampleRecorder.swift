import Curl
import Glibc
import Measurements
import Synchronization

/// Takes uploads that have ended off the engines' threads: adds them up and has them kept, on a thread of its own.
///
/// Engines hand over whole batches, a burst only one when it is over, so nothing is written meanwhile. What
/// can't be kept is still counted: the load goes on.
final class SampleRecorder: Sendable {
    /// What became of the uploads of a round.
    struct Recorded: Sendable {
        /// The uploads; empty if they could not be kept.
        var samples: SampleSequence
        var totals: RoundTotals
        /// Whether all of them were kept.
        var isWhole: Bool
    }

    /// From one hand-over to the next: what a crash may lose.
    static let interval: Nanoseconds = 1_000_000_000
    /// The most uploads of a batch, but for those of a burst: memory must not grow with how fast they end.
    static let mostInBatch = 2048

    private enum Work: Sendable {
        case batch(UploadBatch)
        case end(CheckedContinuation<Recorded, Never>)
    }

    private struct State {
        var work: [Work] = []
        var isStopped = false
        /// Batches that were emptied, to be used again.
        var spare: [UploadBatch] = []
        var thread: OwnThread?
        var loss: SampleLoss?
    }

    private let store: any SampleStore
    private let boot: String?
    private let state = Mutex(State())
    // A semaphore is made to be used from several threads at once.
    private nonisolated(unsafe) let ready: UnsafeMutablePointer<sem_t>

    /// Starts the thread.
    ///
    /// - Parameter store: Where uploads are kept.
    /// - Throws: ``CurlError`` if the kernel has no thread left.
    init(store: any SampleStore) throws(CurlError) {
        self.store = store
        boot = readSmallFile("/proc/sys/kernel/random/boot_id").map { String($0.prefix(8)).lowercased() }
        ready = .allocate(capacity: 1)
        // Fails only for values beyond SEM_VALUE_MAX.
        sem_init(ready, 0, 0)
        let thread = try OwnThread(name: "load-samples") { self.run() }
        state.withLock { $0.thread = thread }
    }

    deinit {
        sem_destroy(ready)
        ready.deallocate()
    }

    /// When uploads were first lost; nil while none are.
    var loss: SampleLoss? { state.withLock { $0.loss } }

    /// Takes a batch, and leaves an empty one.
    ///
    /// - Parameter batch: The uploads of one engine since its last batch.
    func take(_ batch: inout UploadBatch) {
        let full = batch
        batch = state.withLock { state in
            state.work.append(.batch(full))
            return state.spare.popLast() ?? UploadBatch(capacity: 0)
        }
        batch.go = full.go
        sem_post(ready)
    }

    /// Waits until all batches so far are kept, and ends the round.
    ///
    /// - Returns: What became of its uploads.
    func endRound() async -> Recorded {
        await withCheckedContinuation { continuation in
            state.withLock { $0.work.append(.end(continuation)) }
            sem_post(ready)
        }
    }

    /// Ends the thread once all is kept; called once, by its owner.
    func stop() {
        let thread = state.withLock { state in
            state.isStopped = true
            return state.thread.take()
        }
        sem_post(ready)
        thread?.join()
    }

    private func run() {
        var totals = RoundTotals()
        var isWhole = true
        while true {
            // Fails only when a signal handler ran; looking without need does no harm.
            sem_wait(ready)
            let (work, isStopped) = state.withLock { state in
                defer { state.work = [] }
                return (state.work, state.isStopped)
            }
            for work in work {
                switch work {
                case .batch(let batch):
                    isWhole = keep(batch, &totals) && isWhole
                case .end(let continuation):
                    let samples = store.endRound()
                    continuation.resume(
                        returning: Recorded(samples: isWhole ? samples : [], totals: totals, isWhole: isWhole)
                    )
                    totals = RoundTotals()
                    isWhole = true
                }
            }
            if isStopped, work.isEmpty { return }
        }
    }

    /// Keeps a batch and counts it; whether it was kept.
    private func keep(_ batch: consuming UploadBatch, _ totals: inout RoundTotals) -> Bool {
        for entry in batch.entries { totals.add(entry.sample, lag: entry.lag) }
        let isKept = store(batch.placed(boot: boot))
        batch.removeAll()
        let spare = batch
        state.withLock { state in
            // One an engine is enough; more were only needed for a while.
            if state.spare.count < 2 { state.spare.append(spare) }
        }
        return isKept
    }

    private func store(_ uploads: [PlacedSample]) -> Bool {
        // What follows a gap could be kept again, but a round with a gap is not whole.
        guard loss == nil else { return false }
        do throws(SampleStoreError) {
            try store.keep(uploads)
            return true
        } catch {
            let loss = SampleLoss(message: error.message, since: wallTime())
            state.withLock { $0.loss = loss }
            return false
        }
    }
}

/// The wall time now.
///
/// - Returns: The time by the system's clock.
func wallTime() -> Timestamp {
    var time = timespec()
    // Cannot fail: the clock exists and the pointer is valid.
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanosecondsSince1970: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
}
