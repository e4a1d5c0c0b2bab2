import BenchReport
import LoadGenerator
import Measurements

/// Says how far a run is: one line that is drawn over on a terminal, a line for each block elsewhere.
///
/// A value that turns events into text; time and width come in, so tests drive it with numbers.
struct ProgressLine {
    private let isTerminal: Bool
    private let isUnicode: Bool
    /// The names of the targets, the baseline first.
    private let targets: [String]
    private let isSweep: Bool
    private var place: RoundPlace?
    private var roundStarted: Nanoseconds?
    private var blockStarted: Nanoseconds?
    private var blockTimes: [Nanoseconds] = []
    private var block: [RoundRecord] = []

    /// The longest name of a target on a terminal.
    private static let widestName = 24
    /// Goes to the start of the line, and empties it.
    private static let clear = "\r\u{1B}[2K"

    /// Makes a line.
    ///
    /// - Parameters:
    ///   - isTerminal: Whether the reader can draw over a line.
    ///   - isUnicode: Whether the bar may be drawn with signs beyond ASCII.
    ///   - targets: Whose rounds make a block, the baseline first.
    ///   - isSweep: Whether blocks differ by their load.
    init(isTerminal: Bool, isUnicode: Bool, targets: [String], isSweep: Bool) {
        self.isTerminal = isTerminal
        self.isUnicode = isUnicode
        self.targets = targets
        self.isSweep = isSweep
    }

    /// What to write for an event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - now: When, on any clock that only goes forward.
    ///   - rounds: How many blocks are measured, warm-ups not among them.
    ///   - width: How many columns the terminal has now.
    /// - Returns: The text, with the control characters it needs; nil when there is nothing to say.
    mutating func text(for event: LoadEvent, now: Nanoseconds, rounds: Int, width: Int) -> String? {
        switch event {
        case .progress(let progress):
            if place != progress.place {
                place = progress.place
                roundStarted = now
                if progress.place.order == 0 { blockStarted = now }
            }
            return isTerminal ? Self.clear + line(progress, now: now, rounds: rounds, width: width) : nil
        case .roundFinished(let record):
            if block.first.map({ $0.block != record.block || $0.isWarmup != record.isWarmup }) ?? false {
                block = []
            }
            block.append(record)
            guard block.count == targets.count else { return nil }
            defer { block = [] }
            if let blockStarted { blockTimes.append(now - blockStarted) }
            return isTerminal ? nil : blockLine(rounds: rounds)
        case .blockRepeated(let index, let reasons):
            block = []
            place = nil
            let text = "block \(index + 1) is measured again: \(reasons.joined(separator: ", "))\n"
            return isTerminal ? Self.clear + text : text
        }
    }

    /// What removes the line when the run is over.
    var ending: String { isTerminal ? Self.clear : "" }

    /// One line that the terminal never breaks: what tells least gives way first.
    private func line(_ progress: RoundProgress, now: Nanoseconds, rounds: Int, width: Int) -> String {
        let target = progress.place.target.shortened(to: Self.widestName, mark: isUnicode ? "…" : "...")
        let name = "\(name(progress.place, rounds: rounds)) \(target)"
        // A full line would leave the cursor on the next one on some terminals.
        let room = max(1, width - 1)
        switch progress.phase {
        case .uploading: break
        case .connecting:
            return "\(name): connecting \(progress.done)/\(progress.total ?? 0)".fitting(room)
        case .waiting(let time):
            return "\(name): starts in \(DurationFormat.text(nanoseconds: time))".fitting(room)
        }
        let (share, extent) = Self.extent(progress)
        let left = timeLeft(progress.place, now: now).map { left in
            "ETA \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60)"
        }
        let parts = [rate(progress), slowest(progress), errors(progress.errors), left].compactMap { $0 }
        let whole = ([("\(name) \(bar(share)) \(extent)")] + parts).joined(separator: "  ")
        if whole.columns <= room { return whole }
        let plain = ["\(name) \(extent)"]
        let shorter = (0...parts.count).lazy.map { (plain + parts.dropFirst($0)).joined(separator: "  ") }
        return (shorter.first { $0.columns <= room } ?? plain[0]).fitting(room)
    }

