import Measurements

/// The table of a report: a row a metric, a level a target, a change a candidate; every export prints it.
struct ReportTable {
    /// One metric.
    struct Row {
        /// Such as "Throughput" or "p50".
        let label: String
        /// Such as "req/s" or "ms"; empty for counts.
        let unit: String
        /// One a target.
        let levels: [String]
        /// One a candidate; nil where nothing is compared.
        let changes: [Change?]
        /// Whether it only adds to the row before it.
        var isDetail = false
        /// What it and its neighbours are about, such as a size of uploads; nil for all of a run.
        var section: String?

        /// What the row is about in a table without indents: "1MiB-4MiB p50, ms".
        var fullLabel: String {
            let name = [section, label].compactMap { $0 }.joined(separator: " ")
            return unit.isEmpty ? name : "\(name), \(unit)"
        }
    }

    /// How a candidate changed.
    struct Change {
        /// Such as "+28.4 %".
        let estimate: String
        /// Such as "+25.8 … +31.1"; empty when it is open.
        let interval: String
        let verdict: MetricResult.Verdict
        /// Whether it is a difference of shares, in points, rather than a ratio.
        let isPoints: Bool
    }

    /// What stands under every table that shows a change.
    static let footnote =
        "Change is the Hodges-Lehmann estimate over paired rounds, not the ratio of the two medians. "
        + "Percentiles are nearest-rank."

    let load: Load
    /// The baseline and the candidates, in the run's order.
    let targets: [String]
    let baseline: String
    let candidates: [String]
    let rows: [Row]

    /// The tables of a run, one a load.
    static func all(of document: RunDocument) -> [ReportTable] {
        document.loads.compactMap { ReportTable(document, at: $0) }
    }

    /// The tables of the sizes of uploads, one a load; none where all are of one size.
    static func bySize(of document: RunDocument) -> [ReportTable] {
        guard !document.classResults.isEmpty else { return [] }
        return document.loads.compactMap { ReportTable(sizesOf: document, at: $0) }
    }

    /// Sets the levels of one target in two runs beside each other.
    ///
    /// - Parameters:
    ///   - columns: What the two columns are called.
    ///   - before: A result a metric.
    ///   - after: The same metrics, with their changes.
    ///   - longest: The longest block of all counted rounds in each run, in seconds.
    ///   - load: The load.
    init(
        columns: [String],
        before: [MetricResult],
        after: [MetricResult],
        longest: [Double?],
        at load: Load
    ) {
        self.load = load
        baseline = columns[0]
        candidates = [columns[1]]
        targets = columns
        rows = zip(before, after).filter { $1.metric.isPrinted }.filter { before, after in
            after.sizeClass == nil
                || Metric.ofSizes.contains(after.metric)
                    && (after.metric != .errors || before.errors + after.errors > 0)
        }.map { before, after in
            if after.metric == .loopWorst {
                return Row(longest: longest, candidates: [columns[1]])
            }
            var after = after
            after.target = columns[1]
            var row = Row(after.metric, [before, after], candidates: [columns[1]])
            row.section = after.sizeClass?.name
            return row
        }
    }

    private init?(sizesOf document: RunDocument, at load: Load) {
        guard let baseline = document.baseline?.name else { return nil }
        self.load = load
        self.baseline = baseline
        let candidates = document.candidates.map(\.name)
        let targets = [baseline] + candidates
        self.candidates = candidates
        self.targets = targets
        let results = document.classResults.filter { $0.load == load }
        let hasErrors = results.contains { $0.errors > 0 }
        let metrics = Metric.ofSizes.filter { $0 != .errors || hasErrors }
        rows = Set(results.compactMap(\.sizeClass)).sorted().flatMap { size in
            metrics.map { metric in
                let own = targets.map { name in
                    results.first { $0.sizeClass == size && $0.metric == metric && $0.target == name }
                }
                var row = Row(metric, own, candidates: candidates)
                row.section = size.name
                return row
            }
        }
    }

    private init?(_ document: RunDocument, at load: Load) {
        guard let baseline = document.baseline?.name else { return nil }
        self.load = load
        self.baseline = baseline
        candidates = document.candidates.map(\.name)
        targets = [baseline] + candidates
        var metrics: [Metric] = []
        for result in document.results where result.load == load {
            if !metrics.contains(result.metric) { metrics.append(result.metric) }
        }
        let targets = targets
        let candidates = candidates
        rows = metrics.filter(\.isPrinted).map { metric in
            let results = targets.map { document.result(metric, of: $0, at: load) }
            if metric == .loopWorst {
                let longest = results.map { result in
                    result.flatMap { Self.longestBlock(of: $0.target, document, at: load) }
                }
                return Row(longest: longest, candidates: candidates)
            }
            return Row(metric, results, candidates: candidates)
        }
    }
}

