import Curl
import Measurements
import MultipartForm
import Synchronization

/// Runs single rounds: the engine and the probe side by side.
struct RoundRunner: Sendable {
    let plan: LoadPlan
    let hooks: LoadHooks
    let engines: EngineGroup
    let recorder: SampleRecorder
    let probe: Probe
    let signals: RunSignals
    let answers: FirstAnswers
    let bodies: [MultipartBody]
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
        let order = order(target, place: place)
        let counter = order.target.selfComparisonOf ?? order.target.name
        let report = reports(place, order, onEvent)
        if let starts {
            let first = starts.first.nanosecondsSince1970 - RoundStarts.lead
            await wait(until: Timestamp(nanosecondsSince1970: first), place, onEvent)
        }
        report(0)(plan.connections == .reuse ? .connecting : .uploading, RoundTally(), 0, 0)
        signals.beginRound()
        if let plan = plan.probe {
            do throws(CurlError) {
                try await probe.open(plan.path, for: order, stop: signals.probe)
            } catch {
                throw .engine(error)
            }
        }
        try await engines.prepare(order, answers: answers, report: report)
        if let starts { await wait(until: starts.next(now: wallTime()), place, onEvent) }
        let counted = hooks.serverReceivedBytes(counter)
        let interval = plan.probe.map(\.interval.nanoseconds)
        async let watched = watch(every: interval)
        let measurement: Result<RoundMeasurement, LoadError>
        do throws(LoadError) {
            measurement = .success(try await engines.run(readMachine: hooks.readMachine))
        } catch {
            measurement = .failure(error)
        }
        signals.probe.set()
        let record = await watched
        let countedAfter = hooks.serverReceivedBytes(counter)
        let recorded = await recorder.endRound()
        var findings = RoundJudge.Findings(
            measurement: try measurement.get(),
            recorded: recorded,
            probe: Probe.Record()
        )
        do throws(CurlError) {
            findings.probe = try record.get()
        } catch {
            throw .engine(error)
        }
        findings.window = order.window
        let go = findings.measurement.go
        findings.loops = await hooks.loopActivity(go, go + findings.measurement.makespan)
        if let counted, let countedAfter { findings.countedBytes = countedAfter &- counted }
        return findings
    }

    /// Sees that every target can be reached, where no connections are opened before go that would show it.
    ///
    /// - Throws: ``LoadError`` for the first that can't.
    func reachAll() async throws(LoadError) {
        guard plan.connections == .fresh else { return }
        for target in plan.targets.indices where plan.targets[target].selfComparisonOf == nil {
            try await engines.engines[0].reach(singleOrder(target), answers: answers)
        }
    }

    /// How many requests tell how fast an idle service answers.
    private static let idleRequests = 50
    /// The most time from one of them to the next.
    private static let idleInterval: Nanoseconds = 10_000_000

    /// How fast each target answers the probe before any upload, by its name.
    ///
    /// - Returns: Nothing for a target that doesn't answer it, or without a probe.
    /// - Throws: ``LoadError/engine(_:)`` if libcurl refuses.
    func baselines() async throws(LoadError) -> [String: ProbeBaseline] {
        guard let planned = plan.probe else { return [:] }
        let interval = min(planned.interval.nanoseconds, RoundRunner.idleInterval)
        var baselines: [String: ProbeBaseline] = [:]
        for (index, target) in plan.targets.enumerated() where target.selfComparisonOf == nil {
            do throws(CurlError) {
                let samples = try await probe.sendIdly(
                    RoundRunner.idleRequests,
                    to: planned.path,
                    for: singleOrder(index),
                    every: interval,
                    stop: signals.probe
                )
                baselines[target.name] = ProbeBaseline(samples)
            } catch {
                throw .engine(error)
            }
        }
        return baselines
    }

    /// What to do with a target before any round: one thing at a time.
    private func singleOrder(_ target: Int) -> RoundOrder {
        let place = RoundPlace(
            target: plan.targets[target].name,
            block: 0,
            isWarmup: true,
            order: 0,
            load: Load(concurrency: 1),
            roundsDone: 0,
            roundsTotal: plan.roundsTotal
        )
        return order(target, place: place)
    }

    private func watch(every interval: Nanoseconds?) async -> Result<Probe.Record, CurlError> {
        guard let interval else { return .success(Probe.Record()) }
        do throws(CurlError) {
            return .success(try await probe.watch(every: interval))
        } catch {
            return .failure(error)
        }
    }

    private func order(_ target: Int, place: RoundPlace) -> RoundOrder {
        // Warm-ups draw arrivals of their own, behind those of all measured blocks.
        let block = place.isWarmup ? plan.rounds + place.block : place.block
        return RoundOrder(
            target: plan.targets[target],
            pinned: pinned[target],
            arrivals: plan.arrivals(at: place.load),
            limit: plan.limit,
            window: plan.window(ofBlock: block, at: place.load),
            concurrency: place.load.concurrency,
            opensAll: plan.opensAll,
            connections: plan.connections,
            transport: plan.transport,
            timeout: plan.timeout,
            expectedStatuses: plan.expectedStatuses,
            bodies: bodies,
            block: block,
            seed: plan.seed,
            part: plan.part
        )
    }

    /// When the rounds of a shard begin; nil where no other process takes part.
    private var starts: RoundStarts? { plan.shard.map { RoundStarts(first: $0.startAt) } }

    /// Waits for a wall time, or until the run ends.
    private func wait(
        until time: Timestamp,
        _ place: RoundPlace,
        _ onEvent: @escaping @Sendable (LoadEvent) -> Void
    ) async {
        while !signals.isRunEnding {
            let left = time.nanosecondsSince1970 - wallTime().nanosecondsSince1970
            guard left > 0 else { return }
            onEvent(.progress(RoundProgress(waiting: left, place)))
            do {
                try await Task.sleep(for: .nanoseconds(min(left, 1_000_000_000)))
            } catch {
                // The run is cancelled, and its round ends before it has begun.
                return
            }
        }
    }

    /// What the engine threads tell how far they are; the first one speaks for all.
    private func reports(
        _ place: RoundPlace,
        _ order: RoundOrder,
        _ onEvent: @escaping @Sendable (LoadEvent) -> Void
    ) -> @Sendable (_ thread: Int) -> Round.Report {
        let tallies = ThreadTallies(threads: engines.engines.count)
        let connections = engines.shards.reduce(0) { $0 + order.connectionsBeforeGo($1) }
        let requests = plan.requests.map { plan.part.share(of: $0) }
        return { thread in
            { phase, tally, done, elapsed in
                let (tally, done) = tallies.sum(with: tally, done: done, of: thread, phase)
                guard thread == 0 else { return }
                let progress = RoundProgress(
                    place: place,
                    phase: phase,
                    done: done,
                    total: phase == .connecting ? connections : requests,
                    window: order.window,
                    ok: tally.ok,
                    errors: tally.errors,
                    elapsed: elapsed,
                    maximum: tally.maximum,
                    p99: tally.p99
                )
                onEvent(.progress(progress))
            }
        }
    }
}

