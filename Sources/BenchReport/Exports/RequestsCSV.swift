import Measurements
import Zlib

/// `requests.csv.gz`: a row an upload, packed round by round as it is written.
struct RequestsCSV {
    static let columns = [
        "run_id", "round", "warmup", "order", "target", "concurrency", "sequence", "file", "connection",
        "queued",
        "drained", "censored", "reused", "intended_ns", "sent_ns", "body_sent_ns", "first_byte_ns", "done_ns",
        "response_ns", "service_ns", "connect_ns", "tls_ns", "status", "outcome", "bytes_out", "bytes_in",
    ]

    /// A fast level: with level 6 this file would take longer than all others together.
    static let level = 1

    private let document: RunDocument
    private let stages: [String]

    /// How much text is packed at a time.
    private static let piece = 1 << 16

    /// Prepares to write the uploads of a run; nil for a run that kept none.
    init?(of document: RunDocument) {
        guard document.rounds.contains(where: { !$0.record.samples.isEmpty }) else { return nil }
        self.document = document
        stages = Set(document.rounds.flatMap { StageTiming.names(in: $0.record.samples) }).sorted()
    }

    /// Writes the uploads piece by piece.
    func write(to output: FileOutput) throws(ZlibError) {
        let header = stages.flatMap { ["stage_\($0)_start_ns", "stage_\($0)_ns"] }
        let stream = try DeflateStream(format: .gzip, level: Self.level)
        var packed: [UInt8] = []
        let rateColumn = document.plan.rateColumn
        var csv = CSVText(columns: Self.columns + rateColumn + header)
        for round in document.rounds {
            let start = start(of: round.record)
            for (sequence, sample) in round.record.samples.enumerated() {
                csv.begin(with: start)
                csv.integer(sequence)
                csv.text(fileName(sample.file))
                write(sample, to: &csv)
                for _ in rateColumn { csv.number(round.record.load.rate) }
                for stage in stages {
                    let timing = sample.stages.first { $0.name == stage }
                    csv.nanoseconds(timing?.start ?? Sample.absent)
                    csv.nanoseconds(timing?.duration ?? Sample.absent)
                }
                csv.endRow()
                guard csv.bytes.count >= Self.piece else { continue }
                stream.write(csv.bytes, to: &packed)
                csv.removeAll()
                output.append(packed)
                packed.removeAll(keepingCapacity: true)
            }
        }
        stream.write(csv.bytes, to: &packed)
        stream.finish(to: &packed)
        output.append(packed)
    }

    /// What all rows of a round begin with.
    private func start(of round: RoundRecord) -> CSVText {
        var start = CSVText()
        start.text(document.id)
        start.integer(round.index)
        start.flag(round.isWarmup)
        start.integer(round.order)
        start.text(round.target)
        start.integer(round.load.concurrency)
        return start
    }

    private func write(_ sample: Sample, to csv: inout CSVText) {
        csv.nanoseconds(Int64(sample.connection))
        csv.flag(sample.flags.contains(.queued))
        csv.flag(sample.flags.contains(.drained))
        csv.flag(sample.flags.contains(.censored))
        csv.flag(sample.flags.contains(.reused))
        csv.nanoseconds(sample.intended)
        csv.nanoseconds(sample.sent)
        csv.nanoseconds(sample.bodySent)
        csv.nanoseconds(sample.firstByte)
        csv.nanoseconds(sample.done)
        csv.nanoseconds(sample.done == Sample.absent ? Sample.absent : sample.responseTime)
        csv.nanoseconds(sample.sent == Sample.absent ? Sample.absent : sample.serviceTime)
        csv.nanoseconds(sample.connect)
        csv.nanoseconds(sample.tls)
        csv.integer(sample.status == 0 ? nil : sample.status)
        csv.text(sample.outcome.rawValue)
        csv.integer(sample.bytesOut)
        csv.integer(sample.bytesIn)
    }

    private func fileName(_ index: Int32) -> String? {
        document.plan.files.indices.contains(Int(index)) ? document.plan.files[Int(index)].name : nil
    }
}

/// `probes.csv.gz`: a row a request of the responsiveness probe.
struct ProbesCSV {
    static let columns = [
        "run_id", "round", "target", "concurrency", "sequence", "intended_ns", "sent_ns", "done_ns", "status",
        "outcome",
    ]

    /// Writes the probe's requests in measured rounds; nil for a run without a probe.
    static func packed(of document: RunDocument) throws(ZlibError) -> [UInt8]? {
        let probed = document.rounds.map(\.record).filter { !$0.isWarmup && !$0.probes.isEmpty }
        guard !probed.isEmpty else { return nil }
        let stream = try DeflateStream(format: .gzip, level: RequestsCSV.level)
        var output: [UInt8] = []
        let rateColumn = document.plan.rateColumn
        stream.write(CSVText(columns: columns + rateColumn).bytes, to: &output)
        for round in probed {
            var csv = CSVText()
            for (sequence, probe) in round.probes.enumerated() {
                csv.text(document.id)
                csv.integer(round.index)
                csv.text(round.target)
                csv.integer(round.load.concurrency)
                csv.integer(sequence)
                csv.nanoseconds(probe.intended)
                csv.nanoseconds(probe.sent)
                csv.nanoseconds(probe.done)
                csv.integer(probe.status == 0 ? nil : probe.status)
                csv.text(probe.outcome.rawValue)
                for _ in rateColumn { csv.number(round.load.rate) }
                csv.endRow()
            }
            stream.write(csv.bytes, to: &output)
        }
        stream.finish(to: &output)
        return output
    }
}
