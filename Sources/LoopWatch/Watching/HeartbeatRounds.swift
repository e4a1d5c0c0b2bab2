import CLoopProbe
import NIOCore

/// The loops that are pinged, and what the watchdog knows of each; its thread alone has it.
struct HeartbeatRounds {
    private struct Heart {
        let loop: PingedLoop
        var tracker: HeartbeatTracker
        var ping: Ping?
        /// What has been seen while the ping in flight went unanswered.
        var silence: WatchedInterval?
        /// Whether the loop has been shut down.
        var isGone = false

        /// Makes the interval of a silence.
        func interval(from start: UInt64, to end: UInt64, sequence: UInt64, after: lp_accounts) -> RawInterval
        {
            let samples = silence?.samples ?? []
            let reason =
                loop.slot == nil
                ? "no stack: none can be taken of this loop's thread" : "no stack: it ended too soon"
            return RawInterval(
                generation: loop.generation,
                sequence: sequence,
                thread: loop.thread,
                threadID: loop.threadID,
                kind: LP_HEARTBEAT,
                start: start,
                end: end,
                before: silence?.before ?? lp_accounts(),
                beforeTime: silence?.beforeTime ?? 0,
                after: after,
                taskName: nil,
                scopes: 0,
                samples: samples,
                note: samples.isEmpty ? silence?.note ?? reason : nil
            )
        }
    }

    private var hearts: [UInt64: Heart] = [:]

    /// Tells of late answers, pings who is due, and takes the stacks of those that don't answer.
    ///
    /// - Parameters:
    ///   - watchers: Who wants to know.
    ///   - stacks: Takes stacks.
    ///   - samples: How many stacks of one silence are kept.
    /// - Returns: When to come again; nil if no loop is pinged.
    mutating func makeRound(
        for watchers: [Watchdog.Watcher],
        _ stacks: inout StackTaker,
        samples: Int
    ) -> UInt64? {
        var wanted: [UInt64: (loop: PingedLoop, threshold: UInt64)] = [:]
        for watcher in watchers {
            for loop in watcher.pingedLoops {
                let least = min(wanted[loop.generation]?.threshold ?? .max, watcher.threshold)
                wanted[loop.generation] = (loop, least)
            }
        }
        hearts = hearts.filter { wanted[$0.key] != nil }
        var next: UInt64?
        for (generation, want) in wanted {
            var heart =
                hearts[generation]
                ?? Heart(loop: want.loop, tracker: HeartbeatTracker(threshold: want.threshold))
            heart.tracker.threshold = want.threshold
            listen(to: &heart, watchers)
            if !heart.isGone {
                next = min(next ?? .max, beat(&heart, watchers, &stacks, samples: samples))
            }
            hearts[generation] = heart
        }
        return next
    }

    /// The loops that don't answer, of those pinged before a moment.
    ///
    /// - Parameters:
    ///   - threshold: Only those that have not for this long.
    ///   - moment: Only those pinged before it.
    /// - Returns: The silences up to now.
    func ongoing(longerThan threshold: UInt64, begunBefore moment: UInt64) -> [RawInterval] {
        hearts.values.compactMap { heart in
            let now = lp_now()
            guard let ping = heart.ping, ping.outcome == nil, let start = heart.tracker.sentAt,
                start < moment, now - start >= threshold
            else { return nil }
            var after = lp_accounts()
            if let slot = heart.loop.slot { _ = lp_accounts_of(slot, &after) }
            var interval = heart.interval(
                from: start,
                to: now,
                sequence: heart.tracker.sequence,
                after: after
            )
            interval.isOngoing = true
            return interval
        }
    }

    private func listen(to heart: inout Heart, _ watchers: [Watchdog.Watcher]) {
        guard let ping = heart.ping, let outcome = ping.outcome else { return }
        heart.ping = nil
        guard case .answered(let time) = outcome else {
            heart.isGone = true
            return
        }
        if let silence = heart.tracker.answered(at: time) {
            let interval = heart.interval(
                from: silence.start,
                to: silence.end,
                sequence: silence.sequence,
                after: ping.accounts
            )
            for watcher in watchers
            where silence.end - silence.start >= watcher.threshold
                && watcher.wants(LP_HEARTBEAT, heart.loop.generation)
            {
                watcher.take(interval)
            }
        }
        heart.silence = nil
    }

    /// Sends the ping that is due, or looks at what keeps the one in flight; when to come again.
    private func beat(
        _ heart: inout Heart,
        _ watchers: [Watchdog.Watcher],
        _ stacks: inout StackTaker,
        samples: Int
    ) -> UInt64 {
        let now = lp_now()
        if heart.tracker.isPingDue(at: now) {
            // A loop that was shut down complains of work, so it gets none where that can be told.
            guard heart.loop.isAlive else {
                heart.isGone = true
                return .max
            }
            let ping = Ping(latest: now + heart.tracker.threshold, slot: heart.loop.slot)
            heart.ping = ping
            // The accounts are read now: a machine that is too busy to look later is too busy for the loop as well.
            heart.silence = WatchedInterval(
                slot: heart.loop.slot,
                since: now,
                threshold: heart.tracker.threshold
            )
            heart.loop.loop.execute(ping.work)
            // Only now: this thread may have been without a processor, and the loop not at fault.
            heart.tracker.sent(at: lp_now())
        } else if heart.ping != nil {
            look(at: &heart, now: now, watchers, &stacks, samples: samples)
        }
        return min(heart.tracker.nextLook(after: now), heart.silence?.nextSample ?? .max)
    }

    private func look(
        at heart: inout Heart,
        now: UInt64,
        _ watchers: [Watchdog.Watcher],
        _ stacks: inout StackTaker,
        samples: Int
    ) {
        guard let slot = heart.loop.slot, var silence = heart.silence, now >= silence.nextSample else {
            return
        }
        defer { heart.silence = silence }
        switch stacks.take(of: slot, at: now) {
        case .nothing(let reason): silence.lacksStack(because: reason)
        case .sample(let sample, let generation, _):
            // A loop that has answered by now shows something else.
            if generation == heart.loop.generation, heart.ping?.outcome == nil {
                silence.add(sample, most: samples)
            }
        }
        silence.postpone(from: now)
        for watcher in watchers { watcher.sampled?(heart.loop.threadID) }
    }
}
