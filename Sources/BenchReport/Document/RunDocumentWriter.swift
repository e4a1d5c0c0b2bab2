import Measurements
import Zlib

extension RunDocument {
    /// Writes the document as `run.json`.
    ///
    /// - Parameter isPacked: Whether columns are packed; nil packs those of many uploads.
    /// - Returns: UTF-8, one round a line, ending with a line break.
    /// - Throws: ``ReportError/packing(_:)`` without memory to pack samples.
    package func json(isPacked: Bool? = nil) throws(ReportError) -> [UInt8] {
        var json = JSONWriter()
        do {
            let writer = isPacked.map { RunDocumentWriter(self, isPacked: $0) } ?? RunDocumentWriter(self)
            try writer.write(&json)
        } catch {
            throw .packing(error)
        }
        return json.bytes
    }

    /// Writes the document as `run.json`, round by round: no more than a piece of it is ever in memory.
    ///
    /// - Parameter output: Where it goes.
    /// - Throws: ``ReportError/packing(_:)`` without memory to pack samples.
    package func write(to output: FileOutput) throws(ReportError) {
        var json = JSONWriter(to: output)
        do {
            try RunDocumentWriter(self).write(&json)
        } catch {
            throw .packing(error)
        }
        json.flush()
    }
}

/// Writes a document in the order that its schema declares.
struct RunDocumentWriter {
    /// From how many uploads on columns are packed.
    static let packedFrom = 20_000

    private let document: RunDocument
    private let outcomes: [Outcome]
    private let columns: ColumnWriter

    /// Prepares to write a document.
    init(_ document: RunDocument) {
        self.init(document, isPacked: document.rounds.reduce(0) { $0 + $1.summary.uploads } > Self.packedFrom)
    }

    /// Prepares to write a document with columns of a given kind.
    init(_ document: RunDocument, isPacked: Bool) {
        var occurred: Set<Outcome> = [.ok]
        for round in document.rounds {
            occurred.formUnion(round.summary.failures.map(\.outcome))
            occurred.formUnion(round.record.probes.lazy.map(\.outcome))
        }
        self.init(document, isPacked: isPacked, outcomes: Outcome.allCases.filter(occurred.contains))
    }

    /// Prepares to write rounds with a given table of outcomes.
    init(_ document: RunDocument, isPacked: Bool, outcomes: [Outcome]) {
        self.document = document
        self.outcomes = outcomes
        let numbers = outcomes.enumerated().map { ($1, Int64($0)) }
        columns = ColumnWriter(isPacked: isPacked, outcomes: Dictionary(uniqueKeysWithValues: numbers))
    }

    /// Writes the whole text.
    func write(_ json: inout JSONWriter) throws(ZlibError) {
        try json.object(isBroken: true) { json throws(ZlibError) in
            head(&json)
            json.key("rounds", startsLine: true)
            try json.array(document.rounds, isBroken: true) { json, round throws(ZlibError) in
                try write(round, &json)
            }
            tail(&json)
        }
        json.endLine()
    }

    private func head(_ json: inout JSONWriter) {
        json.line("schema", RunDocument.schema)
        json.line("id", document.id)
        json.key("tool", startsLine: true)
        document.tool.write(&json)
        json.line("started", document.started.iso8601)
        json.line("finished", document.finished.iso8601)
        json.key("complete", startsLine: true)
        json.value(document.complete)
        json.line("interrupted", document.interrupted)
        json.key("validity", startsLine: true)
        document.validity.write(&json)
        json.key("shards", startsLine: true)
        json.array(document.shards) { json, shard in shard.write(&json) }
        json.key("environment", startsLine: true)
        json.array(document.environment, isBroken: true) { json, environment in environment.write(&json) }
        json.key("plan", startsLine: true)
        document.plan.write(&json)
        json.key("targets", startsLine: true)
        json.array(document.targets, isBroken: true) { json, target in target.write(&json) }
        json.key("outcomes", startsLine: true)
        json.array(outcomes) { json, outcome in json.value(outcome.rawValue) }
        json.key("errors", startsLine: true)
        json.array(document.errors, isBroken: true) { json, group in group.write(&json) }
    }

    private func tail(_ json: inout JSONWriter) {
        json.key("stacks", startsLine: true)
        json.array(document.stacks, isBroken: true) { json, place in place.write(&json) }
        json.key("results", startsLine: true)
        json.array(document.results + document.classResults, isBroken: true) { json, result in
            result.write(&json)
        }
        json.line("verdict", document.verdict)
        json.key("findings", startsLine: true)
        json.array(document.blockedLoops, isBroken: true) { json, finding in finding.write(&json) }
        json.key("thresholds", startsLine: true)
        json.array(document.thresholds, isBroken: true) { json, threshold in threshold.write(&json) }
        json.key("warnings", startsLine: true)
        json.array(document.warnings, isBroken: true) { json, warning in warning.write(&json) }
    }

    /// Writes a round.
    func write(_ round: RunDocument.Round, _ json: inout JSONWriter) throws(ZlibError) {
        let record = round.record
        let summary = round.summary
        try json.object { json throws(ZlibError) in
            json.field("index", record.index)
            json.key("warmup")
            json.value(record.isWarmup)
            json.field("order", record.order)
            json.field("target", record.target)
            record.load.write(&json)
            json.field("started", record.started.iso8601)
            json.field("makespan_s", seconds: record.makespan)
            if let window = record.window {
                json.field("window_s", seconds: window)
                json.field("drained", summary.drained)
            }
            json.field("attempt", record.attempt)
            json.key("discarded")
            json.array(record.discarded) { json, reason in json.value(reason) }
            json.key("validity")
            record.validity.write(&json)
            writeCounts(summary, &json)
            json.key("burst")
            record.burst.write(&json)
            json.key("response_s")
            summary.response.write(&json)
            json.key("service_s")
            summary.service.write(&json)
            if let transient = summary.transient {
                json.key("transient")
                json.object { json in
                    json.field("share", transient.share)
                    json.key("rising")
                    json.value(transient.isRising)
                }
            }
            json.field("histogram", try summary.histogram.map(HistogramText.text))
            record.client.write(&json)
            record.host.write(&json)
            json.key("samples")
            if round.hasSamples {
                try columns.write(record.samples, &json)
            } else {
                json.value(nil as String?)
            }
            json.key("probe")
            try columns.write(record.probes, &json)
            json.key("loops")
            try columns.write(record.loops, &json)
        }
    }

    private func writeCounts(_ summary: RoundSummary, _ json: inout JSONWriter) {
        json.key("counts")
        json.object { json in
            for outcome in outcomes {
                let failed = summary.failures.filter { $0.outcome == outcome }.reduce(0) { $0 + $1.count }
                let count = outcome == .ok ? summary.succeeded : failed
                if count > 0 { json.field(outcome.rawValue, count) }
            }
        }
        json.key("statuses")
        json.object { json in
            for (status, count) in summary.statuses.sorted(by: { $0.key < $1.key }) {
                json.field(String(status), count)
            }
        }
        json.field("bytes_sent", summary.bytesSent)
        json.field("bytes_received", summary.bytesReceived)
    }
}
