import Measurements

/// `summary.csv`: a row a target and metric; a change of 0.284 is +28.4 %.
struct SummaryCSV {
    static let columns = [
        "schema", "run_id", "target", "baseline", "mode", "concurrency", "rate", "size_class", "metric",
        "unit",
        "better", "rounds", "n_ok", "n_error", "value", "ci_low", "ci_high", "change", "change_low",
        "change_high", "p_value", "ratio_of_medians", "verdict", "tail_samples", "flags",
    ]

    /// Writes the results of a run.
    static func bytes(of document: RunDocument) -> [UInt8] {
        var csv = CSVText(columns: columns)
        for result in document.results + document.classResults {
            let change = result.change
            csv.text("ingest-bench/summary/1")
            csv.text(document.id)
            csv.text(result.target)
            csv.text(change?.baseline)
            csv.text(document.plan.mode.rawValue)
            csv.integer(result.load.concurrency)
            csv.number(result.load.rate)
            csv.text(result.sizeClass?.name)
            csv.text(result.metric.name)
            csv.text(result.metric.unit)
            csv.text(result.metric.better.rawValue)
            csv.integer(result.rounds)
            csv.integer(result.uploads - result.errors)
            csv.integer(result.errors)
            csv.number(result.level.value)
            csv.number(result.level.low)
            csv.number(result.level.high)
            csv.number(change?.estimate)
            csv.number(change?.low)
            csv.number(change?.high)
            csv.number(change?.p)
            csv.number(change?.ratioOfMedians)
            csv.text(change?.verdict.rawValue)
            csv.integer(result.tailSamples)
            csv.text(result.flags.map(\.rawValue).joined(separator: ";"))
            csv.endRow()
        }
        return csv.bytes
    }
}

/// `rounds.csv`: a row a round, warm-ups included; in a sweep of rates a last column says which.
struct RoundsCSV {
    static let columns = [
        "run_id", "round", "warmup", "order", "target", "concurrency", "start_utc", "makespan_s", "ok",
        "errors",
        "throughput", "min_s", "mean_s", "p50_s", "p95_s", "p99_s", "max_s", "service_p50_s", "service_p99_s",
        "send_lag_p99_s", "client_cpu", "host_steal", "loop_blocked", "loop_worst_s", "loop_blocks",
        "probe_n",
        "probe_p50_s", "probe_p99_s", "probe_max_s", "probe_errors", "attempt", "validity", "reasons",
    ]

    /// Writes the rounds of a run.
    static func bytes(of document: RunDocument) -> [UInt8] {
        let rateColumn = document.plan.rateColumn
        var csv = CSVText(columns: columns + rateColumn)
        for round in document.rounds {
            let record = round.record
            let summary = round.summary
            csv.text(document.id)
            csv.integer(record.index)
            csv.flag(record.isWarmup)
            csv.integer(record.order)
            csv.text(record.target)
            csv.integer(record.load.concurrency)
            csv.text(record.started.iso8601)
            csv.seconds(record.makespan)
            csv.integer(summary.succeeded)
            csv.integer(summary.errors)
            csv.number(summary.throughput)
            csv.number(summary.response?.seconds(of: .minimum))
            csv.number(summary.response?.seconds(of: .mean))
            for percentile in [Percentile.p50, .p95, .p99] {
                csv.seconds(summary.response?.value(percentile))
            }
            csv.seconds(summary.response?.maximum)
            csv.seconds(summary.service?.value(.p50))
            csv.seconds(summary.service?.value(.p99))
            csv.seconds(record.client.sendLagP99)
            csv.number(record.client.cores)
            csv.number(record.host.steal)
            csv.number(summary.loops?.blocked)
            csv.seconds(summary.loops?.worst)
            csv.integer(summary.loops?.count)
            csv.integer(summary.probe?.count)
            csv.seconds(summary.probe?.times?.value(.p50))
            csv.seconds(summary.probe?.times?.value(.p99))
            csv.seconds(summary.probe?.times?.maximum)
            csv.integer(summary.probe?.errors)
            csv.integer(record.attempt)
            csv.text(record.validity.verdict.rawValue)
            csv.text(record.validity.reasons.joined(separator: "; "))
            for _ in rateColumn { csv.number(record.load.rate) }
            csv.endRow()
        }
        return csv.bytes
    }
}
