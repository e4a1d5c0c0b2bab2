import Measurements

extension ReportWarning {
    /// Everything that a reader of a run must be warned of.
    ///
    /// - Parameter document: The run, its results computed.
    /// - Returns: By severity, then by code.
    static func all(of document: RunDocument) -> [ReportWarning] {
        let warnings =
            document.runWarnings() + document.uploadWarnings() + document.loopWarnings()
            + document.statisticWarnings() + document.modeNotes() + document.shardWarnings()
        return warnings.sortedBySeverity
    }
}

extension [ReportWarning] {
    /// The warnings by severity, then by code and target.
    var sortedBySeverity: [ReportWarning] {
        sorted {
            ($0.severity, $0.code.rawValue, $0.target ?? "") < (
                $1.severity, $1.code.rawValue, $1.target ?? ""
            )
        }
    }
}

extension RunDocument {
    /// The measured blocks, warm-ups not among them.
    private var measuredBlocks: Set<RoundRecord.Block> {
        Set(rounds.filter { !$0.record.isWarmup }.map(\.record.block))
    }

    /// Warnings about the run as a whole.
    fileprivate func runWarnings() -> [ReportWarning] {
        var warnings: [ReportWarning] = []
        if let interrupted {
            let whole = Set(
                triedLoads.flatMap { countedRounds(at: $0) }.map(\.record.block)
            )
            let reason = interrupted.hasPrefix("SIG") ? ", interrupted by \(interrupted)" : ": \(interrupted)"
            warnings.append(
                ReportWarning(.partial, text: "PARTIAL: \(whole.count) of \(plan.blocks) blocks\(reason)")
            )
        }
        if validity.verdict != .valid {
            warnings.append(
                ReportWarning(
                    .validity,
                    severity: validity.verdict == .invalid ? .error : .warning,
                    target: nil,
                    round: nil,
                    text: validity.headline
                )
            )
        }
        warnings += repeatedBlocks() + droppedBlocks()
        if tool.build == "debug" {
            warnings.append(
                ReportWarning(
                    .debugBuild,
                    text: "this is a debug build; don't compare it with a release build"
                )
            )
        }
        if rounds.contains(where: { !$0.record.isWarmup && $0.record.loops?.isTraced == true }) {
            warnings.append(
                ReportWarning(.traced, text: "a debugger is attached; pauses count as loop blocks")
            )
        }
        return warnings
    }

    private func repeatedBlocks() -> [ReportWarning] {
        let repeated = Dictionary(grouping: rounds.filter { $0.record.attempt > 1 }) { $0.record.block }
        guard !repeated.isEmpty else { return [] }
        let sorted = repeated.sorted {
            ($0.key.load, $0.key.index) < ($1.key.load, $1.key.index)
        }
        let reasons = sorted.map { block, rounds in
            let causes = worst(of: rounds.flatMap(\.record.discarded)).joined(separator: ", ")
            let load = plan.isSweep ? " \(block.load.phrase)" : ""
            return "\(causes.isEmpty ? "disturbed" : causes) (block \(block.index + 1)\(load))"
        }
        let count = repeated.count == 1 ? "1 block was" : "\(repeated.count) blocks were"
        return [ReportWarning(.repeated, text: "\(count) measured again: \(reasons.joined(separator: ", "))")]
    }