extension ReportTable {
    /// The longest block of all counted rounds, in seconds: what happened once is not levelled away.
    static func longestBlock(
        of target: String,
        _ document: RunDocument,
        at load: Load
    ) -> Double? {
        document.countedRounds(at: load).filter { $0.record.target == target }
            .compactMap { Metric.loopWorst.value(in: $0.summary) }.max()
    }
}

extension Metric {
    /// What stands in the table of sizes; the exports have every percentile.
    fileprivate static let ofSizes: [Metric] =
        [.throughput] + [Percentile.p50, .p95, .p99].map { .response(.percentile($0)) } + [.errors]

    /// Whether it stands in tables; `min` explains the verdict and would say too much there.
    fileprivate var isPrinted: Bool {
        switch self {
        case .response(.minimum), .response(.mean), .probeErrors: false
        default: true
        }
    }

    /// Its name in a table.
    fileprivate var label: String {
        switch self {
        case .throughput: "Throughput"
        case .response(let statistic): statistic.name
        case .service(let statistic): "Service \(statistic.name)"
        case .errors: "Errors"
        case .probe(let statistic): "Probe \(statistic.name)"
        case .probeErrors: "Probe errors"
        case .loopBlocked: "Loop blocked"
        case .loopWorst: "longest"
        }
    }
}

extension ReportTable.Row {
    fileprivate init(_ metric: Metric, _ results: [MetricResult?], candidates: [String]) {
        label = metric.label
        if metric == .errors {
            unit = ""
            levels = results.map { $0.map { "\($0.errors) of \($0.uploads)" } ?? "" }
            changes = candidates.map { _ in nil }
            return
        }
        if metric == .loopBlocked {
            unit = ""
            levels = results.map { $0.map { Self.share($0.level.value) } ?? "" }
            changes = Self.changes(results, candidates)
            return
        }
        let time = NumberText.sharedUnit(of: results.compactMap { $0?.level.value })
        unit = metric == .throughput ? "req/s" : time.rawValue
        let scale = metric == .throughput ? 1 : 1 / time.seconds
        levels = results.map { $0.map { Self.level($0, scale: scale) } ?? "" }
        changes = Self.changes(results, candidates)
    }

    /// The longest blocks of each target, under the row of their shares.
    fileprivate init(longest: [Double?], candidates: [String]) {
        let time = NumberText.sharedUnit(of: longest.compactMap { $0 })
        label = Metric.loopWorst.label
        unit = time.rawValue
        levels = longest.map { $0.map { FixedPoint.significant($0 / time.seconds) } ?? "" }
        changes = candidates.map { _ in nil }
        isDetail = true
    }

    /// A share that is never rounded to nothing.
    private static func share(_ share: Double) -> String {
        share > 0 && share < 0.0005 ? "< 0.1 %" : NumberText.share(share)
    }

    private static func changes(_ results: [MetricResult?], _ candidates: [String]) -> [ReportTable.Change?] {
        candidates.map { name in
            results.compactMap { $0 }.first { $0.target == name }?.change.map { ReportTable.Change($0) }
        }
    }

    /// A level and the larger half of its interval: "26.5 ±0.8", "≥ 120", "~9.65".
    private static func level(_ result: MetricResult, scale: Double) -> String {
        let value = result.level.value * scale
        let decimals = FixedPoint.decimals(for: value)
        let text = FixedPoint.text(value, decimals: decimals)
        if result.level.isCensored { return "≥ \(text)" }
        let sign = result.flags.contains(.uncertain) ? "~" : ""
        guard let low = result.level.low, let high = result.level.high else { return sign + text }
        let half = max(result.level.value - low, high - result.level.value) * scale
        return "\(sign)\(text) ±\(FixedPoint.text(half, decimals: min(decimals, places(of: half))))"
    }

    /// How many places show two digits of a half interval.
    private static func places(of half: Double) -> Int {
        half < 0.995 ? 2 : half < 9.95 ? 1 : 0
    }
}

extension ReportTable.Change {
    fileprivate init(_ change: MetricResult.Change) {
        let isRatio = change.kind == .ratio
        isPoints = !isRatio
        estimate =
            isRatio
            ? NumberText.percent(change.estimate) : "\(NumberText.signed(change.estimate * 100)) points"
        // Points fill the column without an interval; run.json and summary.csv hold it.
        if isRatio, let low = change.low, let high = change.high {
            interval = NumberText.bounds(low, high)
        } else {
            interval = ""
        }
        verdict = change.verdict
    }
}
