import BenchReport
import LoadGenerator
import Measurements

/// Says how far a run is: one line that is drawn over on a terminal, a line for each block elsewhere.
///
/// A value that turns events into text; time comes in, so tests drive it with numbers.
struct ProgressLine {
    private let isTerminal: Bool
    private let targets: Int
    private let isSweep: Bool
    private var roundStarted: Nanoseconds?
    private var place: RoundPlace?
    private var roundTimes: [Nanoseconds] = []
    private var block: [RoundRecord] = []

    /// Makes a line.
    ///
    /// - Parameters:
    ///   - isTerminal: Whether the reader can draw over a line.
    ///   - targets: How many rounds make a block.
    ///   - isSweep: Whether blocks differ by their load.
    init(isTerminal: Bool, targets: Int, isSweep: Bool = false) {
        self.isTerminal = isTerminal
        self.isSweep = isSweep
        self.targets = targets
    }

    /// What to write for an event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - now: When, on any clock that only goes forward.
    ///   - rounds: How many blocks are measured, warm-ups not among them.
    /// - Returns: The text, with the control characters it needs; nil when there is nothing to say.
    mutating func text(for event: LoadEvent, now: Nanoseconds, rounds: Int) -> String? {
        switch event {
        case .progress(let progress):
            if place != progress.place {
                place = progress.place
                roundStarted = now
            }
            return isTerminal ? "\r\u{1b}[2K" + line(progress, now: now, rounds: rounds) : nil
        case .roundFinished(let record):
            if let roundStarted {
                roundTimes.append(now - roundStarted)
            }
            if block.first.map({ $0.block != record.block || $0.isWarmup != record.isWarmup }) ?? false {
                block = []
            }
            block.append(record)
            guard !isTerminal, block.count == targets else { return nil }
            defer { block = [] }
            return blockLine(rounds: rounds)
        case .blockRepeated(let index, let reasons):
            block = []
            let text = "block \(index + 1) is measured again: \(reasons.joined(separator: ", "))\n"
            return isTerminal ? "\r\u{1b}[2K" + text : text
        }
    }

    /// What removes the line when the run is over.
    var ending: String { isTerminal ? "\r\u{1b}[2K" : "" }

    private func line(_ progress: RoundProgress, now: Nanoseconds, rounds: Int) -> String {
        let name = name(progress.place, rounds: rounds)
        switch progress.phase {
        case .uploading: break
        case .connecting:
            return "\(name) \(progress.place.target): connecting \(progress.done)/\(progress.total ?? 0)"
        case .waiting(let time):
            return "\(name) \(progress.place.target): starts in \(DurationFormat.text(nanoseconds: time))"
        }
        var parts = ["\(name) \(progress.place.target) \(Self.extent(progress))"]
        if progress.elapsed > 0 {
            let rate = Double(progress.ok) * 1e9 / Double(progress.elapsed)
            parts.append("\(Self.rate(rate)) req/s")
        }
        if let p99 = progress.p99 {
            parts.append("p99 \(DurationFormat.text(nanoseconds: p99))")
        } else if let maximum = progress.maximum {
            parts.append("max \(DurationFormat.text(nanoseconds: maximum))")
        }
        parts.append("\(progress.errors) errors")
        if let left = timeLeft(progress.place, now: now) {
            parts.append("ETA \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60)")
        }
        return parts.joined(separator: "  ")
    }

    private func blockLine(rounds: Int) -> String {
        guard let first = block.first, let place else { return "" }
        let rates = block.sorted { $0.target < $1.target }.map { record in
            "\(record.target) \(Self.rate(record.summary?.throughput ?? 0)) req/s"
        }
        let errors = block.reduce(0) { sum, record in sum + (record.summary?.errors ?? 0) }
        let load = isSweep ? ", \(first.load.name):" : ""
        let name = (first.isWarmup ? "warm-up" : "block \(first.index + 1)/\(rounds)") + load
        let left = place.roundsTotal - place.roundsDone - 1
        let eta = medianRoundTime.map { " eta \(Int64(left) * $0 / 1_000_000_000)s" } ?? ""
        return "\(name) \(rates.joined(separator: " ")) errors \(errors)\(eta)\n"
    }

    private func name(_ place: RoundPlace, rounds: Int) -> String {
        (place.isWarmup ? "warm-up" : "round \(place.block + 1)/\(rounds)")
            + (isSweep ? ", \(place.load.name):" : "")
    }

    /// Whole seconds until the end, by the median round so far; nil before the first round is over.
    private func timeLeft(_ place: RoundPlace, now: Nanoseconds) -> Int64? {
        guard let median = medianRoundTime, let roundStarted else { return nil }
        let rounds = Int64(place.roundsTotal - place.roundsDone)
        return max(0, rounds * median - (now - roundStarted)) / 1_000_000_000
    }

    private var medianRoundTime: Nanoseconds? {
        roundTimes.isEmpty ? nil : roundTimes.sorted()[roundTimes.count / 2]
    }

    private static func rate(_ rate: Double) -> String {
        rate < 100 ? "\((rate * 10).rounded() / 10)" : "\(Int(rate.rounded()))"
    }

    /// How much of the round is over: of its uploads, or of its time where a time bounds it.
    private static func extent(_ progress: RoundProgress) -> String {
        if let total = progress.total { return "\(bar(progress.done, of: total)) \(progress.done)/\(total)" }
        let elapsed = Int(progress.elapsed / 1_000_000_000)
        let window = Int((progress.window ?? 0) / 1_000_000_000)
        return "\(bar(elapsed, of: window)) \(elapsed)/\(window) s, \(progress.done) uploads"
    }

    /// Ten cells, filled to an eighth.
    private static func bar(_ done: Int, of total: Int) -> String {
        let eighths = total > 0 ? min(80, done * 80 / total) : 0
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        let full = String(repeating: "█", count: eighths / 8) + partial
        return "▕" + full + String(repeating: " ", count: 10 - full.count) + "▏"
    }
}
