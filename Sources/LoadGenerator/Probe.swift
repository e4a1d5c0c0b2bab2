import Curl
import Measurements

/// Watches how responsive a service is while uploads run: a `GET` at every interval on one connection.
///
/// Lives on its own thread, so neither the engine nor a stalled request delays its schedule: a request that
/// waits for the one before it counts that wait, since it is timed from its intended start.
actor Probe {
    private let executor: ThreadExecutor
    private var line: Line?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The most time for opening the connection, first request included.
    private static let openMilliseconds = 10_000

    /// How long requests that were due before the end may still take.
    private static let drainTime: Nanoseconds = 2_000_000_000

    /// A connection of its own.
    private final class Line {
        let multi: MultiHandle
        let slot: UploadSlot
        let stop: StopSignal

        init(stop: StopSignal) throws(CurlError) {
            multi = try MultiHandle(keptConnections: 4, wakeUp: stop.wakeUp)
            slot = try UploadSlot()
            self.stop = stop
        }
    }

    /// What the probe saw; times on the monotonic clock.
    struct Record: Sendable {
        var samples: [ProbeSample] = []
        /// Processor time of the probe's thread.
        var processorTime: Nanoseconds = 0
    }

    /// Makes an idle probe.
    ///
    /// - Parameter executor: The thread it lives on, which its maker stops.
    init(executor: ThreadExecutor) {
        self.executor = executor
    }

    /// Opens the connection for a round with a first request, which is not counted.
    ///
    /// - Parameters:
    ///   - path: The path to get.
    ///   - order: The round's target and how to reach it.
    ///   - stop: Set when the round is over.
    /// - Throws: ``CurlError`` if libcurl or the kernel refuses.
    func open(_ path: String, for order: RoundOrder, stop: StopSignal) throws(CurlError) {
        let line = try Line(stop: stop)
        let fields = try HeaderList(order.target.headerFields)
        let pinned = order.pinned
        let milliseconds = order.timeout.wholeMilliseconds
        try line.slot.readyToGet(order.target.address.origin + path, headers: fields)
        try line.slot.handle.setTransport(order.transport.handle, isSecure: order.target.address.isSecure)
        if !pinned.isNumeric {
            try line.slot.handle.pin(host: pinned.host, port: pinned.port, to: pinned.address)
        }
        let limit = min(milliseconds, Probe.openMilliseconds)
        try line.slot.handle.setTimeouts(connectMilliseconds: limit, totalMilliseconds: limit)
        _ = try send(on: line, intended: MonotonicClock.now(), giveUp: nil)
        try line.slot.handle.setTimeouts(connectMilliseconds: limit, totalMilliseconds: milliseconds)
        self.line = line
    }

    /// The most time for a baseline.
    private static let baselineTime: Nanoseconds = 2_000_000_000

    /// Sends some requests while nothing else is sent, the first one not counted.
    ///
    /// - Parameters:
    ///   - count: How many; it ends with the first that fails.
    ///   - path: The path to get.
    ///   - order: The target and how to reach it.
    ///   - interval: The time from one answer to the next request.
    ///   - stop: Set when the run is over.
    /// - Returns: The requests.
    /// - Throws: ``CurlError`` if libcurl or the kernel refuses.
    func sendIdly(
        _ count: Int,
        to path: String,
        for order: RoundOrder,
        every interval: Nanoseconds,
        stop: StopSignal
    ) throws(CurlError) -> [ProbeSample] {
        try open(path, for: order, stop: stop)
        defer { self.line = nil }
        guard let line else { return [] }
        let end = MonotonicClock.now() + Probe.baselineTime
        var samples: [ProbeSample] = []
        while samples.count < count, samples.allSatisfy({ $0.outcome == .ok }) {
            let due = min(end, MonotonicClock.now() + interval)
            while MonotonicClock.now() < due, !line.stop.isSet { try line.multi.turn(until: due) }
            guard MonotonicClock.now() < end, !line.stop.isSet else { break }
            samples.append(try send(on: line, intended: MonotonicClock.now(), giveUp: end))
        }
        return samples
    }

    /// Sends requests by the schedule until the round is over, then those that are still due.
    ///
    /// - Parameter interval: The time from one intended start to the next.
    /// - Returns: What it saw.
    /// - Throws: ``CurlError`` if libcurl or the kernel refuses.
    func watch(every interval: Nanoseconds) throws(CurlError) -> Record {
        guard let line else { return Record() }
        let processorTime = MonotonicClock.threadProcessorTime()
        var record = Record()
        var intended = MonotonicClock.now()
        var end: Nanoseconds?
        while true {
            if end == nil, line.stop.isSet { end = MonotonicClock.now() }
            if let end, intended > end { break }
            if intended > MonotonicClock.now() {
                try line.multi.turn(until: intended)
                continue
            }
            let giveUp = end.map { $0 + Probe.drainTime }
            record.samples.append(try send(on: line, intended: intended, giveUp: giveUp))
            intended += interval
        }
        record.processorTime = MonotonicClock.threadProcessorTime() - processorTime
        self.line = nil
        return record
    }

    /// Sends one request and waits for its response, until `giveUp` at most.
    private func send(
        on line: Line,
        intended: Nanoseconds,
        giveUp: Nanoseconds?
    ) throws(CurlError) -> ProbeSample {
        let slot = line.slot
        var sample = ProbeSample(
            intended: intended,
            sent: Sample.absent,
            done: Sample.absent,
            outcome: .cancelled,
            status: 0
        )
        var giveUp = giveUp
        slot.clear()
        try line.multi.add(slot.handle, tag: 0)
        defer { line.multi.remove(slot.handle) }
        while true {
            if let completion = line.multi.nextCompletion() {
                sample.outcome = outcome(of: slot, code: completion.code)
                sample.status = Int32(truncatingIfNeeded: slot.handle.status)
                break
            }
            if giveUp == nil, line.stop.isSet { giveUp = MonotonicClock.now() + Probe.drainTime }
            if let giveUp, MonotonicClock.now() >= giveUp { break }
            try line.multi.turn(until: giveUp)
        }
        sample.sent = slot.sent
        sample.done = MonotonicClock.now()
        return sample
    }

    private func outcome(of slot: UploadSlot, code: CurlCode) -> Outcome {
        var end = TransferEnd(code: code, status: slot.handle.status)
        end.systemError = code == .ok ? 0 : slot.handle.systemError
        end.isExpectedStatus = ExpectedStatuses.successful.contains(end.status)
        end.attempts = slot.attempts
        end.sent = slot.sent
        end.bodySent = slot.bodySent
        end.firstByte = slot.firstByte
        return end.outcome
    }
}
