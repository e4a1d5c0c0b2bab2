import Curl
import Measurements
import MultipartForm

/// Runs the blocks of a run one after the other and gathers what they give.
struct RunSequence: Sendable {
    let plan: LoadPlan
    let hooks: LoadHooks
    let engines: EngineGroup
    let recorder: SampleRecorder
    let probe: Probe
    let signals: RunSignals
    let onEvent: @Sendable (LoadEvent) -> Void

    /// The time with nothing in flight between two rounds.
    private static let quiet = Duration.milliseconds(250)

    /// What has been gathered so far.
    private struct Progress {
        /// The rounds of whole blocks.
        var rounds: [RoundRecord] = []
        /// The rounds of the open block.
        var open: [RoundRecord] = []
        /// The rounds of the last whole attempt at the open block, which is measured again.
        var disturbed: [RoundRecord] = []
        /// Why measured rounds are not valid: those of whole blocks, of the open one, and of its last attempt.
        var reasons: [ClientVerdict.Reason] = []
        var openReasons: [ClientVerdict.Reason] = []
        var disturbedReasons: [ClientVerdict.Reason] = []
        var addresses: [String: String] = [:]
        var baselines: [String: ProbeBaseline] = [:]

        /// The rounds of whole blocks, a disturbed one among them if its repeat was cut off.
        var whole: [RoundRecord] { rounds + disturbed }
        /// All rounds there are; those of a block that was cut off last.
        var all: [RoundRecord] { disturbed.isEmpty ? rounds + open : whole }

        /// Whether there is anything to report.
        var hasMeasured: Bool { all.contains { !$0.isWarmup } }

        /// Uploads to a target so far.
        func uploads(to target: String) -> Int {
            (rounds + open).reduce(0) { $0 + ($1.target == target ? $1.uploads : 0) }
        }
    }

    /// Runs all blocks.
    ///
    /// - Returns: What was measured, whole or not, or why nothing was.
    func result() async -> Result<LoadResult, LoadError> {
        var progress = Progress()
        let answers = FirstAnswers()
        let loadPerCore = await startingLoad()
        var failure: LoadError?
        do throws(LoadError) {
            let runner = try await prepare(answers, &progress)
            progress.baselines = try await runner.baselines()
            for block in RunBlock.draw(plan) where !signals.isRunEnding {
                try await runBlock(block, runner, &progress)
            }
        } catch {
            failure = signals.isRunEnding ? nil : error
        }
        guard progress.hasMeasured || (failure == nil && !progress.all.isEmpty) else {
            return .failure(failure ?? .cancelled)
        }
        let result = LoadResult(
            rounds: progress.all,
            failures: FailureKind.count(in: progress.all, answers: answers),
            validity: RunVerdict.judge(
                progress.whole,
                reasons: progress.reasons + progress.disturbedReasons,
                loadPerCore: loadPerCore
            ),
            isInterrupted: signals.isRunEnding,
            failure: failure,
            sampleLoss: recorder.loss,
            baselines: progress.baselines,
            addresses: progress.addresses,
            curlVersion: CurlGlobal.version
        )
        return .success(result)
    }

    /// The load average by processor, if it still says something about the present.
    ///
    /// It looks a minute back: a build that has just ended weighs in it as much as one that goes on.
    private func startingLoad() async -> Double {
        let load = Machine.loadPerCore()
        guard load > RunVerdict.highestLoad else { return load }
        let before = hooks.readMachine()
        // Fails only when the run is cancelled, and then there is nothing to wait for.
        try? await Task.sleep(for: RunSequence.quiet)
        let others = MachineSnapshot.health(
            from: before,
            to: hooks.readMachine(),
            ticksPerSecond: Machine.ticksPerSecond,
            cores: Machine.cores,
            isServerInside: true
        ).others
        return (others ?? 0) > ClientVerdict.othersLimit ? load : 0
    }

    private func prepare(
        _ answers: FirstAnswers,
        _ progress: inout Progress
    ) async throws(LoadError) -> RoundRunner {
        var bodies: [MultipartBody] = []
        for file in plan.files { bodies.append(try UploadFile.encode(file, plan: plan)) }
        var pinned: [PinnedAddress] = []
        for target in plan.targets {
            let address = try await engines.engines[0].resolve(target)
            pinned.append(address)
            progress.addresses[target.name] = address.address
        }
        let runner = RoundRunner(
            plan: plan,
            hooks: hooks,
            engines: engines,
            recorder: recorder,
            probe: probe,
            signals: signals,
            answers: answers,
            bodies: bodies,
            pinned: pinned
        )
        try await runner.reachAll()
        return runner
    }

