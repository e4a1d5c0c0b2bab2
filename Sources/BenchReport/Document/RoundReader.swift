import Measurements

/// Reads the rounds of a document.
struct RoundReader {
    /// The document's table of outcomes.
    let outcomes: [Outcome]
    /// How many places the document's table of stacks holds; nil without a table.
    let stacks: Int?

    /// What the columns of all rounds may hold.
    private let budget: ColumnBudget

    private static let longest = DocumentNode.longest
    /// The largest body: 256 GB.
    static let largestBody: Int64 = 1 << 38
    /// The most uploads of a round.
    private static let mostUploads: Int64 = 1 << 30
    /// The most stages that the uploads of a round have names for.
    private static let mostStages = 1024

    /// Prepares to read the rounds of a document.
    ///
    /// - Parameters:
    ///   - outcomes: The document's table of outcomes.
    ///   - stacks: How many places its table of stacks holds; nil without a table.
    ///   - bytes: How long the document is.
    init(outcomes: [Outcome], stacks: Int?, bytes: Int) {
        self.outcomes = outcomes
        self.stacks = stacks
        budget = ColumnBudget(bytes: bytes)
    }

    /// Reads one round.
    func round(_ node: DocumentNode) throws(DocumentFault) -> RunDocument.Round {
        var record = RoundRecord(
            index: try node.field("index").count(),
            isWarmup: try node.field("warmup").flag(),
            order: try node.field("order").count(),
            target: try node.field("target").text(),
            load: try Load(node),
            started: try node.field("started").timestamp(),
            makespan: try node.field("makespan_s").length(),
            samples: [],
            probes: [],
            burst: try burst(node),
            client: try client(try node.field("client")),
            host: try host(try node.field("host")),
            validity: try Validity(try node.field("validity")),
            attempt: try node.field("attempt").count(),
            discarded: try node.field("discarded").elements().map { element throws(DocumentFault) in
                try element.text()
            }
        )
        record.window = try node.optional("window_s")?.length()
        if let probe = node.optional("probe") {
            record.probes = try probes(columns(of: probe, node, record))
        }
        if let loops = node.optional("loops") {
            record.loops = try self.loops(loops, round: node.path, target: record.target)
        }
        let stored = try summary(of: node, record)
        guard let samples = node.optional("samples") else {
            return RunDocument.Round(record, summary: stored)
        }
        record.samples = SampleSequence(try self.samples(columns(of: samples, node, record)))
        let round = RunDocument.Round(record)
        let counted = (round.summary.uploads, round.summary.succeeded)
        guard counted == (stored.uploads, stored.succeeded) else {
            throw .damaged(
                reason:
                    "\(node.path) (\(record.target)) has \(counted.0) samples, \(counted.1) of them ok, but "
                    + "counts \(stored.uploads), \(stored.succeeded) of them ok"
            )
        }
        return round
    }

    private func columns(
        of part: DocumentNode,
        _ node: DocumentNode,
        _ record: RoundRecord
    ) throws(DocumentFault) -> ColumnReader {
        try ColumnReader(node: part, round: node.path, target: record.target, budget: budget)
    }

    private func burst(_ node: DocumentNode) throws(DocumentFault) -> BurstFacts? {
        guard let burst = node.optional("burst") else { return nil }
        return BurstFacts(
            openedAfterGo: try burst.field("opened_after_go").count(),
            lastSent: try burst.field("last_sent_s").nanoseconds(),
            peakInFlight: try burst.field("peak_in_flight").count()
        )
    }

    private func client(_ node: DocumentNode) throws(DocumentFault) -> ClientHealth {
        ClientHealth(
            cores: try node.field("cores").number(),
            busiestThread: try node.field("busiest_thread").number(),
            sendLagP99: try node.field("send_lag_p99_s").nanoseconds(),
            processorTime: try node.optional("cpu_s")?.length()
        )
    }

    private func host(_ node: DocumentNode) throws(DocumentFault) -> HostHealth {
        HostHealth(
            steal: try node.field("steal").number(),
            others: try node.field("others").known?.number(),
            pagesSwapped: try node.field("pages_swapped").count(),
            idle: try node.optional("idle")?.number()
        )
    }

