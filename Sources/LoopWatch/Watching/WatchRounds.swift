import CLoopProbe

/// What the watchdog knows of the threads it looks after; its thread alone has it.
struct WatchRounds {
    /// One busy interval of one thread.
    private struct Key: Hashable {
        var generation: UInt64
        var sequence: UInt64
    }

    /// A question to the watchdog waits this long at the most.
    private static let longestRest: UInt64 = 25_000_000

    private var seen: [Key: WatchedInterval] = [:]
    private var stacks = StackTaker()
    private var heartbeats = HeartbeatRounds()
    private var samplesPerInterval = 32
    private var call = lp_blocking_call()
    private var lateness: UInt64 = 0
    private var restStart: UInt64 = 0

    /// A quarter of the shortest threshold: how often to look while something is busy.
    private(set) var shortestRest: UInt64 = 2_500_000

    /// Tells of what has ended, looks at what is busy, and takes the stacks that are due.
    ///
    /// - Parameter watchers: Who wants to know.
    /// - Returns: How long to rest in nanoseconds; nil if nothing is busy.
    mutating func makeRound(for watchers: [Watchdog.Watcher]) -> UInt64? {
        let threshold = watchers.map(\.threshold).min() ?? .max
        shortestRest = min(max(threshold / 4, 250_000), WatchRounds.longestRest)
        samplesPerInterval = watchers.map(\.samplesPerInterval).max() ?? samplesPerInterval
        if let perSecond = watchers.map(\.capturesPerSecond).max() { stacks.allow(perSecond: perSecond) }
        tell(watchers)
        tellCalls(watchers)
        let ping = heartbeats.makeRound(for: watchers, &stacks, samples: samplesPerInterval)
        var isBusy = ping != nil
        var next = ping ?? .max
        for slot in 0..<lp_slot_count() {
            var thread = lp_slot_state()
            guard lp_slot(slot, &thread), thread.busy_since != 0 else { continue }
            isBusy = true
            next = min(next, look(at: slot, thread, threshold: threshold, watchers))
        }
        forgetStale()
        restStart = lp_now()
        guard isBusy else { return nil }
        let untilSample = next > restStart ? next - restStart : 0
        return min(max(untilSample, 50_000), shortestRest)
    }

    /// Notes how late the watchdog itself was.
    mutating func wokeUp(after rest: UInt64) {
        let slept = lp_now() - restStart
        lateness = slept > rest ? slept - rest : 0
    }

    /// The intervals that go on, of threads that were busy at a moment.
    ///
    /// - Parameters:
    ///   - threshold: Only those that have lasted this long.
    ///   - moment: Only those that began before it.
    /// - Returns: The intervals up to now.
    mutating func ongoing(longerThan threshold: UInt64, begunBefore moment: UInt64) -> [RawInterval] {
        var found: [RawInterval] = []
        for slot in 0..<lp_slot_count() {
            var thread = lp_slot_state()
            guard lp_slot(slot, &thread), thread.busy_since != 0, thread.busy_since < moment else { continue }
            let now = lp_now()
            guard now > thread.busy_since, now - thread.busy_since >= threshold else { continue }
            let seen = seen[Key(generation: thread.generation, sequence: thread.sequence)]
            var after = lp_accounts()
            _ = lp_accounts_of(slot, &after)
            found.append(
                RawInterval(
                    generation: thread.generation,
                    sequence: thread.sequence,
                    thread: RawInterval.text(of: thread.name),
                    threadID: Int(thread.thread_id),
                    kind: lp_kind(UInt32(thread.kind)),
                    start: thread.busy_since,
                    end: now,
                    before: seen?.before ?? lp_accounts(),
                    beforeTime: seen?.beforeTime ?? 0,
                    after: after,
                    taskName: nil,
                    scopes: thread.scopes,
                    samples: seen?.samples ?? [],
                    isOngoing: true,
                    note: seen?.note
                )
            )
        }
        return found + heartbeats.ongoing(longerThan: threshold, begunBefore: moment)
    }

    private mutating func tell(_ watchers: [Watchdog.Watcher]) {
        var ended = lp_interval()
        while lp_next_interval(&ended) {
            let known = seen.removeValue(forKey: Key(generation: ended.generation, sequence: ended.sequence))
            let note = known?.samples.isEmpty ?? true ? known?.note ?? missedNote : nil
            let interval = RawInterval(ended, samples: known?.samples ?? [], note: note)
            let length = interval.end - interval.start
            for watcher in watchers
            where length >= watcher.threshold && watcher.wants(interval.kind, interval.generation) {
                watcher.take(interval)
            }
        }
    }

    private mutating func tellCalls(_ watchers: [Watchdog.Watcher]) {
        while lp_next_call(&call) {
            let interval = RawInterval(call)
            for watcher in watchers
            where watcher.strict.level >= Int32(call.strictness)
                && watcher.wants(interval.kind, interval.generation)
            {
                watcher.take(interval)
            }
        }
    }

    private var missedNote: String {
        lateness > 1_000_000
            ? "no stack: the watchdog was \(lateness / 1_000_000) ms late" : "no stack: it ended too soon"
    }

    /// Looks at a thread that is busy; when its next sample is due.
    private mutating func look(
        at slot: Int32,
        _ thread: lp_slot_state,
        threshold: UInt64,
        _ watchers: [Watchdog.Watcher]
    ) -> UInt64 {
        let key = Key(generation: thread.generation, sequence: thread.sequence)
        if seen[key] == nil { seen[key] = meet(slot, thread, threshold: threshold) }
        guard let due = seen[key]?.nextSample else { return .max }
        let now = lp_now()
        guard now >= due else { return due }
        let kind = lp_kind(UInt32(thread.kind))
        guard watchers.contains(where: { $0.wants(kind, thread.generation) }) else {
            seen[key]?.giveUp()
            return .max
        }
        take(key, slot: slot, now: now)
        for watcher in watchers { watcher.sampled?(Int(thread.thread_id)) }
        return seen[key]?.nextSample ?? .max
    }

    private func meet(_ slot: Int32, _ thread: lp_slot_state, threshold: UInt64) -> WatchedInterval {
        let met = WatchedInterval(slot: slot, since: thread.busy_since, threshold: threshold)
        if met.beforeTime > 0 { lp_note_accounts(slot, thread.sequence, met.before, met.beforeTime) }
        return met
    }

    private mutating func take(_ key: Key, slot: Int32, now: UInt64) {
        guard var interval = seen[key] else { return }
        switch stacks.take(of: slot, at: now) {
        case .nothing(let reason): interval.lacksStack(because: reason)
        case .sample(let sample, let generation, let sequence):
            // An interval that ended while the stack was taken: it shows something else.
            if generation == key.generation, sequence == key.sequence {
                interval.add(sample, most: samplesPerInterval)
            }
        }
        interval.postpone(from: now)
        seen[key] = interval
    }

    /// Forgets intervals that ended without being told, since they were short or there was no room.
    private mutating func forgetStale() {
        guard seen.count > 64 else { return }
        seen = seen.filter { key, interval in
            var thread = lp_slot_state()
            return lp_slot(interval.slot ?? -1, &thread) && thread.generation == key.generation
                && thread.sequence == key.sequence
        }
    }
}