    /// Runs one block, and again if the machine disturbed it.
    private func runBlock(
        _ block: RunBlock,
        _ runner: RoundRunner,
        _ progress: inout Progress
    ) async throws(LoadError) {
        var repeats = BlockRepeats()
        while true {
            progress.open = []
            progress.openReasons = []
            var disturbances: [String] = []
            for (order, target) in block.targets.enumerated() {
                let place = RoundPlace(
                    target: plan.targets[target].name,
                    block: block.index,
                    isWarmup: block.isWarmup,
                    order: order,
                    load: block.load,
                    roundsDone: progress.rounds.count + progress.open.count,
                    roundsTotal: plan.roundsTotal
                )
                let verdict = try await runRound(place, target: target, repeats, runner, &progress)
                guard let verdict else { return }
                if !block.isWarmup { progress.openReasons += verdict.reasons }
                for reason in verdict.disturbances where !disturbances.contains(reason) {
                    disturbances.append(reason)
                }
            }
            // Other shards know nothing of a disturbance here: all of them go through the same blocks.
            guard plan.shard == nil, !block.isWarmup, repeats.repeats(after: disturbances) else { break }
            progress.disturbed = progress.open
            progress.disturbedReasons = progress.openReasons
            onEvent(.blockRepeated(index: block.index, reasons: disturbances))
        }
        progress.rounds += progress.open
        progress.reasons += progress.openReasons
        progress.open = []
        progress.disturbed = []
        progress.disturbedReasons = []
    }

    /// Runs one round into the open block; nil if the run was stopped before it was over.
    private func runRound(
        _ place: RoundPlace,
        target: Int,
        _ repeats: BlockRepeats,
        _ runner: RoundRunner,
        _ progress: inout Progress
    ) async throws(LoadError) -> ClientVerdict? {
        if !progress.rounds.isEmpty || !progress.open.isEmpty || repeats.attempt > 1 { await pause() }
        guard !signals.isRunEnding else { return nil }
        let findings: RoundJudge.Findings
        do throws(LoadError) {
            findings = try await runner.run(place, target: target, onEvent: onEvent)
        } catch {
            guard error.isUnreachable, progress.hasMeasured else { throw error }
            throw .targetLost(target: place.target, upload: progress.uploads(to: place.target) + 1)
        }
        let judge = RoundJudge(plan: plan, cores: Machine.cores, ticksPerSecond: Machine.ticksPerSecond)
        let (record, verdict) = judge.judge(
            findings,
            place: place,
            target: plan.targets[target],
            address: runner.pinned[target].address,
            repeats: repeats
        )
        let before = progress.uploads(to: place.target)
        progress.open.append(record)
        if findings.measurement.isStopped { return nil }
        onEvent(.roundFinished(record))
        try check(record, uploadsBefore: before, answers: runner.answers)
        return verdict
    }

    private func pause() async {
        await hooks.betweenRounds()
        // Fails only when the run is cancelled, and then there is nothing to wait for.
        try? await Task.sleep(for: RunSequence.quiet)
    }

    /// Ends the run where going on would measure nothing.
    private func check(
        _ record: RoundRecord,
        uploadsBefore: Int,
        answers: FirstAnswers
    ) throws(LoadError) {
        // Connections refused to the last: the target is gone.
        let refused = record.samples.reduce(0) { $1.outcome == .refused ? $0 + 1 : 0 }
        if refused > 0, !record.isWarmup {
            throw .targetLost(target: record.target, upload: uploadsBefore + record.uploads - refused + 1)
        }
        guard record.isWarmup, let summary = record.summary, summary.succeeded == 0,
            let first = summary.failures.first
        else { return }
        if first.outcome == .refused, let target = plan.targets.first(where: { $0.name == record.target }) {
            throw .refused(target: record.target, address: target.address.hostAndPort)
        }
        if summary.failures.allSatisfy({ $0.outcome.outcomeClass == .timeout }) {
            throw .nothingFinished(
                target: record.target,
                seconds: Double(plan.timeout.nanoseconds) / 1e9
            )
        }
        let key = FirstAnswers.Key(target: record.target, outcome: first.outcome, status: first.status)
        throw .warmupFailed(
            target: record.target,
            outcome: first.outcome,
            status: first.status,
            firstAnswer: answers.answer(to: key)
        )
    }
}

extension RoundRecord {
    /// How many uploads it had.
    fileprivate var uploads: Int { summary?.uploads ?? samples.count }
}
