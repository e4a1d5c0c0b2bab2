import CLoopProbe
import Dispatch
import NIOCore

/// How the thread of one loop came to be watched.
enum LoopRegistration: Sendable {
    /// By its own waits; the thread's generation.
    case probed(UInt64)
    /// By pings.
    case pinged(PingedLoop)
    /// Not at all: all slots are in use.
    case refused

    /// The most time that a loop may be busy with other things before it answers.
    private static let patience = DispatchTimeInterval.seconds(5)
    /// A loop whose waits are seen shows one soon after it has answered; a number of answers, since any one may
    /// come before the wait that ends what registered it.
    private static let leastAnswers = 3

    /// Has a loop register its thread.
    ///
    /// - Parameters:
    ///   - loop: The loop.
    ///   - hasProbe: Whether waits of loops are seen in this process.
    ///   - proofTime: How long a loop that answers has to show a wait.
    /// - Returns: How it is watched.
    /// - Throws: ``LoopWatchError/groupShutDown`` for a loop that runs nothing any more.
    static func register(
        _ loop: any EventLoop,
        hasProbe: Bool,
        proofTime: Duration
    ) async throws(LoopWatchError) -> LoopRegistration {
        guard hasProbe else { return .pinged(try await answer(of: loop) { PingedLoop(onThreadOf: loop) }) }
        let slot = try await answer(of: loop) { lp_register(UInt8(LP_EVENT_LOOP.rawValue), nil) }
        guard slot >= 0, let first = state(of: slot) else { return .refused }
        if isPinged(slot) { return .pinged(try await answer(of: loop) { PingedLoop(onThreadOf: loop) }) }
        let start = ContinuousClock.now
        var answers = 0
        // A wait that is seen begins an interval of a new number.
        while try await answer(of: loop, { state(of: slot)?.sequence }) == first.sequence {
            answers += 1
            guard answers >= leastAnswers, start.duration(to: .now) > proofTime else {
                // Fails when the task was cancelled, and then it soon gives up by the time that has passed.
                try? await Task.sleep(for: .milliseconds(1))
                continue
            }
            return .pinged(try await answer(of: loop) { PingedLoop(onThreadOf: loop) })
        }
        return .probed(first.generation)
    }

    private static func state(of slot: Int32) -> lp_slot_state? {
        var state = lp_slot_state()
        return lp_slot(slot, &state) ? state : nil
    }

    private static func isPinged(_ slot: Int32) -> Bool {
        state(of: slot).map { lp_kind(UInt32($0.kind)) == LP_HEARTBEAT } ?? false
    }

    /// Lives as long as the loop keeps the work.
    private final class Work<Answer: Sendable>: Sendable {
        let question: @Sendable () -> Answer
        let answers: AsyncStream<Answer>.Continuation

        init(_ question: @escaping @Sendable () -> Answer, _ answers: AsyncStream<Answer>.Continuation) {
            self.question = question
            self.answers = answers
        }

        func run() { answers.yield(question()) }

        deinit { answers.finish() }
    }

    /// Asks something on a loop's thread; one that was shut down drops the question, or never comes to it.
    private static func answer<Answer: Sendable>(
        of loop: any EventLoop,
        _ question: @escaping @Sendable () -> Answer
    ) async throws(LoopWatchError) -> Answer {
        let (answers, continuation) = AsyncStream.makeStream(of: Answer.self)
        do {
            let work = Work(question, continuation)
            loop.execute { work.run() }
        }
        // A task that sleeps keeps its memory for as long as it would have slept, though it be cancelled.
        // Without a queue it would be one of those that dispatch makes a thread for each time it can't serve them.
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + patience)
        timer.setEventHandler { continuation.finish() }
        timer.activate()
        let answer = await answers.first { _ in true }
        timer.cancel()
        guard let answer else { throw .groupShutDown }
        return answer
    }
}
