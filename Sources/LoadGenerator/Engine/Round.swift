import Curl
import Glibc
import Measurements
import MultipartForm

/// One round under way: all uploads of one target, once, over connections of its own.
///
/// Belongs to the engine's thread. Between go and the end it allocates nothing but what a failure needs.
final class Round {
    /// Told how far the round is, on the engine's thread; it returns at once.
    typealias Report =
        @Sendable (RoundProgress.Phase, RoundTally, _ done: Int, _ elapsed: Nanoseconds) -> Void

    let order: RoundOrder
    let slots: [UploadSlot]
    let stop: StopSignal
    let multi: MultiHandle
    let report: Report
    private let answers: FirstAnswers
    private let headers: [HeaderList]
    private var pacer: Pacer
    private var tally = RoundTally()
    private var samples: [Sample]
    private var lags: [Nanoseconds] = []
    private var stages: StageNotes
    private var connections = ConnectionNumbers()
    private var inFlight = 0
    private var go: Nanoseconds = 0
    private var nextReport: Nanoseconds = 0

    /// From one report to the next.
    private static let reportInterval: Nanoseconds = 100_000_000

    /// Readies every slot for the target.
    ///
    /// - Parameters:
    ///   - order: What to do.
    ///   - slots: As many slots as uploads may be in flight.
    ///   - stop: What ends the round early.
    ///   - answers: Where first answers of failures are kept.
    ///   - report: Told how far the round is.
    /// - Throws: ``CurlError`` if libcurl refuses.
    init(
        order: RoundOrder,
        slots: [UploadSlot],
        stop: StopSignal,
        answers: FirstAnswers,
        report: @escaping Report
    ) throws(CurlError) {
        self.order = order
        self.slots = slots
        self.stop = stop
        self.answers = answers
        self.report = report
        // libcurl closes idle connections beyond this number.
        multi = try MultiHandle(keptConnections: slots.count + 8, wakeUp: stop.wakeUp)
        pacer = Pacer(arrivals: order.arrivals, requests: order.requests, concurrency: order.concurrency)
        samples = order.files.map { Sample(intended: Sample.absent, file: $0) }
        lags.reserveCapacity(order.requests)
        stages = StageNotes(uploads: order.requests)
        var headers: [HeaderList] = []
        for body in order.bodies {
            let type = HeaderField(name: "Content-Type", value: body.contentType)
            headers.append(try HeaderList([type] + order.target.headerFields))
        }
        self.headers = headers
        for slot in slots { try ready(slot) }
    }

    private func ready(_ slot: UploadSlot) throws(CurlError) {
        slot.forgetBody()
        try slot.handle.setURL(order.target.address.url)
        try slot.handle.setUploadBufferSize(order.uploadBufferSize)
        try slot.handle.setConnectionUse(order.connections == .reuse ? .reuse : .openAndClose)
        if !order.pinned.isNumeric {
            let pinned = order.pinned
            try slot.handle.pin(host: pinned.host, port: pinned.port, to: pinned.address)
        }
    }

    /// Sends everything and waits for all answers.
    ///
    /// - Returns: What was seen.
    /// - Throws: ``CurlError`` if libcurl or the kernel refuses to go on.
    func run() throws(CurlError) -> RoundMeasurement {
        let timeout = order.timeout.wholeMilliseconds
        for (index, slot) in slots.enumerated() {
            slot.sequence = index
            try slot.handle.setTimeouts(connectMilliseconds: timeout, totalMilliseconds: timeout)
            try ready(slot, forUpload: index)
            _ = slot.handle.takeSocketsOpened()
        }
        let machine = order.readMachine()
        let processorTime = MonotonicClock.threadProcessorTime()
        let started = Timestamp(nanosecondsSince1970: wallTime())
        go = MonotonicClock.now()
        nextReport = go + Round.reportInterval
        for index in slots.indices where !stop.isSet { try startNext(in: index, free: go) }
        while inFlight > 0, !stop.isSet {
            try multi.turn(until: nextReport)
            while let completion = multi.nextCompletion() {
                let now = MonotonicClock.now()
                finish(slots[completion.tag], code: completion.code, at: now)
                try startNext(in: completion.tag, free: now)
            }
            reportIfDue()
        }
        let isStopped = stop.isSet && (inFlight > 0 || pacer.started < order.requests)
        if isStopped { cancel() }
        let end = samples.lazy.map(\.done).max() ?? 0
        return RoundMeasurement(
            go: go,
            started: started,
            samples: placeStages(),
            makespan: Swift.max(0, end),
            lags: lags,
            openedAfterGo: slots.reduce(0) { $0 + $1.handle.takeSocketsOpened() },
            processorTime: MonotonicClock.threadProcessorTime() - processorTime,
            machine: (machine, order.readMachine()),
            isStopped: isStopped
        )
    }

    private func startNext(in index: Int, free: Nanoseconds) throws(CurlError) {
        guard let start = pacer.next(now: free - go, inFlight: inFlight) else { return }
        let slot = slots[index]
        slot.sequence = start.sequence
        slot.free = free
        samples[start.sequence].intended = start.intended
        try ready(slot, forUpload: start.sequence)
        try multi.add(slot.handle, tag: index)
        inFlight += 1
    }

    private func ready(_ slot: UploadSlot, forUpload sequence: Int) throws(CurlError) {
        let file = order.files[sequence]
        guard slot.file != file else { return slot.clear() }
        try slot.readyToUpload(
            file: file,
            body: order.bodies[Int(file)].bytes,
            method: order.target.method,
            headers: headers[Int(file)]
        )
    }

