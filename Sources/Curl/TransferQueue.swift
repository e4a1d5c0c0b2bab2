import Synchronization

/// What callers hand to the service's thread.
final class TransferQueue: Sendable {
    struct Submission: Sendable {
        let number: UInt64
        let request: TransferRequest
        let continuation: CheckedContinuation<Result<TransferResponse, CurlError>, Never>
    }

    /// What the thread finds when it looks.
    struct Arrivals: Sendable {
        var submissions: [Submission] = []
        var cancellations: Set<UInt64> = []
        var isStopped = false

        /// Whether the thread has taken all there was: else it was told already, and has not looked yet.
        var isEmpty: Bool { submissions.isEmpty && cancellations.isEmpty }
    }

    private let state = Mutex(Arrivals())
    private let numbers = Atomic<UInt64>(0)
    private let wakeUp: WakeUp

    init(wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    func nextNumber() -> UInt64 {
        numbers.wrappingAdd(1, ordering: .relaxed).newValue
    }

    func submit(_ submission: Submission) {
        let (isStopped, isFirst) = state.withLock { state in
            let isFirst = state.isEmpty
            if !state.isStopped { state.submissions.append(submission) }
            return (state.isStopped, isFirst)
        }
        guard !isStopped else { return submission.continuation.resume(returning: .failure(.shutDown)) }
        if isFirst { wakeUp.signal() }
    }

    func cancel(_ number: UInt64) {
        let isFirst = state.withLock { state in
            defer { state.cancellations.insert(number) }
            return state.isEmpty
        }
        if isFirst { wakeUp.signal() }
    }

    /// Takes what has come since the last look.
    ///
    /// - Returns: The arrivals in their order.
    func take() -> Arrivals {
        state.withLock { state in
            let arrivals = state
            state.submissions = []
            state.cancellations = []
            return arrivals
        }
    }

    /// Refuses submissions from now on.
    ///
    /// - Returns: Whether this was the first call.
    func stop() -> Bool {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        wakeUp.signal()
        return isFirst
    }
}