extension LoadPlan {
    /// What ends a round.
    fileprivate var limit: Pacer.Limit {
        requests.map { .uploads($0) } ?? .time(duration?.nanoseconds ?? 0)
    }

    /// The time for which completions of a block count; nil counts them all.
    ///
    /// Of an open loop that counts uploads it ends where the next one would start.
    ///
    /// - Parameters:
    ///   - block: The block, which random arrivals are drawn for.
    ///   - load: Its load.
    /// - Returns: The time from go.
    func window(ofBlock block: Int, at load: Load) -> Nanoseconds? {
        if let duration { return duration.nanoseconds }
        guard case .open(let schedule) = arrivals(at: load), let requests else { return nil }
        var starts = Arrivals(schedule, seed: seed, block: block)
        for _ in 0..<requests { _ = starts.next() }
        return starts.next()
    }
}

/// How far the threads of a round are, each as it last said.
private final class ThreadTallies: Sendable {
    private let told: Mutex<[(phase: RoundProgress.Phase, tally: RoundTally, done: Int)]>

    init(threads: Int) {
        told = Mutex(Array(repeating: (.connecting, RoundTally(), 0), count: threads))
    }

    /// Takes what a thread says, and adds up what all said of the same phase.
    func sum(
        with tally: RoundTally,
        done: Int,
        of thread: Int,
        _ phase: RoundProgress.Phase
    ) -> (tally: RoundTally, done: Int) {
        told.withLock { told in
            told[thread] = (phase, tally, done)
            guard told.count > 1 else { return (tally, done) }
            var sum = (tally: RoundTally(), done: 0)
            for part in told where part.phase == phase {
                sum.tally.add(part.tally)
                sum.done += part.done
            }
            return sum
        }
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Nanoseconds {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
