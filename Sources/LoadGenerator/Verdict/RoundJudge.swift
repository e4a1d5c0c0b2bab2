import Curl
import Measurements

/// Turns what was seen of a round into its record, with a verdict.
struct RoundJudge {
    let plan: LoadPlan
    let cores: Int
    let ticksPerSecond: Int

    /// What was seen of one round from all sides.
    struct Findings: Sendable {
        var measurement: RoundMeasurement
        var recorded: SampleRecorder.Recorded
        var probe: Probe.Record
        /// Body bytes that the server counted during the round; nil where no one counts.
        var countedBytes: UInt64?
        /// What blocked the server's event loops; nil where no one looked.
        var loops: LoopActivity?
        /// The time from go for which completions count; nil counts them all.
        var window: Nanoseconds?
    }

    /// Judges a round.
    ///
    /// - Parameters:
    ///   - findings: What was seen.
    ///   - place: Which round it is.
    ///   - target: Its target.
    ///   - address: The address its target stood for.
    ///   - repeats: How often its block was tried before.
    /// - Returns: The record, and the verdict with what disturbed it from outside.
    func judge(
        _ findings: Findings,
        place: RoundPlace,
        target: LoadTarget,
        address: String,
        repeats: BlockRepeats
    ) -> (RoundRecord, ClientVerdict) {
        let seen = findings.measurement
        let health = clientHealth(findings)
        let host = MachineSnapshot.health(
            from: seen.machine.before,
            to: seen.machine.after,
            ticksPerSecond: ticksPerSecond,
            cores: cores,
            isServerInside: target.isSelfContained
        )
        let burst = plan.arrivals == .burst ? burstFacts(findings) : nil
        var record = RoundRecord(
            index: place.block,
            isWarmup: place.isWarmup,
            order: place.order,
            target: target.name,
            load: place.load,
            started: seen.started,
            makespan: seen.makespan,
            samples: findings.recorded.samples,
            probes: probes(findings),
            burst: burst,
            client: health,
            host: host,
            validity: Validity(),
            attempt: repeats.attempt,
            discarded: repeats.discarded,
            loops: findings.loops,
            window: findings.window
        )
        let totals = findings.recorded.totals
        let summary = findings.recorded.isWhole ? RoundSummary(of: record) : totals.summary(of: record)
        record.summary = summary
        var inputs = VerdictInputs()
        inputs.sendLagP99 = totals.lags.count == 0 ? nil : health.sendLagP99
        inputs.responseP50 = totals.succeeded.response.value(.p50)
        inputs.busiestThread = health.busiestThread
        inputs.clientCores = health.cores
        inputs.machineCores = cores
        inputs.isServerOnSameHost = target.isEmbedded || address.hasPrefix("127.") || address == "::1"
        inputs.burst = burst
        inputs.burstSize = plan.part.share(of: plan.requests ?? 0)
        inputs.uploads = summary.uploads
        inputs.waitsForContinue = seen.waitsForContinue
        let facts = WindowFacts(record)
        let inFlight = plan.part.share(of: place.load.concurrency)
        if plan.arrivals == .closed, let facts, inFlight > 0 {
            inputs.filling = facts.meanInFlight / Double(inFlight)
        }
        if plan.arrivals.isOpen, let facts { inputs.rate = (facts.askedRate, facts.sentRate) }
        inputs.connectsInside = plan.connections == .fresh
        // A failed upload's bytes may be on their way: only whole rounds can be compared.
        if summary.errors == 0 {
            inputs.claimedBytes = UInt64(summary.bytesSent)
            inputs.countedBytes = findings.countedBytes
        }
        inputs.host = host
        let verdict = ClientVerdict(inputs)
        record.validity = verdict.validity
        return (record, verdict)
    }

    private func clientHealth(_ findings: Findings) -> ClientHealth {
        let seen = findings.measurement
        let time = Double(max(1, seen.machine.after.time - seen.machine.before.time))
        let engines = seen.processorTimes.map { Double($0) / time }
        let probe = Double(findings.probe.processorTime) / time
        let lag = findings.recorded.totals.lags.value(.p99)
        return ClientHealth(
            cores: engines.reduce(probe, +),
            busiestThread: engines.reduce(probe, max),
            sendLagP99: lag ?? 0,
            processorTime: seen.processorTimes.reduce(findings.probe.processorTime, +)
        )
    }

    private func burstFacts(_ findings: Findings) -> BurstFacts {
        BurstFacts(
            openedAfterGo: findings.measurement.openedAfterGo,
            lastSent: max(0, findings.recorded.totals.lastSent),
            peakInFlight: PeakInFlight.count(findings.recorded.samples)
        )
    }

    /// The probe's requests that belong to the round, on the round's clock.
    private func probes(_ findings: Findings) -> [ProbeSample] {
        let seen = findings.measurement
        return findings.probe.samples.compactMap { sample in
            let intended = sample.intended - seen.go
            guard intended >= 0, intended <= seen.makespan else { return nil }
            var placed = sample
            placed.intended = intended
            placed.sent = sample.sent == Sample.absent ? Sample.absent : sample.sent - seen.go
            placed.done = sample.done - seen.go
            return placed
        }
    }
}
