import Curl
import Glibc
import Measurements
import Synchronization

/// Lets all engine threads begin a round at one instant.
final class StartGate: Sendable {
    private let missing: Atomic<Int>
    private let go = Atomic<Nanoseconds>(0)

    /// Makes a gate.
    ///
    /// - Parameter threads: How many threads pass it, each once.
    init(threads: Int) {
        missing = Atomic(threads)
    }

    /// Waits until all threads are here; everything is ready by then, so that takes microseconds.
    ///
    /// - Returns: The instant at which the last one came, on the monotonic clock.
    func pass() -> Nanoseconds {
        if missing.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            go.store(MonotonicClock.now(), ordering: .releasing)
        }
        while true {
            let instant = go.load(ordering: .acquiring)
            if instant != 0 { return instant }
            sched_yield()
        }
    }
}
