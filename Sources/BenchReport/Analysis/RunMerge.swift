import Measurements

/// Joins the shards of one distributed run: each round becomes the union of what all of them uploaded in it.
package struct RunMerge {
    /// A shard and where it was read from.
    private struct Part {
        let path: String
        let run: RunDocument
        let shard: RunDocument.Plan.Shard
    }

    /// By number.
    private let parts: [Part]

    /// Checks that runs are all the shards of one plan.
    ///
    /// - Parameter runs: Each run and where it was read from.
    /// - Throws: ``ReportError/merge(reason:)``, or ``ReportError/unmergeable(path:)`` without samples.
    package init(of runs: [(path: String, document: RunDocument)]) throws(ReportError) {
        var parts: [Part] = []
        for (path, run) in runs {
            guard let shard = run.plan.shard else {
                throw .merge(reason: "\(path) is a whole run, not a shard of one")
            }
            guard run.rounds.allSatisfy(\.hasSamples) else { throw .unmergeable(path: path) }
            parts.append(Part(path: path, run: run, shard: shard))
        }
        self.parts = parts.sorted { $0.shard.index < $1.shard.index }
        try checkNumbers()
        try checkPlans()
    }

    private func checkNumbers() throws(ReportError) {
        guard let count = parts.first?.shard.count else { throw .merge(reason: "no run was given") }
        if let other = parts.first(where: { $0.shard.count != count }) {
            throw .merge(
                reason:
                    "\(other.path) is one of \(other.shard.count) shards, \(parts[0].path) one of \(count)"
            )
        }
        for (left, right) in zip(parts, parts.dropFirst()) where left.shard.index == right.shard.index {
            throw .merge(reason: "shard \(left.shard.index) is given twice: \(left.path) and \(right.path)")
        }
        let missing = Set(1...max(1, count)).subtracting(parts.map(\.shard.index)).sorted()
        guard missing.isEmpty else {
            let numbers = missing.map { String($0) }
            let last = numbers.count > 1 ? numbers.dropLast().joined(separator: ", ") + " and " : ""
            throw .merge(
                reason: "merge needs all \(count) shards; \(last)\(numbers[numbers.count - 1]) "
                    + "\(missing.count == 1 ? "is" : "are") missing"
            )
        }
    }

    /// All plans must be one, but for the shard itself and the command line that it came from.
    private func checkPlans() throws(ReportError) {
        func common(_ part: Part) -> RunDocument.Plan {
            var plan = part.run.plan
            plan.arguments = []
            plan.shard = nil
            return plan
        }
        guard let first = parts.first else { return }
        for part in parts.dropFirst() {
            func differ(_ what: String) -> ReportError {
                .merge(reason: "\(first.path) and \(part.path) are shards of different runs: \(what)")
            }
            guard first.shard.startAt == part.shard.startAt else {
                throw differ("start at \(first.shard.startAt.iso8601) → \(part.shard.startAt.iso8601)")
            }
            guard
                common(first) != common(part)
                    || first.run.targets.map(\.identity) != part.run.targets.map(\.identity)
            else { continue }
            let machines: Set = ["cpu", "cores", "memory", "kernel", "distribution", "governor", "cpu quota"]
            let difference = RunDifference.all(from: first.run, to: part.run).first {
                !machines.contains($0.name) && !["build", "version"].contains($0.name)
            }
            throw differ(difference?.text ?? "their plans or targets are not the same")
        }
    }

    /// The whole run.
    ///
    /// - Parameter id: Its name: that of the folder it goes to.
    /// - Returns: The document, its results worked out; rounds that a shard lacks are left out.
    package func document(id: String) -> RunDocument {
        let first = parts[0].run
        let joined = joinedRounds()
        return RunDocument(
            id: id,
            tool: first.tool,
            started: parts.map(\.run.started).min() ?? first.started,
            finished: parts.map(\.run.finished).max() ?? first.finished,
            interrupted: parts.compactMap { part in
                part.run.interrupted.map { $0.hasPrefix("SIG") ? $0 : "shard \(part.shard.index): \($0)" }
            }.first,
            validity: joinedValidity(parts.map { ($0.shard.index, $0.run.validity) }),
            environment: parts.flatMap { part in
                part.run.environment.map { machine in
                    var machine = machine
                    machine.shard = part.shard.index
                    return machine
                }
            },
            plan: plan,
            targets: first.targets,
            summarised: joined.map { RunDocument.Round($0.round) },
            firstAnswers: firstAnswers,
            stacks: parts.flatMap(\.run.stacks),
            thresholds: first.limits,
            shards: starts(joined)
        )
    }

    /// The plan of the whole, and the command without its shard.
    private var plan: RunDocument.Plan {
        var plan = parts[0].run.plan
        plan.shard = nil
        var arguments: [String] = []
        var isSkipping = false
        for argument in plan.arguments {
            defer { isSkipping = ["--shard", "--start-at"].contains(argument) }
            if isSkipping || ["--shard", "--start-at"].contains(argument) { continue }
            if argument.hasPrefix("--shard=") || argument.hasPrefix("--start-at=") { continue }
            arguments.append(argument)
        }
        plan.arguments = arguments
        return plan
    }

    private var firstAnswers: [FirstAnswer] {
        parts.flatMap(\.run.errors).compactMap { group in
            group.firstBody.map { FirstAnswer(target: group.target, status: group.status, body: $0) }
        }
    }

    private struct RoundKey: Hashable {
        let isWarmup: Bool
        let block: RoundRecord.Block
        let target: String

        init(_ record: RoundRecord) {
            isWarmup = record.isWarmup
            block = record.block
            target = record.target
        }
    }

    /// A round of the whole, and how its shards lay.
    private struct Joined {
        var round: RoundRecord
        /// From the earliest go to each shard's, by the shard's number.
        var starts: [Nanoseconds]
        var lengths: [Nanoseconds]
    }

    private func joinedRounds() -> [Joined] {
        var places: [Int] = [0]
        for part in parts { places.append((places.last ?? 0) + part.run.stacks.count) }
        let rounds = parts.map { part in
            Dictionary(part.run.rounds.map { (RoundKey($0.record), $0.record) }) { $1 }
        }
        return parts[0].run.rounds.compactMap { round -> Joined? in
            let key = RoundKey(round.record)
            let own = rounds.compactMap { $0[key] }
            guard own.count == parts.count else { return nil }
            return join(own, stacks: places)
        }
    }

    /// One round: times of all shards count from the earliest go.
    private func join(_ records: [RoundRecord], stacks: [Int]) -> Joined {
        let go = records.map(\.started).min() ?? records[0].started
        let starts = records.map { $0.started.nanosecondsSince1970 - go.nanosecondsSince1970 }
        var samples: [Sample] = []
        samples.reserveCapacity(records.reduce(0) { $0 + $1.samples.count })
        var round = records[0]
        round.started = go
        round.probes = []
        var connections: Int32 = 0
        for (record, start) in zip(records, starts) {
            let first = connections
            for sample in record.samples {
                samples.append(sample.shifted(by: start, connections: first))
                connections = max(connections, first + sample.connection + 1)
            }
            round.probes += record.probes.map { $0.shifted(by: start) }
        }
        // In the order of their intended starts, as every round has them.
        samples = samples.enumerated().sorted {
            ($0.element.intended, $0.offset) < ($1.element.intended, $1.offset)
        }
        .map(\.element)
        round.samples = SampleSequence(samples)
        round.makespan = zip(records, starts).map { $0.makespan + $1 }.max() ?? round.makespan
        round.window = zip(records, starts).compactMap { record, start in record.window.map { $0 + start } }
            .max()
        round.burst = burst(
            zip(records, starts).compactMap { record, start in record.burst.map { ($0, start) } },
            samples
        )
        let processorTimes = records.compactMap(\.client.processorTime)
        round.client = ClientHealth(
            cores: records.map(\.client.cores).max() ?? 0,
            busiestThread: records.map(\.client.busiestThread).max() ?? 0,
            sendLagP99: records.map(\.client.sendLagP99).max() ?? 0,
            processorTime: processorTimes.count == records.count ? processorTimes.reduce(0, +) : nil
        )
        round.host = HostHealth(
            steal: records.map(\.host.steal).max() ?? 0,
            others: records.compactMap(\.host.others).max(),
            pagesSwapped: records.reduce(0) { $0 + $1.host.pagesSwapped },
            idle: records.compactMap(\.host.idle).min()
        )
        round.validity = joinedValidity(
            zip(parts.map(\.shard.index), records.map(\.validity)).map { ($0, $1) }
        )
        round.attempt = records.map(\.attempt).max() ?? 1
        round.discarded = records.flatMap(\.discarded)
        round.loops = loops(records, starts, stacks)
        round.summary = nil
        return Joined(round: round, starts: starts, lengths: records.map(\.makespan))
    }

    private func burst(_ facts: [(BurstFacts, Nanoseconds)], _ samples: [Sample]) -> BurstFacts? {
        guard facts.count == parts.count else { return nil }
        return BurstFacts(
            openedAfterGo: facts.reduce(0) { $0 + $1.0.openedAfterGo },
            lastSent: facts.map { $0.lastSent + $1 }.max() ?? 0,
            peakInFlight: Self.peak(of: samples)
        )
    }

    /// The most uploads that were in flight at one time.
    private static func peak(of samples: [Sample]) -> Int {
        let events = samples.filter { $0.sent >= 0 }.flatMap { [($0.sent, 1), (max($0.sent, $0.done), -1)] }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        var flying = 0
        return events.reduce(0) { most, event in
            flying += event.1
            return max(most, flying)
        }
    }

    /// The loops of all shards beside each other: each keeps its own numbers, one after the other's.
    private func loops(_ records: [RoundRecord], _ starts: [Nanoseconds], _ stacks: [Int]) -> LoopActivity? {
        let watched = records.compactMap(\.loops)
        guard watched.count == records.count, let first = watched.first else { return nil }
        var sum = first
        sum.blocks = []
        (sum.watched, sum.blocked, sum.count, sum.notScheduled, sum.truncated) = (0, 0, 0, 0, 0)
        for (place, activity) in watched.enumerated() {
            sum.blocks += activity.blocks.map { block in
                var block = block
                block.loop += Int32(clamping: sum.watched)
                block.start += starts[place]
                if block.stack >= 0 { block.stack += Int32(clamping: stacks[place]) }
                return block
            }
            sum.watched += activity.watched
            sum.blocked += activity.blocked
            sum.count += activity.count
            sum.notScheduled += activity.notScheduled
            sum.truncated += activity.truncated
        }
        sum.worst = watched.map(\.worst).max() ?? 0
        sum.isTraced = watched.contains(where: \.isTraced)
        return sum
    }

    /// The worst verdict, and every reason with the shard that gave it.
    private func joinedValidity(_ all: [(shard: Int, validity: Validity)]) -> Validity {
        Validity(
            verdict: all.map(\.validity.verdict).max() ?? .valid,
            reasons: all.flatMap { shard, validity in validity.reasons.map { "shard \(shard): \($0)" } }
        )
    }

    /// How each shard kept in step over the measured rounds.
    private func starts(_ joined: [Joined]) -> [RunDocument.ShardStart] {
        let measured = joined.contains { !$0.round.isWarmup } ? joined.filter { !$0.round.isWarmup } : joined
        func median(_ values: [Double]) -> Double { RoundLevel.median(values) ?? 0 }
        return parts.indices.map { place in
            let overlaps = parts.indices.filter { $0 != place }.map { other in
                (other: other, share: median(measured.map { Self.overlap($0, place, other) }))
            }
            let furthest = overlaps.min { $0.share < $1.share }
            return RunDocument.ShardStart(
                index: parts[place].shard.index,
                count: parts.count,
                late: Nanoseconds(median(measured.map { Double($0.starts[place]) }).rounded()),
                overlap: furthest?.share ?? 1,
                apartFrom: furthest.map { parts[$0.other].shard.index }
            )
        }
    }

    /// The time that two shards of a round have in common, as a share of the longer one's.
    private static func overlap(_ joined: Joined, _ first: Int, _ second: Int) -> Double {
        let (starts, lengths) = (joined.starts, joined.lengths)
        let end = min(starts[first] + lengths[first], starts[second] + lengths[second])
        let common = end - max(starts[first], starts[second])
        let longer = max(lengths[first], lengths[second])
        return longer > 0 ? max(0, Double(common) / Double(longer)) : 1
    }
}

