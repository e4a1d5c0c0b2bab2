import Curl
import Measurements
import MultipartForm

/// One engine thread's part of a round: its uploads to one target, over connections of its own.
///
/// Belongs to the engine's thread. Between go and the end it allocates nothing but what a failure needs, and
/// slots where nobody said how many uploads may be in flight.
final class Round {
    /// Told how far the round is, on the engine's thread; it returns at once.
    typealias Report =
        @Sendable (RoundProgress.Phase, RoundTally, _ done: Int, _ elapsed: Nanoseconds) -> Void

    let order: RoundOrder
    let shard: Pacer.Shard
    private(set) var slots: [UploadSlot]
    let stop: StopSignal
    let multi: MultiHandle
    let report: Report
    private let answers: FirstAnswers
    private let headers: [HeaderList]
    private var pacer: Pacer
    private var files: FileOrder
    private var tally = RoundTally()
    private let recorder: SampleRecorder
    /// What has ended since the last hand-over.
    private var batch: UploadBatch
    private var nextHandOver: Nanoseconds = 0
    /// When the last upload ended, from go.
    private var end: Nanoseconds = 0
    private var connections: ConnectionNumbers
    /// The slots that carry no upload.
    private var idle: [Int]
    private var waitsForContinue = 0
    private var go: Nanoseconds = 0
    private var nextReport: Nanoseconds = 0

    /// From one report to the next.
    private static let reportInterval: Nanoseconds = 100_000_000
    /// Room that is made before go for the uploads of one hand-over, unless they are a burst's.
    private static let expectedUploads = 1024

    /// What one thread saw of a round.
    struct Part: Sendable {
        /// Go on the monotonic clock.
        var go: Nanoseconds
        /// When its last upload ended, from go.
        var end: Nanoseconds
        /// Connections that were opened after go.
        var openedAfterGo: Int
        /// Uploads that waited for a `100 Continue` until libcurl's patience ended.
        var waitsForContinue: Int
        /// Processor time of the thread from go to the end.
        var processorTime: Nanoseconds
        /// Whether it was told to stop.
        var isStopped: Bool
    }

    /// Readies slots for the target.
    ///
    /// - Parameters:
    ///   - order: What to do.
    ///   - shard: Which part of it.
    ///   - slots: Slots of earlier rounds; more are made as they are needed.
    ///   - stop: What ends the round early.
    ///   - answers: Where first answers of failures are kept.
    ///   - recorder: Takes the uploads that have ended.
    ///   - report: Told how far the round is.
    /// - Throws: ``CurlError`` if libcurl refuses.
    init(
        order: RoundOrder,
        shard: Pacer.Shard,
        slots: [UploadSlot],
        stop: StopSignal,
        answers: FirstAnswers,
        recorder: SampleRecorder,
        report: @escaping Report
    ) throws(CurlError) {
        self.order = order
        self.shard = shard
        self.stop = stop
        self.answers = answers
        self.recorder = recorder
        self.report = report
        let cap = shard.share(of: order.concurrency)
        let wanted = order.opensAll ? cap : max(slots.count, order.connectionsBeforeGo(shard))
        self.slots = Array(slots.prefix(min(cap, wanted)))
        // libcurl closes idle connections beyond this number.
        multi = try MultiHandle(keptConnections: cap + 8, wakeUp: stop.wakeUp)
        pacer = order.pacer(shard)
        files = FileOrder(files: order.bodies.count, seed: order.seed)
        connections = ConnectionNumbers(shard)
        // A burst is handed over as a whole when it is over.
        let expected = order.arrivals == .burst ? cap : Round.expectedUploads
        batch = UploadBatch(capacity: expected)
        idle = []
        var headers: [HeaderList] = []
        for body in order.bodies {
            let type = HeaderField(name: "Content-Type", value: body.contentType)
            headers.append(
                try HeaderList(
                    [type] + order.target.headerFields,
                    expectsContinue: order.transport.expectsContinue
                )
            )
        }
        self.headers = headers
        for slot in self.slots { try ready(slot) }
        while self.slots.count < min(cap, wanted) { _ = try addSlot() }
    }

