import IngestServer
import LoopWatch
import Measurements
import Synchronization

/// Tells, round by round, what the embedded server's event loops were blocked by.
final class LoopObserver: Sendable {
    fileprivate struct State {
        var lastBlock = 0
        var places: [BlockedPlace] = []
        var numbers: [BlockedPlace: Int32] = [:]
    }

    private let detector: BlockDetector
    private let loops: Int
    private let state = Mutex(State())

    /// Makes an observer.
    ///
    /// - Parameters:
    ///   - detector: What watches the server.
    ///   - loops: How many loops it has.
    init(_ detector: BlockDetector, loops: Int) {
        self.detector = detector
        self.loops = loops
    }

    /// The places that blocks of all rounds so far refer to by their number.
    var places: [BlockedPlace] { state.withLock { $0.places } }

    /// What blocked the loops in a round.
    ///
    /// - Parameters:
    ///   - go: When it began, on the monotonic clock in nanoseconds.
    ///   - end: When its last reply came.
    /// - Returns: The blocks with times from go, cut at the edges of the round.
    func activity(from go: Nanoseconds, to end: Nanoseconds) async -> LoopActivity {
        await detector.settle()
        return state.withLock { state in
            let snapshot = detector.snapshot(since: state.lastBlock)
            state.lastBlock = max(state.lastBlock, snapshot.next)
            var samples: [LoopBlockSample] = []
            // The parts of one interval are one stretch for which nobody was served.
            var intervals: [Int: Nanoseconds] = [:]
            for block in snapshot.blocks {
                guard let sample = Self.sample(of: block, from: go, to: end, &state) else { continue }
                intervals[block.interval, default: 0] += sample.blocked
                samples.append(sample)
            }
            var activity = LoopActivity(
                threshold: snapshot.threshold.nanoseconds,
                watched: loops,
                notScheduled: samples.reduce(0) { $0 + $1.notScheduled },
                all: samples
            )
            activity.worst = intervals.values.max() ?? 0
            activity.isTraced = snapshot.isTraced
            return activity
        }
    }

    /// The part of a block inside the round.
    private static func sample(
        of block: LoopBlock,
        from go: Nanoseconds,
        to end: Nanoseconds,
        _ state: inout State
    ) -> LoopBlockSample? {
        let start = block.start.nanoseconds
        let length = block.duration.nanoseconds
        let (first, last) = (max(start, go), min(start + length, end))
        guard first < last, length > 0 else { return nil }
        let share = Double(last - first) / Double(length)
        let cpu = Nanoseconds(Double(block.cpu.nanoseconds) * share)
        let notScheduled = Nanoseconds(Double(block.notScheduled.nanoseconds) * share)
        return LoopBlockSample(
            loop: Int32(block.thread.split(separator: "#").last.flatMap { Int32($0) } ?? 0),
            start: first - go,
            duration: last - first,
            cpu: cpu,
            waiting: max(0, last - first - cpu - notScheduled),
            notScheduled: notScheduled,
            stack: state.number(of: block)
        )
    }
}

extension LoopObserver.State {
    /// The number of the place that a block is blamed on.
    fileprivate mutating func number(of block: LoopBlock) -> Int32 {
        let frames = block.samples.first { !$0.isLate }?.frames ?? []
        // The innermost function of the server's own, and what it called: how the libraries go on is in the stack.
        let own = frames.firstIndex {
            $0.kind != .asyncCaller && $0.swiftModule == "IngestServer" && $0.isUserCode
        }
        let (blame, callee) =
            own.map { (frames[$0], $0 > 0 ? frames[$0 - 1] : nil) } ?? (block.blame, block.callee)
        let place = BlockedPlace(
            blame: blame?.placeText,
            callee: callee?.nameText,
            frames: frames.map(\.placeText)
        )
        // Stacks of one place differ in their lines; the first one stands for all.
        let key = BlockedPlace(blame: place.blame, callee: place.callee, frames: [])
        if let number = numbers[key] { return number }
        let number = Int32(places.count)
        places.append(place)
        numbers[key] = number
        return number
    }
}

extension Duration {
    /// Whole nanoseconds.
    fileprivate var nanoseconds: Nanoseconds {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