    private func finish(_ slot: UploadSlot, code: CurlCode, at now: Nanoseconds) {
        multi.remove(slot.handle)
        inFlight -= 1
        let status = slot.handle.status
        var end = TransferEnd(code: code, status: status)
        end.systemError = code == .ok ? 0 : slot.handle.systemError
        end.isExpectedStatus = order.expectedStatuses.contains(status)
        end.attempts = slot.attempts
        end.sent = slot.sent
        end.bodySent = slot.bodySent
        end.firstByte = slot.firstByte
        end.bytesOut = slot.handle.bytesSent
        end.bodyLength = slot.body.count
        record(slot, end, at: now)
    }

    private func record(_ slot: UploadSlot, _ end: TransferEnd, at now: Nanoseconds) {
        let outcome = end.outcome
        let opened = slot.handle.connectionsOpened
        update(&samples[slot.sequence]) { sample in
            sample.sent = sinceGo(end.sent)
            sample.bodySent = sinceGo(end.bodySent)
            sample.firstByte = sinceGo(end.firstByte)
            sample.done = now - go
            sample.outcome = outcome
            sample.status = Int32(truncatingIfNeeded: end.status)
            sample.bytesOut = Int64(end.bytesOut)
            sample.bytesIn = Int64(slot.handle.bytesReceived)
            if end.sent != Sample.absent {
                sample.connection = connections.number(ofPort: slot.localPort)
                if opened == 0 { sample.flags.insert(.reused) }
            }
            if opened > 0 { setConnectTimes(of: slot, in: &sample) }
            if outcome.isCensored { sample.flags.insert(.censored) }
            guard end.sent != Sample.absent else { return }
            let connecting = order.connections == .fresh ? Swift.max(0, sample.connect) : 0
            lags.append(end.sent - Swift.max(go + sample.intended, slot.free) - connecting)
            // A closed loop has no other schedule than the end of the upload before.
            if order.arrivals == .closed, order.connections == .reuse { sample.intended = sample.sent }
        }
        stages.keep(slot.timing, for: slot.sequence)
        tally.add(responseTime: samples[slot.sequence].responseTime, isOK: outcome == .ok)
        if outcome != .ok {
            let status = samples[slot.sequence].status
            let key = FirstAnswers.Key(target: order.target.name, outcome: outcome, status: status)
            answers.keep(slot.firstAnswer, for: key)
        }
    }

    /// Changes a sample in place, as one access.
    private func update(_ sample: inout Sample, _ change: (inout Sample) -> Void) {
        change(&sample)
    }

    private func setConnectTimes(of slot: UploadSlot, in sample: inout Sample) {
        let connect = slot.handle.connectMicroseconds
        let handshake = slot.handle.handshakeMicroseconds
        if connect > 0 { sample.connect = Nanoseconds(connect) * 1000 }
        if handshake > 0 { sample.tls = Nanoseconds(handshake - connect) * 1000 }
    }

    private func sinceGo(_ time: Nanoseconds) -> Nanoseconds {
        time == Sample.absent ? Sample.absent : time - go
    }

    /// Ends what is in flight; what was not sent stays so.
    private func cancel() {
        let now = MonotonicClock.now()
        for slot in slots where slot.sequence < pacer.started {
            guard samples[slot.sequence].done == Sample.absent,
                samples[slot.sequence].intended != Sample.absent
            else { continue }
            multi.remove(slot.handle)
            samples[slot.sequence].sent = sinceGo(slot.sent)
            samples[slot.sequence].bodySent = sinceGo(slot.bodySent)
            samples[slot.sequence].firstByte = sinceGo(slot.firstByte)
            samples[slot.sequence].done = now - go
            samples[slot.sequence].outcome = .cancelled
            samples[slot.sequence].flags.insert(.censored)
        }
    }

    private func placeStages() -> [Sample] {
        let boot = bootPrefix()
        for sequence in samples.indices {
            guard let timing = stages.timing(of: sequence) else { continue }
            samples[sequence].stages = timing.stages(
                go: go,
                boot: boot,
                firstByte: samples[sequence].firstByte
            )
        }
        return samples
    }

    private func reportIfDue() {
        let now = MonotonicClock.now()
        guard now >= nextReport else { return }
        nextReport = now + Round.reportInterval
        report(.uploading, tally, tally.done, now - go)
    }
}

/// The lines of heads that say what the server did, kept as they came until the round is over.
private struct StageNotes {
    private var text: [UInt8] = []
    private var ranges: [Range<Int>?]

    init(uploads: Int) {
        ranges = Array(repeating: nil, count: uploads)
        text.reserveCapacity(uploads * 256)
    }

    mutating func keep(_ lines: [UInt8], for sequence: Int) {
        guard !lines.isEmpty else { return }
        ranges[sequence] = text.count..<text.count + lines.count
        text.append(contentsOf: lines)
    }

    func timing(of sequence: Int) -> ServerTiming? {
        ranges[sequence].map { ServerTiming(head: String(decoding: text[$0], as: UTF8.self)) }
    }
}

/// Numbers a round's connections from 0 by their local ports.
private struct ConnectionNumbers {
    private var numbers = [Int32](repeating: -1, count: 65_536)
    private var next: Int32 = 0

    mutating func number(ofPort port: Int32) -> Int32 {
        let index = Int(UInt16(truncatingIfNeeded: port))
        if numbers[index] < 0 {
            numbers[index] = next
            next += 1
        }
        return numbers[index]
    }
}

/// The first 8 hex digits of this boot's id, which a server on this machine names too.
private func bootPrefix() -> String? {
    readSmallFile("/proc/sys/kernel/random/boot_id").map { String($0.prefix(8)).lowercased() }
}

/// The wall time in nanoseconds since 1970.
private func wallTime() -> Int64 {
    var time = timespec()
    // Cannot fail: the clock exists and the pointer is valid.
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
