import Dispatch
import Measurements
import Synchronization
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

    /// Prepares to write the uploads of a run; nil for a run that kept none.
    init?(of document: RunDocument) {
        guard document.rounds.contains(where: { !$0.record.samples.isEmpty }) else { return nil }
        self.document = document
        stages = Set(document.rounds.flatMap { StageTiming.names(in: $0.record.samples) }).sorted()
    }

    /// Writes the uploads piece by piece: while one piece is packed, the next one is set.
    func write(to output: FileOutput) throws(ZlibError) {
        let stream = try DeflateStream(format: .gzip, level: Self.level)
        var packed: [UInt8] = []
        let rows = Mutex(Rows(of: document, stages: stages))
        var text = rows.withLock { $0.next() }
        while let piece = text {
            let next = Mutex<[UInt8]?>(nil)
            let setting = DispatchGroup()
            DispatchQueue.global().async(group: setting) {
                let piece = rows.withLock { $0.next() }
                next.withLock { $0 = piece }
            }
            stream.write(piece, to: &packed)
            output.append(packed)
            packed.removeAll(keepingCapacity: true)
            setting.wait()
            text = next.withLock { $0 }
        }
        stream.finish(to: &packed)
        output.append(packed)
    }
}

extension RequestsCSV {
    /// The text of all uploads, piece by piece.
    private struct Rows {
        private let document: RunDocument
        private let stages: [String]
        private let files: [CSVText]
        private let noFile = CSVText(field: nil)
        /// Most uploads of a run end alike.
        private var outcome: (value: Outcome, field: CSVText) = (.ok, CSVText(field: Outcome.ok.rawValue))
        private var rounds: [RunDocument.Round].Iterator
        /// What all rows of the round begin with.
        private var start = CSVText()
        /// How many uploads a second the round offered, in a run that has a column for it.
        private var rate: CSVText?
        private var samples = SampleSequence([]).makeIterator()
        private var sequence = 0
        private var text: CSVText

        /// How long a piece is.
        private static let piece = 1 << 18

        init(of document: RunDocument, stages: [String]) {
            self.document = document
            self.stages = stages
            files = document.plan.files.map { CSVText(field: $0.name) }
            rounds = document.rounds.makeIterator()
            let timings = stages.flatMap { ["stage_\($0)_start_ns", "stage_\($0)_ns"] }
            text = CSVText(columns: columns + document.plan.rateColumn + timings)
        }

        /// Sets the next piece; nil behind the last one.
        mutating func next() -> [UInt8]? {
            while text.bytes.count < Self.piece {
                if let sample = samples.next() {
                    write(sample)
                    sequence += 1
                } else if let round = rounds.next() {
                    start = Self.start(of: round.record, in: document)
                    for _ in document.plan.rateColumn { rate = CSVText(number: round.record.load.rate) }
                    samples = round.record.samples.makeIterator()
                    sequence = 0
                } else {
                    break
                }
            }
            defer { text = CSVText() }
            return text.bytes.isEmpty ? nil : text.bytes
        }

        private static func start(of round: RoundRecord, in document: RunDocument) -> CSVText {
            var start = CSVText()
            start.text(document.id)
            start.integer(round.index)
            start.flag(round.isWarmup)
            start.integer(round.order)
            start.text(round.target)
            start.integer(round.load.concurrency)
            return start
        }

        private mutating func write(_ sample: Sample) {
            if sample.outcome != outcome.value {
                outcome = (sample.outcome, CSVText(field: sample.outcome.rawValue))
            }
            let file = Int(sample.file)
            text.begin(with: start)
            text.integer(sequence)
            text.field(files.indices.contains(file) ? files[file] : noFile)
            text.nanoseconds(Int64(sample.connection))
            text.flag(sample.flags.contains(.queued))
            text.flag(sample.flags.contains(.drained))
            text.flag(sample.flags.contains(.censored))
            text.flag(sample.flags.contains(.reused))
            text.nanoseconds(sample.intended)
            text.nanoseconds(sample.sent)
            text.nanoseconds(sample.bodySent)
            text.nanoseconds(sample.firstByte)
            text.nanoseconds(sample.done)
            text.nanoseconds(sample.done == Sample.absent ? Sample.absent : sample.responseTime)
            text.nanoseconds(sample.sent == Sample.absent ? Sample.absent : sample.serviceTime)
            text.nanoseconds(sample.connect)
            text.nanoseconds(sample.tls)
            text.integer(sample.status == 0 ? nil : sample.status)
            text.field(outcome.field)
            text.integer(sample.bytesOut)
            text.integer(sample.bytesIn)
            if let rate { text.field(rate) }
            for stage in stages {
                let timing = sample.stages.first { $0.name == stage }
                text.nanoseconds(timing?.start ?? Sample.absent)
                text.nanoseconds(timing?.duration ?? Sample.absent)
            }
            text.endRow()
        }
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