    /// Makes one more slot and readies it for the target.
    private func addSlot() throws(CurlError) -> Int {
        let slot = try UploadSlot()
        try ready(slot)
        slots.append(slot)
        return slots.count - 1
    }

    private func ready(_ slot: UploadSlot) throws(CurlError) {
        slot.forgetBody()
        // A closed loop starts an upload when one ends: the short first read would only be one more call.
        slot.startsAlone = order.arrivals == .closed
        slot.alwaysStreams = order.transport.expectsContinue
        let timeout = order.timeout.wholeMilliseconds
        try slot.handle.setTimeouts(connectMilliseconds: timeout, totalMilliseconds: timeout)
        try slot.handle.setURL(order.target.address.url)
        let sizes = order.bufferSizes
        try slot.handle.setBufferSizes(upload: sizes.upload, response: sizes.response)
        try slot.handle.setConnectionUse(order.connections == .reuse ? .reuse : .openAndClose)
        try slot.handle.setTransport(order.transport.handle, isSecure: order.target.address.isSecure)
        if !order.pinned.isNumeric {
            let pinned = order.pinned
            try slot.handle.pin(host: pinned.host, port: pinned.port, to: pinned.address)
        }
    }

    /// Sends everything and waits for all answers.
    ///
    /// - Parameter gate: Where the threads of the round meet before go.
    /// - Returns: What was seen.
    /// - Throws: ``CurlError`` if libcurl or the kernel refuses to go on.
    func run(from gate: StartGate) throws(CurlError) -> Part {
        let timeout = order.timeout.wholeMilliseconds
        // The last to be taken is the first slot; closed loops and bursts use them in order.
        idle = slots.indices.reversed()
        var failure: CurlError?
        do throws(CurlError) {
            var ahead = files
            for (place, slot) in slots.enumerated() {
                try slot.handle.setTimeouts(connectMilliseconds: timeout, totalMilliseconds: timeout)
                try ready(slot, for: ahead.file(of: shard.index + place * shard.count))
                _ = slot.handle.takeSocketsOpened()
            }
        } catch {
            failure = error
        }
        let processorTime = MonotonicClock.threadProcessorTime()
        // Whoever fails passes too: the others wait for it.
        go = gate.pass()
        if let failure { throw failure }
        batch.go = go
        nextReport = go + Round.reportInterval
        nextHandOver = SampleRecorder.interval
        try startDue()
        while !stop.isSet {
            let now = MonotonicClock.now() - go
            guard pacer.inFlight > 0 || !pacer.isExhausted(now: now) else { break }
            let due = pacer.nextDue.map { go + $0 } ?? nextReport
            try multi.turn(until: min(nextReport, due))
            try takeCompletions()
            try startDue()
            reportIfDue()
        }
        let now = MonotonicClock.now() - go
        let isStopped = stop.isSet && (pacer.inFlight > 0 || !pacer.isExhausted(now: now))
        if isStopped { cancel(at: now) }
        recorder.take(&batch)
        return Part(
            go: go,
            end: end,
            openedAfterGo: slots.reduce(0) { $0 + $1.handle.takeSocketsOpened() },
            waitsForContinue: waitsForContinue,
            processorTime: MonotonicClock.threadProcessorTime() - processorTime,
            isStopped: isStopped
        )
    }

    private func takeCompletions() throws(CurlError) {
        while let completion = multi.nextCompletion() {
            let now = MonotonicClock.now()
            finish(slots[completion.tag], code: completion.code, at: now)
            idle.append(completion.tag)
            pacer.ended(at: now - go)
            // A closed loop's next upload is meant to start at this very moment.
            if let start = pacer.next(now: now - go) { try begin(start) }
        }
    }

    private func startDue() throws(CurlError) {
        let now = MonotonicClock.now() - go
        while !stop.isSet, let start = pacer.next(now: now) { try begin(start) }
        // Whoever has waited for a slot as long as an upload may take will not be sent any more.
        while let late = pacer.giveUp(before: now - order.timeout.nanoseconds) {
            var sample = Sample(intended: late.intended, file: files.file(of: late.sequence))
            sample.done = now
            sample.outcome = .timeoutConnecting
            sample.flags = [.queued, .censored]
            handOver(sample, sequence: late.sequence, lag: nil, timing: [])
        }
    }

