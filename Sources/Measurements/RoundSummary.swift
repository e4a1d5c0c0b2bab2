/// What the samples of one round add up to.
package struct RoundSummary: Sendable, Equatable {
    /// Uploads that failed alike.
    package struct Failures: Sendable, Equatable {
        package var outcome: Outcome
        /// The HTTP status; 0 without a response.
        package var status: Int32
        package var count: Int

        /// Makes a count.
        ///
        /// - Parameters:
        ///   - outcome: What came of the uploads.
        ///   - status: The HTTP status.
        ///   - count: How many there were.
        package init(outcome: Outcome, status: Int32, count: Int) {
            self.outcome = outcome
            self.status = status
            self.count = count
        }
    }

    /// What the probe's requests add up to.
    package struct Probe: Sendable, Equatable {
        package var count: Int
        package var errors: Int
        /// nil when none was answered.
        package var times: TimeSummary?

        /// Makes a summary.
        ///
        /// - Parameters:
        ///   - count: How many requests there were.
        ///   - errors: How many failed.
        ///   - times: Response times.
        package init(count: Int, errors: Int, times: TimeSummary?) {
            self.count = count
            self.errors = errors
            self.times = times
        }
    }

    /// What the event loops' blocks add up to.
    package struct Loops: Sendable, Equatable {
        /// The share of the round that the loops were blocked, 0…1.
        package var blocked: Double
        /// The longest block.
        package var worst: Nanoseconds
        /// How many blocks there were.
        package var count: Int

        /// Makes a summary.
        ///
        /// - Parameters:
        ///   - blocked: The share of the round that the loops were blocked, 0…1.
        ///   - worst: The longest block.
        ///   - count: How many blocks there were.
        package init(blocked: Double, worst: Nanoseconds, count: Int) {
            self.blocked = blocked
            self.worst = worst
            self.count = count
        }
    }

    package var uploads: Int
    package var succeeded: Int
    /// Those of them that ended after the window.
    package var drained: Int
    /// The failures, by outcome and status.
    package var failures: [Failures]
    /// How often each HTTP status came, rising.
    package var statuses: [Int32: Int]
    package var bytesSent: Int64
    package var bytesReceived: Int64
    /// Successful uploads a second: from go to the last reply, or those inside the window.
    package var throughput: Double
    /// Response times; nil when no upload counts for them.
    package var response: TimeSummary?
    /// Service times; nil likewise.
    package var service: TimeSummary?
    /// The response times of successes in microseconds, as ``Histogram/encoded()`` writes them; nil if unknown.
    package var histogram: [UInt8]?
    /// nil without a probe.
    package var probe: Probe?
    /// nil where no loop was watched.
    package var loops: Loops?
    /// How long response times took to settle; nil if they did in the first half, or were too few to tell.
    package var transient: Transient?

    /// How many uploads failed.
    package var errors: Int { uploads - succeeded }

    /// Makes a summary from its parts, as a document without samples keeps them.
    ///
    /// - Parameters:
    ///   - uploads: How many uploads there were.
    ///   - succeeded: How many succeeded.
    ///   - failures: The others.
    ///   - statuses: How often each HTTP status came.
    ///   - bytesSent: Body bytes sent.
    ///   - bytesReceived: Response body bytes.
    ///   - throughput: Successful uploads a second.
    ///   - response: Response times.
    ///   - service: Service times.
    ///   - histogram: The response times of successes in microseconds, encoded.
    ///   - probe: The probe's requests.
    ///   - loops: The event loops' blocks.
    ///   - drained: How many succeeded after the window.
    ///   - transient: How long response times took to settle.
    package init(
        uploads: Int,
        succeeded: Int,
        failures: [Failures],
        statuses: [Int32: Int],
        bytesSent: Int64,
        bytesReceived: Int64,
        throughput: Double,
        response: TimeSummary?,
        service: TimeSummary?,
        histogram: [UInt8]?,
        probe: Probe?,
        loops: Loops? = nil,
        drained: Int = 0,
        transient: Transient? = nil
    ) {
        self.uploads = uploads
        self.succeeded = succeeded
        self.failures = failures
        self.statuses = statuses
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.throughput = throughput
        self.response = response
        self.service = service
        self.histogram = histogram
        self.probe = probe
        self.loops = loops
        self.drained = drained
        self.transient = transient
    }

    /// Adds up a round.
    ///
    /// Response and service times are those of successful uploads, and of ended ones at their elapsed
    /// time; other failures count as errors and nowhere else.
    ///
    /// - Parameter round: The round.
    package init(of round: RoundRecord) {
        uploads = 0
        succeeded = 0
        bytesSent = 0
        bytesReceived = 0
        statuses = [:]
        failures = []
        drained = 0
        // Response times first, then service times: both at once would need twice the memory.
        var successes = Histogram(highest: Histogram.longestMicroseconds)
        var response = TimeSummary.Builder(capacity: round.samples.count)
        // A burst's uploads wait for one another: none of it is steady.
        var order = round.burst == nil ? CompletionOrder(makespan: round.makespan) : nil
        for sample in round.samples {
            uploads += 1
            bytesSent += sample.bytesOut
            bytesReceived += sample.bytesIn
            if sample.status != 0 { statuses[sample.status, default: 0] += 1 }
            if sample.outcome == .ok {
                succeeded += 1
                if sample.flags.contains(.drained) { drained += 1 }
                successes.record(sample.responseTime / 1000)
            } else {
                Self.count(sample, in: &failures)
            }
            if sample.isTimed { response.add(sample.responseTime, isCensored: sample.isCensored) }
            order?.add(sample)
        }
        transient = order?.means(of: Transient.batches).flatMap { Transient(of: $0) }
        self.response = response.summary()
        var service = TimeSummary.Builder(capacity: round.samples.count)
        for sample in round.samples where sample.isTimed && sample.sent != Sample.absent {
            service.add(sample.serviceTime, isCensored: sample.isCensored)
        }
        self.service = service.summary()
        histogram = succeeded > 0 ? successes.encoded() : nil
        throughput = round.throughput(succeeded: succeeded, drained: drained)
        probe = round.probes.isEmpty ? nil : Probe(of: round.probes)
        loops = round.loops.flatMap { loops in
            // Of no loop nothing is known: that is no zero.
            guard loops.watched > 0 else { return nil }
            return Loops(
                blocked: loops.blockedShare(of: round.makespan),
                worst: loops.worst,
                count: loops.count
            )
        }
    }

    /// Counts a failed upload.
    ///
    /// - Parameters:
    ///   - sample: The upload.
    ///   - failures: The counts.
    static func count(_ sample: Sample, in failures: inout [Failures]) {
        let known = failures.firstIndex { $0.outcome == sample.outcome && $0.status == sample.status }
        if let known {
            failures[known].count += 1
        } else {
            failures.append(Failures(outcome: sample.outcome, status: sample.status, count: 1))
        }
    }
}

extension RoundRecord {
    /// Uploads a second over the window, or to the last reply where there is none.
    ///
    /// - Parameters:
    ///   - succeeded: The successful uploads.
    ///   - drained: Those of them that ended after the window.
    /// - Returns: The throughput; 0 of a round without time.
    package func throughput(succeeded: Int, drained: Int) -> Double {
        let time = window ?? makespan
        let counted = window == nil ? succeeded : succeeded - drained
        return time > 0 ? Double(counted) / (Double(time) / 1e9) : 0
    }
}

extension Sample {
    /// Whether its times count: those of successes, and of ended uploads as lower bounds.
    package var isTimed: Bool { outcome == .ok || isCensored }
}

extension RoundSummary.Probe {
    /// Adds up the probe's requests; failed ones count as errors, ended ones at their elapsed time too.
    fileprivate init(of probes: [ProbeSample]) {
        var times = TimeSummary.Builder(capacity: probes.count)
        for probe in probes where probe.outcome == .ok || probe.outcome.isCensored {
            times.add(probe.responseTime, isCensored: probe.outcome.isCensored)
        }
        count = probes.count
        errors = probes.count { $0.outcome != .ok }
        self.times = times.summary()
    }
}
