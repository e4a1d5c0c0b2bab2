import Measurements

/// `metrics.prom`: the run in OpenMetrics text, which the classic Prometheus parser takes too.
struct OpenMetricsText {
    /// The upper bounds of the histogram's buckets, in seconds.
    private static let bounds = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
    ]

    private var text = ""
    private let document: RunDocument
    private let series: [CountedSeries]

    /// Writes a run.
    static func bytes(of document: RunDocument) -> [UInt8] {
        var writer = OpenMetricsText(of: document)
        writer.writeTimes()
        writer.writeUploads()
        writer.writeLevels()
        writer.writeChanges()
        writer.writeLoops()
        writer.writeRun()
        return Array((writer.text + "# EOF\n").utf8)
    }

    private init(of document: RunDocument) {
        self.document = document
        series = CountedSeries.all(of: document)
    }

    /// Response times of successful uploads.
    private mutating func writeTimes() {
        let name = "ingest_bench_response_time_seconds"
        family(
            name,
            "histogram",
            "Intended start to last reply byte, of successful uploads.",
            unit: "seconds"
        )
        for series in series {
            let times = CumulativeTimes(of: series, bounds: Self.bounds)
            let labels = labels(of: series)
            for (bound, count) in zip(Self.bounds, times.counts) {
                sample("\(name)_bucket", labels + [("le", Self.number(bound))], Double(count))
            }
            sample("\(name)_bucket", labels + [("le", "+Inf")], Double(times.total))
            sample("\(name)_sum", labels, times.sum)
            sample("\(name)_count", labels, Double(times.total))
        }
    }

    private mutating func writeUploads() {
        family("ingest_bench_uploads", "counter", "Uploads of counted rounds by outcome.")
        var outcomes: [Outcome] = [.ok]
        for round in series.flatMap(\.rounds) {
            for failure in round.summary.failures where !outcomes.contains(failure.outcome) {
                outcomes.append(failure.outcome)
            }
        }
        for series in series {
            for outcome in outcomes {
                let count = series.rounds.reduce(0) { sum, round in
                    let failed = round.summary.failures.filter { $0.outcome == outcome }
                    return sum
                        + (outcome == .ok ? round.summary.succeeded : failed.reduce(0) { $0 + $1.count })
                }
                let labels = labels(of: series) + [("outcome", outcome.rawValue)]
                sample("ingest_bench_uploads_total", labels, Double(count))
            }
        }
    }

    private mutating func writeLevels() {
        let name = "ingest_bench_level"
        family(
            name,
            "gauge",
            "Median over rounds and its 95 % interval: seconds, a share, or uploads per second."
        )
        for result in document.results where isCompared(result.target) {
            let labels = labels(of: result)
            bounds(name, labels, result.level.value, result.level.low, result.level.high)
        }
    }

    private mutating func writeChanges() {
        let name = "ingest_bench_change_ratio"
        family(name, "gauge", "Paired change against the baseline and its 95 % interval.", unit: "ratio")
        for result in document.results where isCompared(result.target) {
            guard let change = result.change, change.kind == .ratio else { continue }
            var labels = labels(of: result)
            labels.insert(("baseline", change.baseline), at: 1)
            bounds(name, labels, change.estimate, change.low, change.high)
        }
    }

    private mutating func writeLoops() {
        let blocked = document.results.filter { $0.metric == .loopBlocked && isCompared($0.target) }
        guard !blocked.isEmpty else { return }
        let name = "ingest_bench_loop_blocked_ratio"
        family(name, "gauge", "Share of the round in which the event loop was blocked.", unit: "ratio")
        for result in blocked {
            let labels = [("target", result.target)] + result.load.labels
            sample(name, labels, result.level.value)
        }
    }

    private mutating func writeRun() {
        family("ingest_bench_run", "gauge", "Constant 1; labels identify the run.")
        let labels = [
            ("run_id", document.id), ("version", document.tool.version),
            ("complete", document.complete ? "true" : "false"),
            ("validity", document.validity.verdict.rawValue),
        ]
        sample("ingest_bench_run", labels, 1)
    }

    /// Whether a target is compared, and not the baseline's second measurement.
    private func isCompared(_ target: String) -> Bool {
        document.comparedTargets.contains { $0.name == target }
    }

    private func labels(of series: CountedSeries) -> [(String, String)] {
        [("target", series.target)] + series.load.labels
    }

    private func labels(of result: MetricResult) -> [(String, String)] {
        [("target", result.target)] + result.load.labels + [("metric", result.metric.name)]
    }

    private mutating func bounds(
        _ name: String,
        _ labels: [(String, String)],
        _ estimate: Double,
        _ low: Double?,
        _ high: Double?
    ) {
        for (bound, value) in [("estimate", estimate), ("lower", low), ("upper", high)] {
            // An open bound is absent.
            if let value { sample(name, labels + [("bound", bound)], value) }
        }
    }

    private mutating func family(_ name: String, _ type: String, _ help: String, unit: String? = nil) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        if let unit { text += "# UNIT \(name) \(unit)\n" }
    }

    private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let set = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        text += "\(name){\(set)} \(Int64(exactly: value).map { String($0) } ?? Self.number(value))\n"
    }

    /// A number as the format's canonical form has it: "1.0", "0.005".
    private static func number(_ value: Double) -> String { value.description }

    /// A label's value: the three signs that end one are escaped, control characters left out.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}

/// How many successful uploads took at most so long.
private struct CumulativeTimes {
    private(set) var counts: [Int]
    private(set) var total = 0
    private(set) var sum = 0.0
    private let limits: [Int64]

    /// Counts the uploads themselves or, where a document kept none, those of its histograms.
    init(of series: CountedSeries, bounds: [Double]) {
        limits = bounds.map { Int64(($0 * 1e9).rounded()) }
        counts = Array(repeating: 0, count: bounds.count)
        if series.rounds.allSatisfy(\.hasSamples) {
            for round in series.rounds {
                for sample in round.record.samples where sample.outcome == .ok { add(sample.responseTime, 1) }
            }
        } else if let histogram = series.histogram {
            for (values, number) in histogram.buckets {
                add((values.lowerBound + values.upperBound) * 500, Int(number))
            }
        }
        for index in counts.indices.dropFirst() { counts[index] += counts[index - 1] }
    }

    private mutating func add(_ time: Nanoseconds, _ number: Int) {
        total += number
        sum += Double(time) / 1e9 * Double(number)
        if let first = limits.firstIndex(where: { time <= $0 }) { counts[first] += number }
    }
}
