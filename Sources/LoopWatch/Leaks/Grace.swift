#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The time that what is left is given to end; it is over as soon as nothing is left.
struct Grace {
    /// Short at first, for most of what ends late ends within a few steps of its loop.
    private static let steps: [Duration] = [
        .microseconds(200), .milliseconds(1), .milliseconds(2), .milliseconds(5),
    ]

    private let period: Duration

    /// Gives some time.
    ///
    /// - Parameter period: The longest it may take.
    init(_ period: Duration) {
        self.period = period
    }

    /// Waits without holding up the thread.
    ///
    /// - Parameters:
    ///   - isolation: Left to the compiler.
    ///   - isAnythingLeft: Looks again.
    func wait(isolation: isolated (any Actor)? = #isolation, while isAnythingLeft: () -> Bool) async {
        let end = ContinuousClock.now + period
        var step = 0
        while isAnythingLeft() {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return }
            let pause = min(left, Grace.steps[min(step, Grace.steps.count - 1)])
            // A task that was cancelled can't sleep, and this one may have been; nobody cancels the other.
            await Task.detached { try? await Task.sleep(for: pause) }.value
            step += 1
        }
    }

    /// Waits on the calling thread.
    ///
    /// - Parameter isAnythingLeft: Looks again.
    func waitBlocking(while isAnythingLeft: () -> Bool) {
        let end = ContinuousClock.now + period
        var step = 0
        while isAnythingLeft() {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return }
            let pause = min(left, Grace.steps[min(step, Grace.steps.count - 1)])
            usleep(useconds_t(pause.components.attoseconds / 1_000_000_000_000))
            step += 1
        }
    }
}