    private func blockLine(rounds: Int) -> String {
        guard let first = block.first, let place else { return "" }
        let rates = targets.compactMap { name in block.first { $0.target == name } }.map { record in
            "\(record.target) \(Self.rate(record.summary?.throughput ?? 0)) req/s"
        }
        let errors = block.reduce(0) { sum, record in sum + (record.summary?.errors ?? 0) }
        let load = isSweep ? ", \(first.load.name):" : ""
        let name = (first.isWarmup ? "warm-up" : "block \(first.index + 1)/\(rounds)") + load
        let left = blocksLeft(place) - 1
        let eta = medianBlockTime.map { " eta \(Int64(left) * $0 / 1_000_000_000)s" } ?? ""
        return "\(name) \(rates.joined(separator: " ")) errors \(errors)\(eta)\n"
    }

    private func name(_ place: RoundPlace, rounds: Int) -> String {
        (place.isWarmup ? "warm-up" : "round \(place.block + 1)/\(rounds)")
            + (isSweep ? ", \(place.load.name):" : "")
    }

    private func rate(_ progress: RoundProgress) -> String? {
        guard progress.elapsed > 0 else { return nil }
        return "\(Self.rate(Double(progress.ok) * 1e9 / Double(progress.elapsed))) req/s"
    }

    /// The p99 once there are enough replies for one, the longest wait before.
    private func slowest(_ progress: RoundProgress) -> String? {
        if let p99 = progress.p99 { return "p99 \(DurationFormat.text(nanoseconds: p99))" }
        return progress.maximum.map { "max \(DurationFormat.text(nanoseconds: $0))" }
    }

    private func errors(_ count: Int) -> String { "\(count) \(count == 1 ? "error" : "errors")" }

    /// Whole seconds until the end, by the median block so far; nil before the first is over.
    private func timeLeft(_ place: RoundPlace, now: Nanoseconds) -> Int64? {
        guard let median = medianBlockTime, let blockStarted else { return nil }
        return max(0, Int64(blocksLeft(place)) * median - (now - blockStarted)) / 1_000_000_000
    }

    /// How many blocks are left, the one of the place among them.
    private func blocksLeft(_ place: RoundPlace) -> Int {
        (place.roundsTotal - place.roundsDone + place.order) / max(1, targets.count)
    }

    private var medianBlockTime: Nanoseconds? {
        blockTimes.isEmpty ? nil : blockTimes.sorted()[blockTimes.count / 2]
    }

    private static func rate(_ rate: Double) -> String {
        rate < 100 ? "\((rate * 10).rounded() / 10)" : "\(Int(rate.rounded()))"
    }

    /// How much of the round is over: of its uploads, or of its time where a time bounds it.
    private static func extent(_ progress: RoundProgress) -> (share: Double, text: String) {
        if let total = progress.total {
            return (Double(progress.done) / Double(max(1, total)), "\(progress.done)/\(total)")
        }
        let elapsed = Int(progress.elapsed / 1_000_000_000)
        let window = Int((progress.window ?? 0) / 1_000_000_000)
        let share = Double(progress.elapsed) / Double(max(1, progress.window ?? 0))
        return (share, "\(elapsed)/\(window) s, \(progress.done) uploads")
    }

    /// Ten cells, filled to an eighth.
    private func bar(_ share: Double) -> String {
        let eighths = Int(80 * min(1, max(0, share)))
        guard isUnicode else {
            return "[" + String(repeating: "#", count: eighths / 8).padded(to: 10) + "]"
        }
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        let full = String(repeating: "█", count: eighths / 8) + partial
        return "▕" + full.padded(to: 10) + "▏"
    }
}
