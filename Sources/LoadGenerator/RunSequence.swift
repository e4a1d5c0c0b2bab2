import Curl
import Measurements
import MultipartForm

/// Runs the blocks of a run one after the other and gathers what they give.
struct RunSequence: Sendable {
    let plan: LoadPlan
    let hooks: LoadHooks
    let engine: LoadEngine
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

        /// The rounds of whole blocks, a disturbed one among them if its repeat was cut off.
        var whole: [RoundRecord] { rounds + disturbed }
        /// All rounds there are; those of a block that was cut off last.
        var all: [RoundRecord] { disturbed.isEmpty ? rounds + open : whole }

        /// Whether there is anything to report.
        var hasMeasured: Bool { all.contains { !$0.isWarmup } }

        /// Uploads to a target so far.
        func uploads(to target: String) -> Int {
            (rounds + open).reduce(0) { $0 + ($1.target == target ? $1.samples.count : 0) }
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
            // Drawn apart, so that the measured blocks are balanced by themselves.
            let orders = [plan.warmup, plan.rounds].flatMap { blocks in
                BlockOrder.draw(targets: plan.targets.count, blocks: blocks, seed: plan.seed)
            }
            for (number, order) in orders.enumerated() where !signals.run.isSet {
                try await runBlock(number, order: order, runner, &progress)
            }
        } catch {
            failure = signals.run.isSet ? nil : error
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
            isInterrupted: signals.run.isSet,
            failure: failure,
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
            let address = try await engine.resolve(target)
            pinned.append(address)
            progress.addresses[target.name] = address.address
        }
        return RoundRunner(
            plan: plan,
            hooks: hooks,
            engine: engine,
            probe: probe,
            signals: signals,
            answers: answers,
            bodies: bodies,
            files: FileOrder.deal(files: bodies.count, requests: plan.requests, seed: plan.seed),
            pinned: pinned
        )
    }

    /// Runs one block, and again if the machine disturbed it.
    private func runBlock(
        _ number: Int,
        order: [Int],
        _ runner: RoundRunner,
        _ progress: inout Progress
    ) async throws(LoadError) {
        let isWarmup = number < plan.warmup
        var repeats = BlockRepeats()
        while true {
            progress.open = []
            progress.openReasons = []
            var disturbances: [String] = []
            for (place, target) in order.enumerated() {
                let place = RoundPlace(
                    target: plan.targets[target].name,
                    block: isWarmup ? number : number - plan.warmup,
                    isWarmup: isWarmup,
                    order: place,
                    roundsDone: progress.rounds.count + progress.open.count,
                    roundsTotal: (plan.warmup + plan.rounds) * plan.targets.count
                )
                let verdict = try await runRound(place, target: target, repeats, runner, &progress)
                guard let verdict else { return }
                if !isWarmup { progress.openReasons += verdict.reasons }
                for reason in verdict.disturbances where !disturbances.contains(reason) {
                    disturbances.append(reason)
                }
            }
            guard !isWarmup, repeats.repeats(after: disturbances) else { break }
            progress.disturbed = progress.open
            progress.disturbedReasons = progress.openReasons
            onEvent(.blockRepeated(index: number - plan.warmup, reasons: disturbances))
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
        guard !signals.run.isSet else { return nil }
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
        let refused = record.samples.reversed().prefix { $0.outcome == .refused }.count
        if refused > 0, !record.isWarmup {
            let first = uploadsBefore + record.samples.count - refused + 1
            throw .targetLost(target: record.target, upload: first)
        }
        guard record.isWarmup, let first = record.samples.first,
            record.samples.allSatisfy({ $0.outcome != .ok })
        else { return }
        if first.outcome == .refused, let target = plan.targets.first(where: { $0.name == record.target }) {
            throw .refused(target: record.target, address: target.address.hostAndPort)
        }
        if record.samples.allSatisfy({ $0.outcome.outcomeClass == .timeout }) {
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

extension FailureKind {
    /// Counts the failures of measured rounds by target, outcome and status.
    ///
    /// - Parameters:
    ///   - rounds: The rounds.
    ///   - answers: The first answers.
    /// - Returns: The kinds in the order they first occurred.
    static func count(in rounds: [RoundRecord], answers: FirstAnswers) -> [FailureKind] {
        var kinds: [FailureKind] = []
        var places: [FirstAnswers.Key: Int] = [:]
        for round in rounds where !round.isWarmup {
            for sample in round.samples where sample.outcome != .ok {
                let key = FirstAnswers.Key(
                    target: round.target,
                    outcome: sample.outcome,
                    status: sample.status
                )
                if let place = places[key] {
                    kinds[place].count += 1
                    continue
                }
                places[key] = kinds.count
                kinds.append(
                    FailureKind(
                        target: key.target,
                        outcome: key.outcome,
                        status: key.status,
                        count: 1,
                        firstBody: answers.answer(to: key)
                    )
                )
            }
        }
        return kinds
    }
}
