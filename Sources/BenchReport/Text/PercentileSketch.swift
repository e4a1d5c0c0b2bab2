import Measurements

/// Two targets' response times by percentile, drawn with letters.
struct PercentileSketch {
    private struct Line {
        let percentile: Percentile
        let baseline: Double
        let candidate: Double
        let word: String
    }

    private static let percentiles = [100_000, 500_000, 700_000, 900_000, 990_000].map {
        Percentile(partsPerMillion: $0)
    }
    /// The axis, in characters.
    private static let axis = 31

    private let style: TerminalStyle
    private let baseline: String
    private let candidate: String
    private let drawn: [Line]

    /// Prepares a sketch; nil unless two targets were measured in 6 rounds or more at one load, or
    /// where the terminal has no room.
    init?(of document: RunDocument, style: TerminalStyle) {
        let loads = document.loads
        guard style.width >= 72, document.candidates.count == 1, let load = loads.first,
            loads.count == 1, let baseline = document.baseline?.name
        else { return nil }
        let candidate = document.candidates[0].name
        let rounds = document.countedRounds(at: load)
        let reference = BlockSeries(rounds.filter { $0.record.target == baseline })
        let series = BlockSeries(rounds.filter { $0.record.target == candidate })
        guard rounds.allSatisfy(\.hasSamples) else { return nil }
        var drawn: [Line] = []
        for percentile in Self.percentiles {
            let metric = Metric.response(.percentile(percentile))
            let pairs = reference.pairs(with: series, metric)
            guard !reference.isCensored(metric), !series.isCensored(metric),
                let change = PairedComparison.difference(baseline: pairs.map(\.0), candidate: pairs.map(\.1)),
                change.low != nil, let before = RoundLevel.median(pairs.map(\.0)),
                let after = RoundLevel.median(pairs.map(\.1))
            else { return nil }
            let word =
                !change.excludesZero
                ? "no clear change"
                : "\(candidate.shortened(to: 16)) \(change.estimate > 0 ? "slower" : "faster")"
            drawn.append(Line(percentile: percentile, baseline: before, candidate: after, word: word))
        }
        self.style = style
        self.baseline = baseline
        self.candidate = candidate
        self.drawn = drawn
    }

    /// The lines of the sketch.
    var lines: [String] {
        let longest = drawn.map { max($0.baseline, $0.candidate) }.max() ?? 0
        let end = TickScale(low: 0, high: longest, count: 5).ticks.last ?? longest
        let top = end > 0 ? end : 1
        let unit = DurationFormat.unit(for: top)
        let last = NumberText.trimmed(top / unit.seconds, decimals: 3)
        // What the names leave free is the axis; the shortest still has two strokes.
        let room = min(style.width, 80)
        let names = [baseline, candidate].map {
            $0.shortened(to: max(8, (room - 56) / 2), mark: style.plain("…"))
        }
        let legend = "Response time by percentile  ■ \(names[0])  ● \(names[1])"
        let ends = ["0 \(unit.rawValue)", "\(last) \(unit.rawValue)"]
        let free = room - legend.columns - ends[0].count - ends[1].count - 5
        let stroke = String(repeating: "─", count: min(11, max(2, free)))
        let scale = "\(ends[0]) \(stroke) \(ends[1])"
        let blanks = max(2, room - legend.columns - scale.count - 1)
        return [style.plain(legend + String(repeating: " ", count: blanks) + scale)]
            + drawn.map { line in
                let first = place(line.baseline, of: top)
                let second = place(line.candidate, of: top)
                var marks = [Character](repeating: " ", count: Self.axis + 1)
                for column in min(first, second)...max(first, second) { marks[column] = "─" }
                marks[first] = "■"
                marks[second] = "●"
                let name = "\(line.percentile)".padded(to: 5)
                return style.plain("  \(name)\(String(marks))  \(line.word)").trimmedEnd
            }
    }

    private func place(_ value: Double, of end: Double) -> Int {
        min(Self.axis, max(0, Int((value / end * Double(Self.axis)).rounded())))
    }
}
