import Measurements

/// The numbers behind a chart, as a table that its reader can open.
struct ChartData {
    private let document: RunDocument

    /// The most uploads that a table lists; requests.csv.gz has all of them.
    private static let mostUploads = 400
    private static let percentiles: [TimeStatistic] =
        (1...9).map { .percentile(Percentile(partsPerMillion: $0 * 100_000)) }
        + [.percentile(.p95), .percentile(.p99), .maximum]

    /// Prepares the tables of a run.
    init(of document: RunDocument) {
        self.document = document
    }

    /// The table behind a chart; nil where the tables above the charts hold its numbers.
    ///
    /// - Parameter chart: The chart's name.
    /// - Returns: The table.
    func table(behind chart: String) -> ReportSection? {
        switch chart {
        case "summary": results
        case "percentiles", "shift": percentiles
        case "waterfall": uploads
        case "sweep": ReportSection.sweep(document)
        default: nil
        }
    }

    /// The files of the results folder that hold all of a chart's numbers.
    ///
    /// - Parameter chart: The chart's name.
    /// - Returns: Their names.
    static func files(behind chart: String) -> [String] {
        switch chart {
        case "summary", "sweep": ["summary.csv"]
        case "timeline": ["requests.csv.gz", "probes.csv.gz", "loop-blocks.csv"]
        default: ["requests.csv.gz"]
        }
    }

    /// Every level and change, to the last digit that was measured.
    private var results: ReportSection? {
        let rows = document.results.map { result -> [ReportSection.Cell] in
            let change = result.change
            let numbers = [
                result.level.value, result.level.low, result.level.high, change?.estimate, change?.low,
                change?.high, change?.p, change?.ratioOfMedians,
            ]
            let texts =
                [result.target, result.load.amountText, result.metric.name, result.metric.unit]
                + numbers.map { $0.map(Self.number) ?? "" } + [change?.verdict.rawValue ?? ""]
            return texts.map { .text($0) }
        }
        let header = [
            "target", document.plan.loadHeader, "metric", "unit", "level", "low", "high", "change", "low",
            "high", "p",
            "ratio of medians", "verdict",
        ]
        return ReportSection(
            title: "Levels and changes with their 95 % intervals",
            header: header,
            figures: Set([1] + Array(4...11)),
            rows: rows
        )
    }

    /// The median round's percentiles by target, in seconds.
    private var percentiles: ReportSection? {
        let targets = document.comparedTargets.map(\.name)
        let rounds = document.loads.last.map { document.countedRounds(at: $0) } ?? []
        let series = targets.map { name in BlockSeries(rounds.filter { $0.record.target == name }) }
        let rows = Self.percentiles.map { statistic -> [ReportSection.Cell] in
            let levels = series.map { $0.level(of: .response(statistic)).map { Self.number($0.value) } ?? "" }
            return [.text(statistic.name)] + levels.map { .text($0) }
        }
        return ReportSection(
            title: "Response time in seconds, median of the rounds",
            header: ["percentile"] + targets,
            figures: Set(1..<targets.count + 1),
            rows: rows
        )
    }

    /// The uploads of the block that is drawn, in milliseconds from go.
    private var uploads: ReportSection? {
        let block = ChartFacts(of: document).typicalBlock
        let each = Self.mostUploads / max(1, block.count)
        let rows = block.flatMap { round in
            round.record.samples.prefix(each).enumerated().map { place, sample -> [ReportSection.Cell] in
                let times = [sample.intended, sample.sent, sample.bodySent, sample.firstByte, sample.done]
                let texts =
                    [round.record.target, String(place)]
                    + times.map { $0 < 0 ? "" : FixedPoint.text(Double($0) / 1e6, decimals: 3) }
                return (texts + [sample.outcome.rawValue]).map { .text($0) }
            }
        }
        let isCut = block.contains { $0.summary.uploads > each }
        let title = "Uploads of round \((block.first?.record.index ?? 0) + 1), milliseconds from go"
        return ReportSection(
            title: isCut ? "\(title), the first \(each) of each target" : title,
            header: ["target", "upload", "intended", "sent", "body sent", "first byte", "done", "outcome"],
            figures: Set(1...6),
            rows: rows
        )
    }

    /// A number that is read by people: six digits.
    private static func number(_ value: Double) -> String {
        value == 0 ? "0" : FixedPoint.text(value, decimals: abs(value) >= 1000 ? 1 : abs(value) >= 1 ? 4 : 6)
    }
}
