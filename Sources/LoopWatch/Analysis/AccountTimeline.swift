/// Where a thread's time went, at every moment of a busy interval.
///
/// Between two readings of the accounts the time is shared out evenly. The head, before the first reading,
/// counts as the thread's own: it is split as what was seen of computing and waiting, so that an account that
/// comes late hides nothing. All times are whole nanoseconds from the start of the interval.
package struct AccountTimeline: Sendable {
    private struct Reading {
        var offset: Int64
        var cpu: Int64
        var notScheduled: Int64
    }

    /// How much is known.
    package let split: TimeSplit
    private let readings: [Reading]

    /// Reads an interval's accounts.
    ///
    /// - Parameter interval: The interval.
    package init(_ interval: RecordedInterval) {
        let length = interval.duration.wholeNanoseconds
        guard let before = interval.before, let after = interval.after, before.cpu != nil, after.cpu != nil
        else {
            split = .unknown
            readings = []
            return
        }
        let isWaitKnown = before.wait != nil && after.wait != nil
        split = isWaitKnown ? .full : .cpuOnly

        let between = interval.samples.filter(\.isOfInterval).compactMap(\.accounts)
        let known = ([before] + between).filter { $0.cpu != nil && ($0.wait != nil || !isWaitKnown) }
        var last = Reading(offset: 0, cpu: 0, notScheduled: 0)
        var seen: [Reading] = []
        for accounts in known + [after] {
            let isLast = seen.count == known.count
            let offset = isLast ? length : min(max(accounts.offset.wholeNanoseconds, last.offset), length)
            guard !seen.isEmpty else {
                last = Reading(offset: offset, cpu: 0, notScheduled: 0)
                seen.append(last)
                continue
            }
            // The clocks of the kernel differ by some microseconds: what they say can't exceed the time passed.
            let cpu = Self.change(from: before.cpu, to: accounts.cpu)
            let wait = isWaitKnown ? Self.change(from: before.wait, to: accounts.wait) : 0
            let room = offset - last.offset
            let cpuStep = min(max(0, cpu - last.cpu), room)
            let waitStep = min(max(0, wait - last.notScheduled), room - cpuStep)
            last = Reading(
                offset: offset,
                cpu: last.cpu + cpuStep,
                notScheduled: last.notScheduled + waitStep
            )
            seen.append(last)
        }
        readings = Self.withHead(seen)
    }

    /// What the accounts come to between two moments.
    ///
    /// - Parameters:
    ///   - start: The first moment, from the start of the interval.
    ///   - end: The second.
    /// - Returns: The three shares, which add up to the time between.
    package func shares(from start: Duration, to end: Duration) -> TimeShares {
        let length = (end - start).wholeNanoseconds
        let (first, second) = (reading(at: start.wholeNanoseconds), reading(at: end.wholeNanoseconds))
        let cpu = min(max(0, second.cpu - first.cpu), length)
        let notScheduled = min(max(0, second.notScheduled - first.notScheduled), length - cpu)
        return TimeShares(
            cpu: .nanoseconds(cpu),
            waiting: .nanoseconds(length - cpu - notScheduled),
            notScheduled: .nanoseconds(notScheduled)
        )
    }

    /// The accounts as they were at a moment.
    ///
    /// - Parameters:
    ///   - offset: The moment, from the start of the interval.
    ///   - shift: What is taken off the moment in the answer.
    /// - Returns: The accounts; `nil` if nothing is known.
    func accounts(at offset: Duration, shiftedBy shift: Duration) -> RecordedAccounts? {
        guard split != .unknown else { return nil }
        let reading = reading(at: offset.wholeNanoseconds)
        return RecordedAccounts(
            offset: offset - shift,
            cpu: .nanoseconds(reading.cpu),
            wait: split == .full ? .nanoseconds(reading.notScheduled) : nil
        )
    }

    private static func change(from first: Duration?, to second: Duration?) -> Int64 {
        guard let first, let second else { return 0 }
        return (second - first).wholeNanoseconds
    }

    /// Adds what happened before the first reading.
    private static func withHead(_ seen: [Reading]) -> [Reading] {
        guard let first = seen.first, let last = seen.last, first.offset > 0 else { return seen }
        let own = last.offset - first.offset - last.notScheduled
        let cpu = own > 0 ? scaled(first.offset, by: last.cpu, over: own) : first.offset
        let start = Reading(offset: 0, cpu: 0, notScheduled: 0)
        return [start]
            + seen.map { Reading(offset: $0.offset, cpu: $0.cpu + cpu, notScheduled: $0.notScheduled) }
    }

    private func reading(at offset: Int64) -> Reading {
        guard let next = readings.firstIndex(where: { $0.offset >= offset }) else {
            return readings.last ?? Reading(offset: offset, cpu: 0, notScheduled: 0)
        }
        let after = readings[next]
        guard next > readings.startIndex, after.offset > offset else { return after }
        let before = readings[next - 1]
        let (passed, length) = (offset - before.offset, after.offset - before.offset)
        return Reading(
            offset: offset,
            cpu: before.cpu + Self.scaled(passed, by: after.cpu - before.cpu, over: length),
            notScheduled: before.notScheduled
                + Self.scaled(passed, by: after.notScheduled - before.notScheduled, over: length)
        )
    }

    /// `value * factor / divisor` for a factor of at most the divisor, without overflow.
    private static func scaled(_ value: Int64, by factor: Int64, over divisor: Int64) -> Int64 {
        guard divisor > 0 else { return 0 }
        guard factor < divisor else { return value }
        return divisor.dividingFullWidth(value.multipliedFullWidth(by: factor)).quotient
    }
}

/// What a stretch of time was spent on.
package struct TimeShares: Sendable, Hashable {
    package var cpu: Duration
    package var waiting: Duration
    package var notScheduled: Duration

    package init(cpu: Duration, waiting: Duration, notScheduled: Duration) {
        self.cpu = cpu
        self.waiting = waiting
        self.notScheduled = notScheduled
    }
}

extension Duration {
    /// The whole nanoseconds in it, rounded towards zero.
    package var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
