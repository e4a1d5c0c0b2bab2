import Curl
import Measurements
import MultipartForm

/// Runs single rounds: the engine and the probe side by side.
struct RoundRunner: Sendable {
    let plan: LoadPlan
    let hooks: LoadHooks
    let engine: LoadEngine
    let probe: Probe
    let signals: RunSignals
    let answers: FirstAnswers
    let bodies: [MultipartBody]
    let files: [Int32]
    /// The address of each target of the plan.
    let pinned: [PinnedAddress]

    /// Runs one round.
    ///
    /// - Parameters:
    ///   - place: Which round it is.
    ///   - target: The target's place in the plan.
    ///   - onEvent: Told how far it is.
    /// - Returns: What was seen.
    /// - Throws: ``LoadError`` if no connection can be opened or libcurl refuses.
    func run(
        _ place: RoundPlace,
        target: Int,
        onEvent: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LoadError) -> RoundJudge.Findings {
        let order = order(target)
        let name = order.target.name
        let requests = plan.requests
        let concurrency = plan.concurrency
        let report: Round.Report = { phase, tally, done, elapsed in
            let progress = RoundProgress(
                place: place,
                phase: phase,
                done: done,
                total: phase == .connecting ? concurrency : requests,
                ok: tally.ok,
                errors: tally.errors,
                elapsed: elapsed,
                maximum: tally.maximum,
                p99: tally.p99
            )
            onEvent(.progress(progress))
        }
        report(plan.connections == .reuse ? .connecting : .uploading, RoundTally(), 0, 0)
        signals.beginRound()
        if let plan = plan.probe {
            do throws(CurlError) {
                try await probe.open(plan.path, for: order, stop: signals.probe)
            } catch {
                throw .engine(error)
            }
        }
        let counted = hooks.serverReceivedBytes(name)
        let interval = plan.probe.map(\.interval.nanoseconds)
        async let watched = watch(every: interval)
        let measurement: Result<RoundMeasurement, LoadError>
        do throws(LoadError) {
            measurement = .success(try await engine.run(order, answers: answers, report: report))
        } catch {
            measurement = .failure(error)
        }
        signals.probe.set()
        let record = await watched
        let countedAfter = hooks.serverReceivedBytes(name)
        var findings = RoundJudge.Findings(measurement: try measurement.get(), probe: Probe.Record())
        do throws(CurlError) {
            findings.probe = try record.get()
        } catch {
            throw .engine(error)
        }
        let go = findings.measurement.go
        findings.loops = await hooks.loopActivity(go, go + findings.measurement.makespan)
        if let counted, let countedAfter { findings.countedBytes = countedAfter &- counted }
        return findings
    }

    private func watch(every interval: Nanoseconds?) async -> Result<Probe.Record, CurlError> {
        guard let interval else { return .success(Probe.Record()) }
        do throws(CurlError) {
            return .success(try await probe.watch(every: interval))
        } catch {
            return .failure(error)
        }
    }

    private func order(_ target: Int) -> RoundOrder {
        RoundOrder(
            target: plan.targets[target],
            pinned: pinned[target],
            arrivals: plan.arrivals,
            requests: plan.requests,
            concurrency: plan.concurrency,
            connections: plan.connections,
            timeout: plan.timeout,
            expectedStatuses: plan.expectedStatuses,
            bodies: bodies,
            files: files,
            readMachine: hooks.readMachine
        )
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Nanoseconds {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
