import CLoopProbe
import Foundation

/// Takes stacks of threads that do all kinds of things, and looks whether the process lives through it.
@MainActor
struct Soak {
    private let captures: Int

    /// Takes the options.
    ///
    /// - Parameter options: `--count` is the number of captures, 10 000 by itself.
    init(_ options: Options) { captures = options.count ?? 10_000 }

    /// Measures.
    ///
    /// - Parameter report: Where the figures go.
    func run(_ report: inout Report) {
        guard lp_start(0) >= 0 else { return report.figure("stacks", "none", goal: "any", isMet: false) }
        let threads = DispatchGroup()
        let ready = DispatchSemaphore(value: 0)
        let works = SoakWork.allCases
        let state = SoakState()
        for work in works {
            threads.enter()
            Thread.detachNewThread {
                let slot = lp_register(UInt8(LP_JOB.rawValue), work.rawValue)
                state.add(slot)
                ready.signal()
                while !state.isOver {
                    lp_begin()
                    work.run()
                    lp_end()
                }
                lp_unregister()
                threads.leave()
            }
            ready.wait()
        }
        let taken = take(from: state.slots)
        state.end()
        threads.wait()
        Report.say(
            " \(captures) captures of \(works.count) busy threads: \(works.map(\.rawValue).joined(separator: ", "))"
        )
        report.figure(
            "captures that were answered",
            "\(taken.answered)",
            goal: "99 %",
            isMet: taken.answered * 100 >= captures * 99
        )
        report.figure("too late, failed", "\(taken.late), \(taken.failed)")
        let whole = Double(taken.whole) / Double(max(1, taken.answered)) * 100
        report.figure(
            "stacks that reach their thread's start",
            "\(whole.text(1)) %",
            goal: ">= 99",
            isMet: whole >= 99
        )
        report.figure("frames, mean", (Double(taken.frames) / Double(max(1, taken.answered))).text(1))
        report.figure("a thread was held up, longest", "\((Double(taken.longest) / 1000).text(0)) us")
        report.figure("captures a second", (Double(captures) / taken.seconds).text(0))
    }

    private struct Taken {
        var answered = 0
        var late = 0
        var failed = 0
        var frames = 0
        /// Stacks that reach the function of the system's that began the thread.
        var whole = 0
        var longest: UInt64 = 0
        var seconds = 0.0
    }

    private func take(from slots: [Int32]) -> Taken {
        var taken = Taken()
        var result = lp_capture_result()
        let start = lp_now()
        for number in 0..<captures {
            switch lp_capture(slots[number % slots.count], 100_000_000, &result) {
            case 0...:
                taken.answered += 1
                taken.frames += Int(result.stack.count)
                if isWhole(result.stack) { taken.whole += 1 }
                taken.longest = max(taken.longest, result.handler_ns)
            case LP_TIMED_OUT.rawValue: taken.late += 1
            default: taken.failed += 1
            }
        }
        taken.seconds = Double(lp_now() - start) / 1e9
        return taken
    }

    private func isWhole(_ stack: lp_stack) -> Bool {
        guard stack.count > 2, stack.count <= LP_MAX_FRAMES else { return false }
        let last = Int(stack.count) - 1
        let address = withUnsafeBytes(of: stack.addresses) { $0.bindMemory(to: UInt64.self)[last] }
        var entry = lp_linker_entry()
        guard lp_linker_look_up(address, &entry), let image = entry.image else { return false }
        return String(cString: image).contains("libc.so")
    }
}