    /// Reads what a document keeps of a round beside its samples.
    private func summary(of node: DocumentNode, _ record: RoundRecord) throws(DocumentFault) -> RoundSummary {
        var succeeded = 0
        var failures: [RoundSummary.Failures] = []
        for (name, count) in try node.field("counts").fields() {
            let outcome = Outcome(rawValue: name) ?? .unexpected
            let number = try count.count(upTo: Self.mostUploads)
            if outcome == .ok {
                succeeded += number
            } else {
                failures.append(RoundSummary.Failures(outcome: outcome, status: 0, count: number))
            }
        }
        var statuses: [Int32: Int] = [:]
        for (name, count) in try node.field("statuses").fields() {
            statuses[Int32(name) ?? 0] = try count.count(upTo: Self.mostUploads)
        }
        let watched = RoundSummary(of: record)
        let drained = try node.optional("drained")?.count() ?? 0
        let uploads = failures.reduce(succeeded) { $0 + $1.count }
        guard uploads <= Self.mostUploads else {
            throw .damaged(reason: "\(node.path).counts are more than \(Self.mostUploads) uploads")
        }
        return RoundSummary(
            uploads: uploads,
            succeeded: succeeded,
            failures: failures,
            statuses: statuses,
            bytesSent: try node.field("bytes_sent").byteCount(),
            bytesReceived: try node.field("bytes_received").byteCount(),
            throughput: record.throughput(succeeded: succeeded, drained: min(drained, succeeded)),
            response: try times(try node.field("response_s").known, count: uploads),
            service: try times(try node.field("service_s").known, count: uploads),
            histogram: try node.optional("histogram").map { node throws(DocumentFault) in
                try histogram(node, of: succeeded)
            },
            probe: watched.probe,
            loops: watched.loops,
            drained: min(drained, succeeded),
            transient: try node.optional("transient").map { node throws(DocumentFault) in
                Transient(
                    share: try node.field("share").number(),
                    isRising: try node.field("rising").flag()
                )
            }
        )
    }

    /// Reads the histogram of a round's successes.
    private func histogram(_ node: DocumentNode, of succeeded: Int) throws(DocumentFault) -> [UInt8] {
        guard let encoded = HistogramText.encoded(try node.text()),
            let histogram = Histogram(decoding: encoded), histogram.highest == Histogram.longestMicroseconds
        else { throw .damaged(reason: "\(node.path) is not a histogram") }
        guard histogram.count == succeeded else {
            throw .damaged(reason: "\(node.path) counts \(histogram.count) of \(succeeded) successes")
        }
        return encoded
    }

    private func times(_ node: DocumentNode?, count: Int) throws(DocumentFault) -> TimeSummary? {
        guard let node else { return nil }
        var percentiles: [Percentile: Nanoseconds] = [:]
        for percentile in TimeSummary.kept {
            percentiles[percentile] = try node.field(percentile.description).length()
        }
        let (minimum, maximum) = (try node.field("min").length(), try node.field("max").length())
        let mean = try node.field("mean").number() * 1e9
        percentiles[.p999] = try node.optional(Percentile.p999.description)?.length()
        let rising = [minimum] + (TimeSummary.kept + [.p999]).compactMap { percentiles[$0] } + [maximum]
        // A mean in seconds has lost its last bits.
        let slack = 1 + Double(maximum) * 1e-9
        guard rising == rising.sorted(), mean >= Double(minimum) - slack, mean <= Double(maximum) + slack
        else {
            throw .damaged(reason: "the times of \(node.path) do not rise")
        }
        return TimeSummary(
            count: count,
            minimum: minimum,
            mean: mean,
            maximum: maximum,
            percentiles: percentiles
        )
    }

