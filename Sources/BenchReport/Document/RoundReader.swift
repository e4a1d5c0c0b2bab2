import Measurements

/// Reads the rounds of a document.
struct RoundReader {
    /// The document's table of outcomes.
    let outcomes: [Outcome]
    /// How many places the document's table of stacks holds.
    let stacks: Int

    /// The longest time of a sample: 13 days, so that no sum of them overflows.
    private static let longest: Int64 = 1 << 50
    /// The largest body: 256 GB.
    private static let largestBody: Int64 = 1 << 38

    /// Reads one round.
    func round(_ node: DocumentNode) throws(DocumentFault) -> RunDocument.Round {
        var record = RoundRecord(
            index: try node.field("index").count(),
            isWarmup: try node.field("warmup").flag(),
            order: try node.field("order").count(),
            target: try node.field("target").text(),
            load: try Load(node),
            started: try node.field("started").timestamp(),
            makespan: try node.field("makespan_s").nanoseconds(),
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
        record.window = try node.optional("window_s")?.nanoseconds()
        if let probe = node.optional("probe") {
            record.probes = try probes(ColumnReader(node: probe, round: node.path, target: record.target))
        }
        if let loops = node.optional("loops") {
            record.loops = try self.loops(loops, round: node.path, target: record.target)
        }
        let stored = try summary(of: node, record)
        guard let samples = node.optional("samples") else {
            return RunDocument.Round(record, summary: stored)
        }
        let columns = try ColumnReader(node: samples, round: node.path, target: record.target)
        record.samples = SampleSequence(try self.samples(columns))
        return RunDocument.Round(record)
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
            processorTime: try node.optional("cpu_s")?.nanoseconds()
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
            if outcome == .ok {
                succeeded = try count.count()
            } else {
                failures.append(RoundSummary.Failures(outcome: outcome, status: 0, count: try count.count()))
            }
        }
        var statuses: [Int32: Int] = [:]
        for (name, count) in try node.field("statuses").fields() {
            statuses[Int32(name) ?? 0] = try count.count()
        }
        let watched = RoundSummary(of: record)
        let drained = try node.optional("drained")?.count() ?? 0
        let uploads = failures.reduce(succeeded) { $0 &+ $1.count }
        return RoundSummary(
            uploads: uploads,
            succeeded: succeeded,
            failures: failures,
            statuses: statuses,
            bytesSent: Int64(try node.field("bytes_sent").count()),
            bytesReceived: Int64(try node.field("bytes_received").count()),
            throughput: record.throughput(succeeded: succeeded, drained: min(drained, succeeded)),
            response: try times(try node.field("response_s").known, count: uploads),
            service: try times(try node.field("service_s").known, count: uploads),
            histogram: try node.optional("histogram").map { node throws(DocumentFault) in
                guard let encoded = HistogramText.encoded(try node.text()) else {
                    throw .damaged(reason: "\(node.path) is not a histogram")
                }
                return encoded
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

    private func times(_ node: DocumentNode?, count: Int) throws(DocumentFault) -> TimeSummary? {
        guard let node else { return nil }
        var percentiles: [Percentile: Nanoseconds] = [:]
        for percentile in TimeSummary.kept {
            percentiles[percentile] = try node.field(percentile.description).nanoseconds()
        }
        return TimeSummary(
            count: count,
            minimum: try node.field("min").nanoseconds(),
            mean: try node.field("mean").number() * 1e9,
            maximum: try node.field("max").nanoseconds(),
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
        return try stages.fields().map { name, node throws(DocumentFault) in
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
            of: "blocks"
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
        let stack = try columns.values("stack", Int64(LoopBlockSample.noStack)...Int64(stacks) - 1)
        return loop.indices.map { index in
            LoopBlockSample(
                loop: Int32(loop[index]),
                start: start[index],
                duration: duration[index],
                cpu: cpu[index],
                waiting: waiting[index],
                notScheduled: notScheduled[index],
                stack: Int32(clamping: stack[index])
            )
        }
    }
}

/// Reads the columns of one round's samples, or of its blocks.
struct ColumnReader {
    let node: DocumentNode
    /// Where the round stands, such as "rounds[3] (async)".
    private let place: String
    private let count: Int
    /// What there is a value of in each column: "samples".
    private let noun: String
    private let prefix: String

    /// Finds the number of samples.
    init(node: DocumentNode, round: String, target: String) throws(DocumentFault) {
        self.init(
            node: node,
            round: round,
            target: target,
            count: try node.field("n").count(),
            of: "samples"
        )
    }

    /// Reads columns whose length is known from elsewhere.
    init(node: DocumentNode, round: String, target: String, count: Int, of noun: String) {
        self.init(node: node, place: "\(round) (\(target))", count: count, noun: noun, prefix: "")
    }

    private init(node: DocumentNode, place: String, count: Int, noun: String, prefix: String) {
        self.node = node
        self.place = place
        self.count = count
        self.noun = noun
        self.prefix = prefix
    }

    /// The columns of a part, such as one stage.
    func part(_ node: DocumentNode, named name: String) -> ColumnReader {
        ColumnReader(node: node, place: place, count: count, noun: noun, prefix: "\(name).")
    }

    /// Reads a column.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - range: The values it may hold.
    /// - Returns: As many values as there are samples or blocks.
    /// - Throws: ``DocumentFault`` for a column that is missing, cut or out of range.
    func values(_ name: String, _ range: ClosedRange<Int64>) throws(DocumentFault) -> [Int64] {
        let column = try node.field(name)
        let values: [Int64]
        switch column.value {
        case .integers(let integers): values = integers
        case .text(let text): values = try unpacked(text.utf8, name)
        case .bytes(let bytes): values = try unpacked(bytes, name)
        default: throw .damaged(reason: "\(place): \(prefix)\(name) is not a column of whole numbers")
        }
        guard values.count == count else {
            throw .damaged(
                reason: "\(place) has \(count) \(noun) but \(values.count) values in \(prefix)\(name)"
            )
        }
        guard let wrong = values.firstIndex(where: { !range.contains($0) }) else { return values }
        throw .damaged(reason: "\(place): \(prefix)\(name)[\(wrong)] is \(values[wrong])")
    }

    private func unpacked(_ text: some Collection<UInt8>, _ name: String) throws(DocumentFault) -> [Int64] {
        if let values = PackedColumn.unpacked(text, count: count) { return values }
        throw .damaged(reason: "\(place): \(prefix)\(name) cannot be unpacked")
    }
}
