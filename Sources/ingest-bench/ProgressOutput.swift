import BenchReport
import Foundation
import LoadGenerator
import Measurements
import Synchronization

/// Carries a run's progress to standard error.
final class ProgressOutput: Sendable {
    private let line: Mutex<ProgressLine>
    private let rounds: Int
    private let isQuiet: Bool

    /// Makes the output of a run.
    ///
    /// - Parameters:
    ///   - plan: The run.
    ///   - isQuiet: Whether nothing is said.
    init(plan: LoadPlan, isQuiet: Bool) {
        rounds = plan.rounds
        self.isQuiet = isQuiet
        let environment = ProcessInfo.processInfo.environment
        line = Mutex(
            ProgressLine(
                // A dumb terminal can't draw over a line.
                isTerminal: isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb",
                isUnicode: TerminalStyle.isUnicode(environment),
                targets: plan.targets.map(\.name),
                isSweep: plan.loads.count > 1
            )
        )
    }

    /// Says what happened.
    ///
    /// - Parameter event: What happened.
    func take(_ event: LoadEvent) {
        guard !isQuiet else { return }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let now = Nanoseconds(time.tv_sec) * 1_000_000_000 + Nanoseconds(time.tv_nsec)
        // Written under the lock: the engine's threads must not mix their lines.
        line.withLock { line in
            guard let text = line.text(for: event, now: now, rounds: rounds, width: Self.width) else {
                return
            }
            writeToStandardError(text)
        }
    }

    /// The columns that the terminal has now: its window may have been resized since the last line.
    private static var width: Int {
        var size = winsize()
        let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return isKnown ? Int(size.ws_col) : 80
    }

    /// Removes the line of a terminal.
    func end() {
        guard !isQuiet else { return }
        line.withLock { writeToStandardError($0.ending) }
    }
}
