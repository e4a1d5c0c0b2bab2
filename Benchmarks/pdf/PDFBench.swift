import Foundation
import MuPDF

/// `pdf-bench`: measures the PDF workers and the multipart reader by themselves, without HTTP and without a store.
@main
struct PDFBench {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard let part = arguments.first, arguments.count == 3, let path = arguments.last else {
            FileHandle.standardError.write(Data("usage: pdf-bench workers|multipart PROGRAM FILE.pdf\n".utf8))
            exit(64)
        }
        guard let file = FileManager.default.contents(atPath: path) else {
            FileHandle.standardError.write(Data("pdf-bench: can't read \(path)\n".utf8))
            exit(66)
        }
        MemoryTuning.apply()
        var goals = Goals()
        do {
            switch part {
            case "workers":
                let program = arguments[arguments.startIndex + 1]
                try await WorkerRates(file: [UInt8](file), program: program).report(&goals)
            default:
                try ParserRates(file: [UInt8](file)).report(&goals)
            }
        } catch {
            FileHandle.standardError.write(Data("pdf-bench: \(error)\n".utf8))
            exit(1)
        }
        exit(goals.areMet ? 0 : 1)
    }
}

/// Figures beside their goals, as they are printed.
struct Goals {
    /// Whether none was missed so far.
    private(set) var areMet = true

    /// Prints a figure of several rounds: its median, its range and its goal.
    ///
    /// - Parameters:
    ///   - what: What was measured.
    ///   - values: One a round.
    ///   - unit: The unit.
    ///   - goal: What it should be.
    ///   - isMost: Whether the goal is the most it may be, not the least.
    mutating func judge(
        _ what: String,
        _ values: [Double],
        _ unit: String,
        goal: Double,
        isMost: Bool = false
    ) {
        let sorted = values.sorted()
        let median = sorted[sorted.count / 2]
        let isMet = isMost ? median <= goal : median >= goal
        areMet = areMet && isMet
        let range = "(\(sorted[0].rounded(2)) … \(sorted[sorted.count - 1].rounded(2)))"
        let verdict = "goal \(isMost ? "<=" : ">=") \(goal) \(isMet ? "ok" : "MISSED")"
        print("  \(what): \(median.rounded(2)) \(unit) \(range), \(verdict)")
    }
}

extension Double {
    /// The number with a few decimals.
    ///
    /// - Parameter decimals: How many.
    /// - Returns: Its text.
    func rounded(_ decimals: Int) -> String { String(format: "%.\(decimals)f", self) }
}