extension RunDocument.Target {
    /// What must be the same in every shard.
    fileprivate var identity: [String] {
        [name, url, method, isBaseline ? "baseline" : "", selfComparisonOf ?? ""]
    }
}

extension Sample {
    /// The upload as an earlier go would have timed it, on a connection of its own.
    fileprivate func shifted(by start: Nanoseconds, connections: Int32) -> Sample {
        var sample = self
        sample.intended = intended.shifted(by: start)
        sample.sent = sent.shifted(by: start)
        sample.bodySent = bodySent.shifted(by: start)
        sample.firstByte = firstByte.shifted(by: start)
        sample.done = done.shifted(by: start)
        if sample.connection >= 0 { sample.connection += connections }
        sample.stages = stages.map { stage in
            StageTiming(name: stage.name, start: stage.start.shifted(by: start), duration: stage.duration)
        }
        return sample
    }
}

extension ProbeSample {
    /// The request as an earlier go would have timed it.
    fileprivate func shifted(by start: Nanoseconds) -> ProbeSample {
        ProbeSample(
            intended: intended.shifted(by: start),
            sent: sent.shifted(by: start),
            done: done.shifted(by: start),
            outcome: outcome,
            status: status
        )
    }
}

extension Nanoseconds {
    /// The same moment counted from an earlier go; what never was stays so.
    fileprivate func shifted(by start: Nanoseconds) -> Nanoseconds {
        self == Sample.absent ? self : self + start
    }
}