    private func begin(_ start: Pacer.Start) throws(CurlError) {
        let index: Int
        if let free = idle.popLast() { index = free } else { index = try addSlot() }
        let slot = slots[index]
        slot.start = start
        try ready(slot, for: files.file(of: start.sequence))
        try multi.add(slot.handle, tag: index)
    }

    private func ready(_ slot: UploadSlot, for file: Int32) throws(CurlError) {
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
        if slot.waitedForContinue { waitsForContinue += 1 }
        let outcome = end.outcome
        var sample = begun(slot, done: now - go, outcome)
        sample.status = Int32(truncatingIfNeeded: end.status)
        sample.bytesOut = Int64(end.bytesOut)
        sample.bytesIn = Int64(slot.handle.bytesReceived)
        let opened = slot.handle.connectionsOpened
        if end.sent != Sample.absent {
            sample.connection = connections.number(ofPort: slot.localPort)
            if opened == 0 { sample.flags.insert(.reused) }
        }
        if opened > 0 { setConnectTimes(of: slot, in: &sample) }
        // A closed loop has no other schedule than the end of the upload before.
        if order.arrivals == .closed, order.connections == .reuse, sample.sent != Sample.absent {
            sample.intended = sample.sent
        }
        handOver(sample, sequence: slot.start.sequence, lag: lag(of: slot, sample), timing: slot.timing)
        if outcome != .ok {
            let key = FirstAnswers.Key(target: order.target.name, outcome: outcome, status: sample.status)
            answers.keep(slot.firstAnswer, for: key)
        }
    }

    /// The one place where an upload that is over leaves the engine.
    private func handOver(_ sample: Sample, sequence: Int, lag: Nanoseconds?, timing: [UInt8]) {
        tally.add(responseTime: sample.responseTime, isOK: sample.outcome == .ok)
        end = max(end, sample.done)
        batch.add(sample, sequence: order.place(of: sequence), lag: lag, timing: timing)
        guard order.arrivals != .burst,
            sample.done >= nextHandOver || batch.entries.count >= SampleRecorder.mostInBatch
        else { return }
        nextHandOver = sample.done + SampleRecorder.interval
        recorder.take(&batch)
    }

    /// What the stamps of a slot say of its upload.
    private func begun(_ slot: UploadSlot, done: Nanoseconds, _ outcome: Outcome) -> Sample {
        var sample = Sample(intended: slot.start.intended, file: slot.file)
        sample.sent = sinceGo(slot.sent)
        sample.bodySent = sinceGo(slot.bodySent)
        sample.firstByte = sinceGo(slot.firstByte)
        sample.done = done
        sample.outcome = outcome
        if slot.start.isQueued { sample.flags.insert(.queued) }
        if let window = order.window, done > window { sample.flags.insert(.drained) }
        if outcome.isCensored { sample.flags.insert(.censored) }
        return sample
    }

    /// How late an upload was sent; nil if it was not.
    private func lag(of slot: UploadSlot, _ sample: Sample) -> Nanoseconds? {
        guard sample.sent != Sample.absent else { return nil }
        // Opening a connection is not the engine's lateness.
        return sample.sent - slot.start.possible - max(0, sample.connect) - max(0, sample.tls)
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
    private func cancel(at now: Nanoseconds) {
        let free = Set(idle)
        for (index, slot) in slots.enumerated() where !free.contains(index) {
            multi.remove(slot.handle)
            handOver(begun(slot, done: now, .cancelled), sequence: slot.start.sequence, lag: nil, timing: [])
        }
        for (sequence, intended) in pacer.notSent(now: now) {
            let sample = Sample(intended: intended, file: files.file(of: sequence))
            batch.add(sample, sequence: order.place(of: sequence), lag: nil, timing: [])
        }
    }

    private func reportIfDue() {
        let now = MonotonicClock.now()
        guard now >= nextReport else { return }
        nextReport = now + Round.reportInterval
        report(.uploading, tally, tally.done, now - go)
    }
}