    private func samples(_ columns: ColumnReader) throws(DocumentFault) -> [Sample] {
        let intended = try columns.values("intended_ns", 0...Self.longest)
        let times = -1...Self.longest
        let sent = try columns.values("sent_ns", times)
        let bodySent = try columns.values("body_sent_ns", times)
        let firstByte = try columns.values("first_byte_ns", times)
        let done = try columns.values("done_ns", times)
        let connect = try columns.values("connect_ns", times)
        let tls = try columns.values("tls_ns", times)
        let outcome = try columns.values("outcome", 0...Int64(outcomes.count - 1))
        let status = try columns.values("status", 0...999)
        let file = try columns.values("file", 0...Int64(Int32.max))
        let connection = try columns.values("connection", -1...Int64(Int32.max))
        let flags = try columns.values("flags", 0...255)
        let bytesOut = try columns.values("bytes_out", 0...Self.largestBody)
        let bytesIn = try columns.values("bytes_in", 0...Self.largestBody)
        let stages = try stages(columns)
        return intended.indices.map { index in
            var sample = Sample(intended: intended[index], file: Int32(file[index]))
            sample.sent = sent[index]
            sample.bodySent = bodySent[index]
            sample.firstByte = firstByte[index]
            sample.done = done[index]
            sample.connect = connect[index]
            sample.tls = tls[index]
            sample.outcome = outcomes[Int(outcome[index])]
            sample.status = Int32(status[index])
            sample.connection = Int32(connection[index])
            sample.flags = Sample.Flags(rawValue: UInt8(flags[index]))
            sample.bytesOut = bytesOut[index]
            sample.bytesIn = bytesIn[index]
            for stage in stages where stage.start[index] != Sample.absent {
                let timing = StageTiming(
                    name: stage.name,
                    start: stage.start[index],
                    duration: stage.duration[index]
                )
                // Columns stand by name, stages by time.
                let place = sample.stages.firstIndex { $0.start > timing.start } ?? sample.stages.endIndex
                sample.stages.insert(timing, at: place)
            }
            return sample
        }
    }

    private func stages(
        _ columns: ColumnReader
    ) throws(DocumentFault) -> [(name: String, start: [Int64], duration: [Int64])] {
        guard let stages = columns.node.optional("stages") else { return [] }
        let fields = try stages.fields()
        guard fields.count <= Self.mostStages else {
            throw .damaged(reason: "\(stages.path) has \(fields.count) names; \(Self.mostStages) is the most")
        }
        return try fields.map { name, node throws(DocumentFault) in
            let reader = columns.part(node, named: name)
            return (
                name, try reader.values("start_ns", -1...Self.longest),
                try reader.values("duration_ns", -1...Self.longest)
            )
        }
    }

    private func probes(_ columns: ColumnReader) throws(DocumentFault) -> [ProbeSample] {
        let intended = try columns.values("intended_ns", 0...Self.longest)
        let sent = try columns.values("sent_ns", -1...Self.longest)
        let done = try columns.values("done_ns", -1...Self.longest)
        let outcome = try columns.values("outcome", 0...Int64(outcomes.count - 1))
        let status = try columns.values("status", 0...999)
        return intended.indices.map { index in
            ProbeSample(
                intended: intended[index],
                sent: sent[index],
                done: done[index],
                outcome: outcomes[Int(outcome[index])],
                status: Int32(status[index])
            )
        }
    }

    private func loops(
        _ node: DocumentNode,
        round: String,
        target: String
    ) throws(DocumentFault) -> LoopActivity {
        let count = try node.field("count").count()
        let truncated = try node.field("truncated").count()
        guard truncated <= count else {
            throw .damaged(reason: "\(node.path).truncated is more than its count")
        }
        let columns = ColumnReader(
            node: try node.field("blocks"),
            round: round,
            target: target,
            count: count - truncated,
            of: "blocks",
            budget: budget
        )
        return LoopActivity(
            threshold: try node.field("threshold_s").length(),
            watched: try node.field("watched").count(),
            blocked: try node.field("blocked_s").length(),
            worst: try node.field("worst_s").length(),
            count: count,
            notScheduled: try node.field("not_scheduled_s").length(),
            truncated: truncated,
            blocks: try blocks(columns),
            isTraced: try node.optional("traced")?.flag() ?? false
        )
    }

    private func blocks(_ columns: ColumnReader) throws(DocumentFault) -> [LoopBlockSample] {
        let loop = try columns.values("loop", 0...Int64(Int32.max))
        let start = try columns.values("start_ns", 0...Self.longest)
        let duration = try columns.values("duration_ns", 0...Self.longest)
        let cpu = try columns.values("cpu_ns", -1...Self.longest)
        let waiting = try columns.values("waiting_ns", -1...Self.longest)
        let notScheduled = try columns.values("not_scheduled_ns", -1...Self.longest)
        let noStack = Int64(LoopBlockSample.noStack)
        let stack = try columns.values("stack", noStack...(stacks.map { Int64($0) - 1 } ?? Int64(Int32.max)))
        return loop.indices.map { index in
            LoopBlockSample(
                loop: Int32(loop[index]),
                start: start[index],
                duration: duration[index],
                cpu: cpu[index],
                waiting: waiting[index],
                notScheduled: notScheduled[index],
                stack: stacks == nil ? LoopBlockSample.noStack : Int32(clamping: stack[index])
            )
        }
    }
}