    /// Of reasons that are alike up to their figure the one with the highest, sorted: "steal 3.4 %".
    private func worst(of reasons: [String]) -> [String] {
        let single = Set(reasons.flatMap { $0.split(separator: ", ").map(String.init) })
        let alike = Dictionary(grouping: single) { reason in reason.prefix { !$0.isNumber } }
        func figure(_ reason: String) -> Double {
            Double(reason.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }) ?? 0
        }
        return alike.values.compactMap { $0.max { figure($0) < figure($1) } }.sorted()
    }

    private func droppedBlocks() -> [ReportWarning] {
        let invalid = rounds.filter { !$0.record.isWarmup && $0.record.validity.verdict == .invalid }
        guard !invalid.isEmpty else { return [] }
        let dropped = Set(invalid.map(\.record.block)).count
        let reasons = invalid.flatMap(\.record.validity.reasons).map { reason in
            String(reason.prefix { $0 != "(" }).trimmed
        }
        let verb = dropped == 1 ? "is" : "are"
        let text =
            dropped == measuredBlocks.count
            ? "no block can be trusted; the numbers shown judge nothing"
            : "\(dropped) of \(measuredBlocks.count) blocks \(verb) left out"
        let distinct = worst(of: reasons).joined(separator: ", ")
        return [ReportWarning(.dropped, text: distinct.isEmpty ? text : "\(text): \(distinct)")]
    }

    /// Warnings about uploads that failed.
    fileprivate func uploadWarnings() -> [ReportWarning] {
        targets.flatMap { target in
            let counted = rounds.filter { !$0.record.isWarmup && $0.record.target == target.name }
            let uploads = counted.reduce(0) { $0 + $1.summary.uploads }
            let groups = errors.filter { $0.target == target.name }
            let ended = groups.filter { $0.outcome.outcomeClass == .timeout }.reduce(0) { $0 + $1.count }
            return failureWarning(groups, of: target.name, among: uploads)
                + timeoutWarning(ended, of: target.name, among: uploads)
        }
    }

    private func failureWarning(_ groups: [ErrorGroup], of target: String, among uploads: Int)
        -> [ReportWarning]
    {
        let failed = groups.filter {
            $0.outcome.outcomeClass != .timeout && $0.outcome.outcomeClass != .cancelled
        }
        let apart: Set<Outcome> = [.closedDuringUpload, .retryPrevented, .earlyResponse]
        var parts: [(groups: [ErrorGroup], sentence: String)] = [
            (
                failed.filter { $0.outcome == .closedDuringUpload },
                "were cut off while sending (closedDuringUpload)"
            ),
            (
                failed.filter { $0.outcome == .retryPrevented },
                "lost a kept connection before an answer and were not sent twice (retryPrevented)"
            ),
        ]
        let early = failed.filter { $0.outcome == .earlyResponse }
        let statuses = early.map { String($0.status) }.joined(separator: ", ")
        let isTooLarge = early.contains { $0.status == 413 }
        let cause = isTooLarge ? "the server may limit the body size" : "the server does not read it first"
        parts.append((early, "were answered before the body was sent (\(statuses)); \(cause)"))
        let others = failed.filter { !apart.contains($0.outcome) }
        let kinds = others.map { "\($0.count) × \($0.kind)" }.joined(separator: ", ")
        parts.append((others, "failed: \(kinds)"))
        return parts.filter { !$0.groups.isEmpty }.map { part, sentence in
            let count = part.reduce(0) { $0 + $1.count }
            var text = "\(target): \(count) of \(uploads) uploads \(sentence)"
            if let body = part.lazy.compactMap(\.firstBody).first { text += "; first answer: \(body)" }
            return ReportWarning(.errors, target: target, text: text)
        }
    }

    private func timeoutWarning(_ count: Int, of target: String, among uploads: Int) -> [ReportWarning] {
        guard count > 0 else { return [] }
        let limit = NumberText.limit(plan.timeoutSeconds)
        let share = NumberText.trimmed(100 * Double(uploads - count) / Double(uploads), decimals: 1)
        let bound = count == uploads ? "all percentiles" : "percentiles above p\(share)"
        let noun =
            count == 1
            ? "1 upload of \(target) timed out after \(limit) and counts"
            : "\(count) uploads of \(target) timed out after \(limit) and count"
        return [
            ReportWarning(.timeouts, target: target, text: "\(noun) as ≥ \(limit); \(bound) are lower bounds")
        ]
    }

    /// The share of a round from which on a loop without a processor is worth a warning.
    private static let mostNotScheduled = 0.05

    /// Warnings about loops that were ready to run but had no processor.
    fileprivate func loopWarnings() -> [ReportWarning] {
        let counted = loads.flatMap { countedRounds(at: $0) }.map(\.record)
        return targets.compactMap { target in
            let watched = counted.compactMap { round -> (time: Nanoseconds, loops: LoopActivity)? in
                round.target == target.name ? round.loops.map { (round.makespan, $0) } : nil
            }
            guard watched.contains(where: { $1.notScheduledShare(of: $0) > Self.mostNotScheduled }) else {
                return nil
            }
            let waited = watched.reduce(0) { $0 + Double($1.loops.notScheduled) }
            let time = watched.reduce(0) { $0 + Double($1.time) * Double($1.loops.watched) }
            let loop =
                watched.contains { $1.watched > 1 }
                ? "the loops of \(target.name) were" : "the loop of \(target.name) was"
            let text =
                "\(loop) runnable but not scheduled for \(NumberText.share(min(1, waited / time))) of the run; "
                + "that time is not counted as blocked"
            return ReportWarning(.notScheduled, target: target.name, text: text)
        }
    }

    /// Warnings about what the numbers can carry.
    fileprivate func statisticWarnings() -> [ReportWarning] {
        var warnings: [ReportWarning] = []
        let candidateCount = max(1, candidates.count)
        for load in loads {
            let counted = results.first { $0.load == load }?.rounds ?? 0
            let needed = Self.roundsNeeded(candidates: candidateCount)
            if counted < needed {
                let have = counted == 1 ? "1 round gives" : "\(counted) rounds give"
                // An interval there is from 6 on; what several candidates need more is for Holm's adjustment.
                let lack =
                    counted < Threshold.leastRounds
                    ? "\(have) no 95 % interval"
                    : "\(counted) rounds can't tell a change of one of \(candidateCount) candidates from chance"
                let text = "\(lack); use --rounds \(needed) or more"
                if !warnings.contains(where: { $0.text == text }) {
                    warnings.append(ReportWarning(.fewRounds, text: text))
                }
            }
            warnings += thinTail(at: load) + unstableNoise(at: load)
        }
        if results.contains(where: { $0.flags.contains(.burstIdentity) }) {
            let text =
                "Burst load: p99 and max follow from throughput (last reply ≈ N ÷ req/s), so they are not separate wins."
            warnings.append(ReportWarning(.burstIdentity, text: text))
        }
        return warnings
    }

    /// The fewest rounds whose signed-rank test can reach 5 % after Holm's adjustment.
    private static func roundsNeeded(candidates: Int) -> Int {
        // R rounds give p ≥ 2 ÷ 2ᴿ; R ≥ 1 + log2(m ÷ 0.05).
        var rounds = 6
        while Double(candidates) / 0.05 > Double(1 << (rounds - 1)) { rounds += 1 }
        return rounds
    }

    private func thinTail(at load: Load) -> [ReportWarning] {
        let thin = results.filter { $0.load == load && $0.flags.contains(.tailThin) }
        let highest = thin.compactMap { result -> (percentile: Percentile, tail: Int)? in
            guard case .response(.percentile(let percentile)) = result.metric else { return nil }
            return (percentile, result.tailSamples ?? 1)
        }.max { ($0.percentile, $1.tail) < ($1.percentile, $0.tail) }
        guard let highest else { return [] }
        let sizes = countedRounds(at: load).compactMap { $0.summary.response?.count }
        let slowest = highest.tail == 1 ? "its slowest" : "its \(highest.tail) slowest"
        let text =
            "\(highest.percentile) of one \(sizes.min() ?? 0)-upload round rests on \(slowest); by itself its upper bound is "
            + "open below \(highest.percentile.leastCountForInterval) uploads. It is judged across rounds instead."
        return [ReportWarning(.tailThin, text: text)]
    }

    private func unstableNoise(at load: Load) -> [ReportWarning] {
        guard let second = targets.first(where: { $0.selfComparisonOf != nil }),
            let change = result(.throughput, of: second.name, at: load)?.change,
            let low = change.low, let high = change.high, low > 0 || high < 0
        else { return [] }
        let text =
            "\(second.selfComparisonOf ?? second.name) differs from itself by \(NumberText.percent(change.estimate)) "
            + "(\(NumberText.bounds(low, high))): the machine drifts, changes below "
            + "\(NumberText.share(change.noise)) are noise"
        return [ReportWarning(.noiseUnstable, text: text)]
    }

    /// Notes about what the way of loading leaves out.
    fileprivate func modeNotes() -> [ReportWarning] {
        var notes: [ReportWarning] = []
        if plan.mode == .closed {
            notes.append(
                ReportWarning(
                    .closedLoop,
                    text: "closed loop: waiting that the load itself avoided is not shown"
                )
            )
        }
        if plan.connections == .fresh {
            notes.append(ReportWarning(.fresh, text: "connecting is part of each response time"))
        }
        let overloaded = overloadedTargets()
        let text =
            "overloaded: latency grows with the length of the run; percentiles are not a property of the server"
        let overloads = loads.flatMap { load in
            comparedTargets.map(\.name).filter { overloaded[load]?.contains($0) == true }.map { target in
                ReportWarning(
                    .overloaded,
                    target: target,
                    text: "\(subject(target, at: load)) is \(text)"
                )
            }
        }
        return notes + drainedUploads() + overloads + unsettledTargets(besides: overloaded)
    }

    /// The share of the rate that a target must answer in the window.
    private static let leastAnswered = 0.97

    /// The targets that did not keep up with an open loop, by load.
    ///
    /// One that does still has so many uploads in flight at the window's end as arrive in a response time.
    private func overloadedTargets() -> [Load: Set<String>] {
        guard plan.mode == .open else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: loads.map { load in
                let rounds = Dictionary(grouping: countedRounds(at: load), by: \.record.target)
                return (load, Set(rounds.filter { Self.isOverloaded($0.value) }.keys))
            }
        )
    }

    private static func isOverloaded(_ rounds: [Round]) -> Bool {
        let (answered, due) = rounds.reduce((0.0, 0.0)) { sum, round in
            guard let window = round.record.window, let times = round.summary.response else { return sum }
            let summary = round.summary
            let median = min(1, Double(times.value(.p50) ?? 0) / Double(window))
            return (
                sum.0 + Double(summary.succeeded - summary.drained + summary.errors),
                sum.1 + Double(summary.uploads) * (1 - median)
            )
        }
        return answered < leastAnswered * due
    }

    /// How many uploads ended after the window, by target: they count for times, not for throughput.
    private func drainedUploads() -> [ReportWarning] {
        let counted = loads.flatMap { countedRounds(at: $0) }
        return comparedTargets.compactMap { target in
            let own = counted.filter { $0.record.target == target.name && $0.record.window != nil }
            let drained = own.reduce(0) { $0 + $1.summary.drained }
            guard drained > 0 else { return nil }
            let uploads = own.reduce(0) { $0 + $1.summary.succeeded }
            let text = "\(target.name): \(drained) of \(uploads) finished after the window"
            return ReportWarning(.drained, target: target.name, text: text)
        }
    }
}

extension Validity {
    /// The line that stands first in every report: "SUSPECT: the client was late".
    package var headline: String {
        reasons.isEmpty ? verdict.rawValue : "\(verdict.rawValue): \(reasons.joined(separator: "; "))"
    }
}
