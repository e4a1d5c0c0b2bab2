import Foundation

/// Prints figures, each with its goal, and remembers whether one was missed.
struct Report {
    private var missed: [String] = []

    /// Says what is measured, and on what.
    ///
    /// - Parameter options: What was asked for.
    init(_ options: Options) {
        let command = (["Benchmarks/loopwatch/run"] + CommandLine.arguments.dropFirst()).joined(
            separator: " "
        )
        Report.say("== \(command)")
        Report.say("machine: \(Machine.description), \(Machine.isOptimized ? "release" : "debug") build")
    }

    /// Prints a figure.
    ///
    /// - Parameters:
    ///   - name: What it is.
    ///   - value: Its value, with unit.
    ///   - goal: What it should be; nil if it only explains.
    ///   - isMet: Whether it is so.
    mutating func figure(_ name: String, _ value: String, goal: String? = nil, isMet: Bool = true) {
        guard let goal else { return Report.say("  \(name): \(value)") }
        Report.say("  \(name): \(value) (goal \(goal))\(isMet ? "" : "  <- GOAL MISSED")")
        if !isMet { missed.append(name) }
    }

    /// Prints a line at once, wherever the output goes.
    ///
    /// - Parameter text: The line.
    static func say(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

    /// Prints what the figures came to.
    ///
    /// - Returns: The status to exit with.
    func end() -> Int32 {
        if missed.isEmpty {
            Report.say("all goals met")
        } else {
            Report.say(
                "goals missed: \(missed.joined(separator: "; ")). Was the machine doing something else?"
            )
        }
        return missed.isEmpty ? 0 : 1
    }
}

/// What figures depend on.
enum Machine {
    /// Whether the optimizer was at work: figures of a debug build say little.
    static var isOptimized: Bool {
        var isDebug = false
        assert(
            {
                isDebug = true; return true
            }()
        )
        return !isDebug
    }

    /// Processors, system, and how busy it was in the last minute.
    static var description: String {
        let info = ProcessInfo.processInfo
        var load = 0.0
        let busy = getloadavg(&load, 1) == 1 ? String(format: "%.2f", load) : "unknown"
        return "\(info.activeProcessorCount) processors, \(info.operatingSystemVersionString), load \(busy)"
    }

    /// The processor time of this process so far, in nanoseconds.
    static var cpuNanoseconds: UInt64 { nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID) }

    /// What a clock shows, in nanoseconds.
    ///
    /// - Parameter clock: The clock.
    /// - Returns: Its time.
    static func nanoseconds(of clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension Array where Element: Comparable {
    /// The middle value; nil without any.
    var median: Element? { isEmpty ? nil : sorted()[count / 2] }
}

extension Double {
    /// With so many digits after the point.
    func text(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
