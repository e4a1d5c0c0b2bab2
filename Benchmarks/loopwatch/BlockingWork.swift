import CLoopProbe
import Foundation
import LoopWatch

/// Something that keeps its thread for 12 ms.
enum BlockingWork: String, CaseIterable, Sendable {
    case sleep, spin

    /// When the thread was kept, on the monotonic clock in nanoseconds.
    struct Stretch: Sendable {
        let start: UInt64
        let end: UInt64

        /// How long.
        var milliseconds: Double { Double(end - start) / 1e6 }

        /// Whether a block covers its middle.
        ///
        /// - Parameter block: A block that was found.
        /// - Returns: Whether the block's interval does, whatever part of it the block is.
        func isWithin(_ block: LoopBlock) -> Bool {
            let from = block.start / .nanoseconds(1)
            let until = from + block.duration / .nanoseconds(1)
            // A block of several parts covers the middle with one of them only: each must touch the stretch.
            return from < Double(end) && until > Double(start)
        }
    }

    /// The function that is to be blamed.
    var function: String {
        switch self {
        case .sleep: "sleepsForTwelveMilliseconds"
        case .spin: "spinsForTwelveMilliseconds"
        }
    }

    /// Keeps the calling thread.
    ///
    /// - Returns: When.
    @inline(never)
    func run() -> Stretch {
        let start = lp_now()
        switch self {
        case .sleep: sleepsForTwelveMilliseconds()
        case .spin: spinsForTwelveMilliseconds()
        }
        return Stretch(start: start, end: lp_now())
    }
}

@inline(never)
private func sleepsForTwelveMilliseconds() {
    let result = usleep(12_000)
    // Not the last thing done here: the optimizer would leave this function before the call.
    precondition(result == 0)
}

/// Spins for so much of the processor's time: without a processor a thread doesn't block, it waits its turn.
@inline(never)
private func spinsForTwelveMilliseconds() {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    let start = time.tv_sec * 1_000_000_000 + time.tv_nsec
    repeat {
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    } while time.tv_sec * 1_000_000_000 + time.tv_nsec < start + 12_000_000
}
