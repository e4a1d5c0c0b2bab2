import Measurements

/// `hyperfine.json`: the makespans of each target's counted rounds, as hyperfine exports the times of a command.
enum HyperfineJSON {
    /// Writes the counted rounds of a run; nil for a run without any.
    ///
    /// `user` and `system` are 0, for the format wants them and the server's processor time is not known.
    static func bytes(of document: RunDocument) -> [UInt8]? {
        let series = CountedSeries.all(of: document)
        guard !series.isEmpty else { return nil }
        var json = JSONWriter()
        json.object(isBroken: true) { json in
            json.key("results", startsLine: true)
            json.array(series, isBroken: true) { json, series in
                write(series, isBurst: document.plan.mode == .burst, &json)
            }
        }
        json.endLine()
        return json.bytes
    }

    private static func write(_ series: CountedSeries, isBurst: Bool, _ json: inout JSONWriter) {
        let times = series.rounds.map { Double($0.record.makespan) / 1e9 }
        let load = isBurst ? "\(series.load.concurrency) uploads at once" : "uploads \(series.load.phrase)"
        json.object { json in
            json.field("command", "\(series.target) (\(load), one round)")
            json.field("mean", times.reduce(0, +) / Double(times.count))
            json.field("stddev", deviation(of: times))
            json.field("median", RoundLevel.median(times))
            json.field("user", 0.0)
            json.field("system", 0.0)
            json.field("min", times.min())
            json.field("max", times.max())
            json.key("times")
            json.array(times) { json, time in json.value(time) }
            json.key("exit_codes")
            // A round with a failed upload is one that failed.
            json.integers(series.rounds.map { $0.summary.errors == 0 ? 0 : 1 })
            json.key("parameters")
            json.object { json in
                json.field("target", series.target)
                for (name, value) in series.load.labels { json.field(name, value) }
            }
        }
    }

    /// The standard deviation of a sample; nil for one value.
    private static func deviation(of values: [Double]) -> Double? {
        guard values.count > 1 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }
}
