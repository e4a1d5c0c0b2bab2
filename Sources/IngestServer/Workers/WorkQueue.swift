import Dispatch
import Glibc
import NIOCore
import Synchronization

/// Documents that wait for a worker, first come, first served.
///
/// It is bounded by the uploads that are admitted: nothing else adds to it.
final class WorkQueue: Sendable {
    private struct State {
        var waiting = CircularBuffer<WorkItem>()
        var isClosed = false
        /// Whether a look at the oldest document is planned.
        var isTimed = false
        /// Why no document is taken in; nil if they are.
        var refusal: IngestError?
    }

    /// How long a document may wait; nil is as long as it takes.
    private let limit: Duration?
    /// The two ends of a socket: a byte in it is a document to look for, its end is the queue's.
    private let wake: (read: Int32, write: Int32)
    /// The same for threads that wait for nothing else: it costs an event loop less than a socket does.
    private let semaphore = DispatchSemaphore(value: 0)
    /// Whether somebody waits at the socket.
    private let usesSocket = Atomic(false)
    private let state = Mutex(State())

    /// Makes an empty queue.
    ///
    /// - Parameter limit: How long a document may wait; nil is as long as it takes.
    init(limit: Duration?) {
        self.limit = limit
        var ends: [Int32] = [-1, -1]
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        guard socketpair(AF_UNIX, Int32(type), 0, &ends) == 0 else {
            fatalError("no descriptor is left for the queue of PDFs: \(String(cString: strerror(errno)))")
        }
        wake = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(wake.read)
        if !state.withLock({ $0.isClosed }) { Glibc.close(wake.write) }
    }

    /// How many documents wait.
    var count: Int { state.withLock { $0.waiting.count } }

    /// Whether the queue is at its end.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// When the document was added that has waited longest; nil if none waits.
    var oldest: UInt64? { state.withLock { $0.waiting.first?.made } }

    /// Adds a document, or ends it at once if none is taken in.
    ///
    /// - Parameter item: The document.
    func add(_ item: WorkItem) {
        let refusal = state.withLock { state -> (any Error)? in
            if let refusal = state.refusal { return refusal }
            if state.isClosed || item.cancellation.time != nil { return CancellationError() }
            state.waiting.append(item)
            // Fails only when the socket is full: then there is enough in it to wake everybody.
            if usesSocket.load(ordering: .relaxed) { write(wake.write, [0], 1) }
            planLook(&state)
            return nil
        }
        if let refusal { item.finish(.failure(refusal)) } else { semaphore.signal() }
    }

    /// Takes the document that has waited longest.
    ///
    /// - Returns: The document; nil if none waits.
    func take() -> WorkItem? {
        state.withLock { $0.waiting.popFirst() }
    }

    /// Cancels a document, and ends it if it still waits.
    ///
    /// - Parameter item: The document.
    func cancel(_ item: WorkItem) {
        item.cancellation.cancel()
        let waited = state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0 === item }) else { return false }
            state.waiting.remove(at: index)
            return true
        }
        if waited { item.finish(.failure(CancellationError())) }
    }

    /// Says why no documents are taken in from now on, and ends those that wait.
    ///
    /// - Parameter refusal: Why; nil takes them in again.
    func refuse(_ refusal: IngestError?) {
        let refused = state.withLock { state -> CircularBuffer<WorkItem> in
            state.refusal = refusal
            guard refusal != nil else { return CircularBuffer() }
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        guard let refusal else { return }
        for item in refused { item.finish(.failure(refusal)) }
    }

    /// Ends the queue: who waits at it comes back, and documents in it are cancelled.
    func close() {
        let cancelled = state.withLock { state -> CircularBuffer<WorkItem> in
            guard !state.isClosed else { return CircularBuffer() }
            state.isClosed = true
            Glibc.close(wake.write)
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        semaphore.signal()
        for item in cancelled { item.finish(.failure(CancellationError())) }
    }

    /// Ends the documents that have waited too long.
    ///
    /// - Parameter now: The current time, on the clock of their timers.
    func expire(at now: UInt64) {
        guard let limit else { return }
        let most = UInt64(limit / .nanoseconds(1))
        let expired = state.withLock { state in
            var expired: [WorkItem] = []
            while let first = state.waiting.first, first.made + most <= now {
                expired.append(state.waiting.removeFirst())
            }
            state.isTimed = false
            planLook(&state)
            return expired
        }
        for item in expired { item.finish(.failure(IngestError.queueTimeout(limit: limit))) }
    }

    /// Plans a look at the time when the oldest document will have waited too long.
    private func planLook(_ state: inout State) {
        guard let limit, !state.isTimed, let first = state.waiting.first else { return }
        state.isTimed = true
        let end = first.made + UInt64(limit / .nanoseconds(1))
        DispatchQueue.global().asyncAfter(deadline: DispatchTime(uptimeNanoseconds: end)) { [weak self] in
            self?.expire(at: max(end, first.timer.time()))
        }
    }

    /// Waits until there may be a document to take.
    ///
    /// - Parameter other: A descriptor to watch as well; nil for none.
    /// - Returns: Whether it was the other one that had something to say.
    func wait(orFor other: Int32?) -> Bool {
        guard let other else {
            semaphore.wait()
            // The end is for the next one, too.
            if isClosed { semaphore.signal() }
            return false
        }
        // What was added before this was told to nobody: the caller looks again.
        if !usesSocket.exchange(true, ordering: .relaxed) { return false }
        var descriptors = [wake.read, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // Interrupted, it is as if somebody else had been faster.
        guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { return false }
        if descriptors[1].revents != 0 { return true }
        var byte: UInt8 = 0
        read(wake.read, &byte, 1)
        return false
    }

    /// Waits for the queue's end.
    ///
    /// - Parameter duration: How long at most.
    func waitForEnd(atMost duration: Duration) {
        // Without events: the end of a socket is told all the same.
        var descriptor = pollfd(fd: wake.read, events: 0, revents: 0)
        poll(&descriptor, 1, Int32(clamping: Int(duration / .milliseconds(1))))
    }
}
