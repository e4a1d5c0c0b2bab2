import CLoopProbe
import Synchronization

/// Finds out once a process whether the runtime lays its tasks out as expected.
actor TaskCalibration {
    static let shared = TaskCalibration()

    private var isDone = false

    /// Tries it on a task whose name is known.
    func run() async {
        guard !isDone else { return }
        isDone = true
        let known = Task(name: "loopwatch-calibration") {
            // Ends by being cancelled.
            try? await Task.sleep(for: .seconds(3600))
        }
        _ = lp_calibrate_tasks(unsafeBitCast(known, to: UnsafeMutableRawPointer.self))
        known.cancel()
        _ = await known.value
    }
}
