import CLoopProbe

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Gives raw intervals their names and judges them.
struct BlockFinder: Sendable {
    let threshold: Duration
    let classifier: Classifier
    let symbolication: BlockDetector.Symbolication
    /// How soon names are wanted.
    let patience: Symbolicator.Patience

    /// Makes a finder.
    ///
    /// - Parameters:
    ///   - threshold: How long is too long.
    ///   - ignoring: Which blocks are excused.
    ///   - caller: Whose blocks count; nil for everyone's.
    ///   - symbolication: When frames get their names.
    ///   - patience: How soon they are wanted.
    init(
        threshold: Duration,
        ignoring: [IgnoreRule] = [],
        onlyFrom caller: CallerContext? = nil,
        symbolication: BlockDetector.Symbolication = .background,
        patience: Symbolicator.Patience = .none
    ) {
        self.threshold = threshold
        self.symbolication = symbolication
        self.patience = patience
        classifier = Classifier(ignoring: ignoring, onlyFrom: caller)
    }

    /// Finds the blocks of one interval; the calling thread waits for the names, which have time.
    ///
    /// - Parameters:
    ///   - interval: The interval.
    ///   - number: Its number.
    ///   - firstID: The number of its first block.
    /// - Returns: The blocks, and how many were excused.
    func blocks(in interval: RawInterval, number: Int, firstID: Int) -> Classifier.Outcome {
        classifier.judge(recorded(interval, number: number, frames: frames(of: interval)), firstID: firstID)
    }

    /// Finds the blocks that a scope saw, at once.
    ///
    /// - Parameter sight: What it saw.
    /// - Returns: The blocks, numbered from 1.
    func blocks(in sight: BlockScope.Sight) async -> [LoopBlock] {
        var blocks: [LoopBlock] = []
        var calls: [CallPlace: Int] = [:]
        for (index, interval) in sight.intervals.enumerated() {
            var frames: [[StackFrame]] = []
            for sample in interval.samples {
                frames.append(
                    await Symbolicator.shared.frames(
                        addresses: sample.addresses,
                        kinds: sample.kinds,
                        patience: patience
                    )
                )
            }
            let whole = recorded(interval, number: index + 1, frames: frames)
            guard interval.call == nil else {
                for call in classifier.judge(whole, firstID: blocks.count + 1).blocks {
                    if let known = calls[CallPlace(call)] {
                        blocks[known].calls = (blocks[known].calls ?? 1) + (call.calls ?? 1)
                    } else {
                        calls[CallPlace(call)] = blocks.count
                        blocks.append(call)
                    }
                }
                continue
            }
            let part = whole.clipped(open: .nanoseconds(sight.openedAt), close: .nanoseconds(sight.closedAt))
            guard let part else { continue }
            blocks += classifier.judge(part, firstID: blocks.count + 1).blocks
        }
        return blocks
    }

    private func recorded(_ interval: RawInterval, number: Int, frames: [[StackFrame]]) -> RecordedInterval {
        let start = interval.start
        return RecordedInterval(
            number: number,
            kind: interval.call == nil ? BlockFinder.kind(interval.kind) : .blockingCall,
            method: interval.method,
            thread: interval.thread,
            threadID: interval.threadID,
            start: .nanoseconds(start),
            end: .nanoseconds(interval.end),
            startUnixNanoseconds: Int64(start) + BlockFinder.unixOffset(),
            before: BlockFinder.accounts(interval.before, at: interval.beforeTime, from: start),
            after: BlockFinder.accounts(interval.after, at: interval.end, from: start),
            samples: zip(interval.samples, frames).map { sample, frames in
                RecordedSample(
                    offset: .nanoseconds(sample.taken - min(sample.taken, start)),
                    frames: frames,
                    accounts: BlockFinder.accounts(sample.accounts, at: sample.taken, from: start)
                )
            },
            threshold: threshold,
            task: interval.taskName,
            isOngoing: interval.isOngoing,
            note: interval.note,
            call: interval.call?.name,
            calls: interval.call?.count
        )
    }

    private func frames(of interval: RawInterval) -> [[StackFrame]] {
        interval.samples.map { sample in
            let (addresses, kinds) = (sample.addresses, sample.kinds)
            return switch symbolication {
            case .background:
                Symbolicator.shared.frames(addresses: addresses, kinds: kinds, patience: patience)
            case .deferred: Symbolicator.shared.places(addresses: addresses, kinds: kinds)
            case .off:
                zip(addresses, kinds).map { address, kind in
                    StackFrame(
                        address: address,
                        function: nil,
                        kind: kind == UInt8(LP_ASYNC_RESUME.rawValue) ? .asyncCaller : .call
                    )
                }
            }
        }
    }

    private static func kind(_ kind: lp_kind) -> LoopBlock.Kind {
        switch kind {
        case LP_POOL: .concurrencyPool
        case LP_JOB: .job
        default: .eventLoop
        }
    }

    private static func accounts(
        _ accounts: lp_accounts,
        at time: UInt64,
        from start: UInt64
    ) -> RecordedAccounts? {
        guard accounts.is_known else { return nil }
        return RecordedAccounts(
            offset: .nanoseconds(time - min(time, start)),
            cpu: .nanoseconds(accounts.cpu_ns),
            wait: accounts.is_wait_known ? .nanoseconds(accounts.wait_ns) : nil
        )
    }

    /// What turns a moment of the monotonic clock into one since 1970.
    private static func unixOffset() -> Int64 {
        var now = timespec()
        // Cannot fail: the clock exists and the pointer is valid.
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) - Int64(lp_now())
    }
}
