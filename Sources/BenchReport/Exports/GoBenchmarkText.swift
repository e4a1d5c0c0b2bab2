import Measurements

/// `bench.txt`: the Go benchmark format, a line a counted round, for benchstat.
enum GoBenchmarkText {
    private static let times: [(unit: String, statistic: TimeStatistic)] = [
        ("p50-sec", .percentile(.p50)), ("p95-sec", .percentile(.p95)), ("p99-sec", .percentile(.p99)),
        ("max-sec", .maximum),
    ]

    /// Writes the counted rounds of a run in the order they ran, so that medians, intervals and p are those of
    /// the report's unpaired comparison; nil for a run without any.
    static func bytes(of document: RunDocument) -> [UInt8]? {
        let series = CountedSeries.all(of: document)
        guard !series.isEmpty else { return nil }
        let rounds = series.flatMap { series in series.rounds.map { (series, $0) } }.sorted { left, right in
            order(left.1.record) < order(right.1.record)
        }
        let lines = head(of: document) + [""] + rounds.map { line($0, $1) }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private static func order(_ record: RoundRecord) -> (Int64, Int, Int) {
        (record.started.nanosecondsSince1970, record.index, record.order)
    }

    /// The configuration and what is better: keys of the format begin in lower case.
    private static func head(of document: RunDocument) -> [String] {
        let machine = document.environment.first
        var lines = [
            "format-version: 1", "tool: \(oneLine("\(document.tool.name)/\(document.tool.version)"))",
        ]
        if let machine {
            let cores = "\(machine.cores) \(machine.cores == 1 ? "core" : "cores")"
            lines += ["goos: linux", "goarch: \(architecture(machine.arch))"]
            lines.append("cpu: \(oneLine("\(machine.cpu) (\(cores))"))")
        }
        return lines + times.map { "Unit \($0.unit) better=lower" }
            + ["Unit req/s better=higher", "Unit err/op better=lower assume=exact"]
    }

    private static func line(_ series: CountedSeries, _ round: RunDocument.Round) -> String {
        let summary = round.summary
        let seconds = Double(round.record.makespan) / 1e9
        let uploads = max(1, summary.uploads)
        var values: [(Double?, String)] = [
            (Double(round.record.makespan) / Double(uploads), "ns/op"),
            (seconds > 0 ? Double(summary.bytesSent) / 1e6 / seconds : nil, "MB/s"),
            (summary.throughput, "req/s"),
        ]
        values += times.map { (summary.response?.seconds(of: $0.statistic), $0.unit) }
        values.append((Double(summary.errors) / Double(uploads), "err/op"))
        let pairs = values.compactMap { value, unit in value.map { "\(ShortNumber.text($0)) \(unit)" } }
        let rate = series.load.rate == nil ? "" : "/rate=\(series.load.amountText)"
        let name =
            "BenchmarkUpload/target=\(CountedSeries.word(series.target))/c=\(series.load.concurrency)\(rate)"
        return ([name, String(uploads)] + pairs).joined(separator: " ")
    }

    /// The architecture by Go's name.
    private static func architecture(_ name: String) -> String {
        switch name {
        case "x86_64": "amd64"
        case "aarch64": "arm64"
        default: CountedSeries.word(name)
        }
    }

    private static func oneLine(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
    }
}

/// Numbers in as few digits as give them back, without an exponent where it can be avoided.
enum ShortNumber {
    /// Writes a number.
    ///
    /// - Parameter number: A finite number.
    /// - Returns: Such as "26.65927", "100" or "1e-09".
    static func text(_ number: Double) -> String {
        Int64(exactly: number).map { String($0) } ?? number.description
    }
}
