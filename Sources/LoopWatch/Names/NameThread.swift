internal import CLoopProbe
internal import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The thread that names frames, at low priority and within a budget of processor time.
///
/// It is one thread because the toolchain keeps debug information for each thread that asks. It starts with the
/// first request and ends when nothing was asked for a while, which gives that information's memory back.
final class NameThread: Sendable {
    /// The thread's name, which leak checks leave out.
    static let name = "LoopWatch-names"

    /// One stack to be named.
    struct Request: Sendable {
        /// The stack.
        let stack: RawStack
        /// Takes the frames, on the naming thread; must be brief.
        let finish: @Sendable ([StackFrame]) -> Void
    }

    private struct Queue {
        var urgent: [Request] = []
        var patient: [Request] = []
        var isRunning = false
        /// How many wait for everything to be named.
        var hurries = 0
    }

    private enum Turn {
        case urgent(Request)
        case patient(Request)
        case idle
    }

    private let lookup: FrameLookup
    private let perSecond: Duration
    private let queue = Mutex(Queue())
    private let wake = DispatchSemaphore(value: 0)

    /// Makes the thread without starting it.
    ///
    /// - Parameters:
    ///   - lookup: What looks the stacks up.
    ///   - perSecond: The processor time a second that requests without haste may take together.
    init(lookup: FrameLookup, perSecond: Duration) {
        self.lookup = lookup
        self.perSecond = perSecond
    }

    /// Adds a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - isUrgent: Whether it goes before others and regardless of the budget.
    func add(_ request: Request, isUrgent: Bool) {
        let mustStart = queue.withLock { queue in
            if isUrgent { queue.urgent.append(request) } else { queue.patient.append(request) }
            defer { queue.isRunning = true }
            return !queue.isRunning
        }
        if mustStart { start() } else { wake.signal() }
    }

    /// Sets the budget aside, or no longer does; calls nest.
    ///
    /// - Parameter isOn: Whether someone begins to wait for everything that was asked for, or has ceased to.
    func hurry(_ isOn: Bool) {
        queue.withLock { $0.hurries += isOn ? 1 : -1 }
        if isOn { wake.signal() }
    }

    private func start() {
        let opaque = Unmanaged.passRetained(self).toOpaque()
        #if canImport(Darwin)
        var thread: pthread_t?
        let result = pthread_create(
            &thread,
            nil,
            { argument in
                Unmanaged<NameThread>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            opaque
        )
        if result == 0, let thread { pthread_detach(thread) }
        #else
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<NameThread>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            opaque
        )
        if result == 0 { pthread_detach(thread) }
        #endif
        guard result != 0 else { return }
        // No thread can be had: the one that asks does the work itself.
        Unmanaged<NameThread>.fromOpaque(opaque).release()
        serve(idle: .zero)
    }

    private func run() {
        lp_name_thread(Self.name)
        #if os(Linux)
        // Here 0 means the calling thread alone. Failing costs only the low priority.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
        #endif
        serve(idle: .seconds(30))
    }

    /// Serves requests until there was none for the given time.
    private func serve(idle: Duration) {
        var budget = LookupBudget(perSecond: perSecond, firstCredit: perSecond * 10, now: Self.now)
        var underWay: StackLookup?
        while true {
            switch nextTurn() {
            case .urgent(let request): request.finish(lookup.frames(of: request.stack))
            case .patient(let request):
                serve(request, &underWay, &budget)
            case .idle:
                _ = wake.wait(timeout: .now() + idle.dispatchInterval)
                if end() { return }
            }
        }
    }

    /// Goes one step on with a request that has time.
    private func serve(_ request: Request, _ underWay: inout StackLookup?, _ budget: inout LookupBudget) {
        var stack = underWay ?? lookup.begin(request.stack)
        underWay = stack
        guard let address = lookup.pendingAddress(of: stack) else {
            underWay = nil
            queue.withLock { _ = $0.patient.removeFirst() }
            return request.finish(lookup.finish(stack))
        }
        let delay = budget.delay(at: Self.now)
        guard delay == .zero || queue.withLock({ $0.hurries > 0 }) else {
            _ = wake.wait(timeout: .now() + delay.dispatchInterval)
            return
        }
        let before = Self.processorTime
        lookup.locate(address, in: &stack)
        budget.spend(Self.processorTime - before, at: Self.now)
        underWay = stack
    }

    private func nextTurn() -> Turn {
        queue.withLock { queue in
            if !queue.urgent.isEmpty { return .urgent(queue.urgent.removeFirst()) }
            return queue.patient.first.map(Turn.patient) ?? .idle
        }
    }

    /// Whether the thread ends: nothing came while it slept.
    private func end() -> Bool {
        queue.withLock { queue in
            guard queue.urgent.isEmpty, queue.patient.isEmpty else { return false }
            queue.isRunning = false
            return true
        }
    }

    private static var now: Duration { .nanoseconds(Int64(lp_now())) }

    private static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

extension Duration {
    /// The same time for Dispatch, to the next microsecond.
    fileprivate var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        return .microseconds(Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000))
    }
}
