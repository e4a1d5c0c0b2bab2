import Foundation
import Glibc

/// What the machine had done up to a moment, by the kernel's own count; shares no code with the load engine.
struct MachineUse {
    private let busy: Double
    private let stolen: Double
    private let total: Double
    private let own: Double

    /// Takes the counts: of the whole machine, and of this process with its children that have ended.
    ///
    /// - Throws: What Foundation throws when `/proc/stat` can't be read.
    init() throws {
        let text = try String(contentsOfFile: "/proc/stat", encoding: .utf8)
        let ticks = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().compactMap { Double($0) }
        // user nice system idle iowait irq softirq steal
        let perSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        let seconds = ticks.prefix(8).map { $0 / perSecond }
        guard seconds.count == 8 else { throw AccuracyError.damagedLog(line: text) }
        busy = seconds[0] + seconds[1] + seconds[2] + seconds[5] + seconds[6]
        stolen = seconds[7]
        total = seconds.reduce(0, +)
        own = Self.processorTime(of: 0) + Self.processorTime(of: -1)
    }

    /// Processor time of this process (0, `RUSAGE_SELF`) or of its children (−1, `RUSAGE_CHILDREN`).
    private static func processorTime(of whom: __rusage_who_t) -> Double {
        var usage = rusage()
        getrusage(whom, &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    /// What came from outside since an earlier moment, at the limits of the program's own verdict.
    ///
    /// - Parameter before: The earlier moment.
    /// - Returns: Reasons such as "other processes 31 %"; empty for a quiet machine.
    func disturbances(since before: MachineUse) -> [String] {
        let time = total - before.total
        guard time > 0 else { return [] }
        let others = max(0, busy - before.busy - (own - before.own)) / time
        let steal = (stolen - before.stolen) / time
        var reasons: [String] = []
        if others > 0.1 { reasons.append("other processes \(Int((others * 100).rounded())) %") }
        if steal > 0.01 { reasons.append("steal \(Int((steal * 100).rounded())) %") }
        return reasons
    }
}

/// Measures on a quiet machine: what was disturbed from outside is done again, three times at most.
///
/// - Parameter body: Starts everything it measures, and ends it.
/// - Returns: What the first undisturbed attempt gave.
/// - Throws: What `body` throws, or ``AccuracyError/disturbed(reasons:)``.
func undisturbed<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    var reasons: [String] = []
    for _ in 0...3 {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "ingest-bench-accuracy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            // What can't be removed is the system's to clean; the verdict doesn't depend on it.
            try? FileManager.default.removeItem(at: folder)
        }
        let before = try MachineUse()
        let value = try await body(folder)
        let found = try MachineUse().disturbances(since: before)
        if found.isEmpty { return value }
        print("disturbed: \(found.joined(separator: ", "))")
        reasons += found
    }
    throw AccuracyError.disturbed(reasons: reasons)
}
