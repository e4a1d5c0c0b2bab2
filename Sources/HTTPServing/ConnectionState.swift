import NIOCore
import Synchronization

/// What the loop knows of a connection and its request handlers want to know.
///
/// The connection's loop writes it, handlers read it on whatever thread they run.
final class ConnectionState: Sendable {
    private struct Facts {
        var requestStart: NIODeadline?
        /// Looks for the end of the next head; nil while a request is being answered.
        var headScanner: HeadScanner? = HeadScanner()
        var isDisconnected = false
        var onDisconnect: (@Sendable () -> Void)?
        var isPaused = false
        var heldRead: (@Sendable () -> Void)?
        var idle: IdleTracker
        var pace: PaceTracker
        /// Since when an answer waits for the client to take it.
        var stalledSince: NIODeadline?
        var nextLook: NIODeadline
    }

    /// What to do with a connection now.
    enum Verdict: Equatable {
        /// Close: the client is silent.
        case close
        /// Answer in place of a handler: the request's head is too slow.
        case refuseHead
        /// Tell the request's handler that its body is too slow.
        case failBody
        /// Ask again then.
        case lookAgain(at: NIODeadline)
    }

    private let limits: ServerLimits
    private let facts: Mutex<Facts>

    /// Begins a connection, whose client is waited for.
    ///
    /// - Parameter limits: What the client is allowed.
    init(limits: ServerLimits) {
        self.limits = limits
        let now = NIODeadline.now()
        facts = Mutex(
            Facts(
                idle: IdleTracker(timeout: limits.idleTimeout, now: now),
                pace: PaceTracker(limits: limits),
                nextLook: now
            )
        )
    }

    /// Notes that bytes came in; the first ones after a request was done start the next request.
    ///
    /// Behind the end of its head reading is paused: the body is for the handler to ask for, or a burst of
    /// uploads would be in memory before the first of them is looked at.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: Whether they leave a head unfinished, which is then to be looked after.
    func bytesArrived(_ bytes: ByteBuffer) -> Bool {
        let now = NIODeadline.now()
        return facts.withLock { facts in
            if facts.requestStart == nil { facts.requestStart = now }
            facts.idle.clientSent(at: now)
            facts.pace.clientSent(bytes.readableBytes, at: now)
            guard facts.headScanner?.findsEnd(in: bytes.readableBytesView) == true else {
                return facts.pace.headEnd != nil
            }
            facts.headScanner = nil
            facts.isPaused = true
            facts.idle.stopWaiting()
            facts.pace.headEnded()
            return false
        }
    }

    /// Notes that a handler has the request's head.
    ///
    /// - Parameter hasBody: Whether a body comes, which is then to be asked for by ``bodyIsAwaited()``.
    func requestBegan(hasBody: Bool) {
        facts.withLock { facts in
            facts.headScanner = nil
            facts.isPaused = hasBody
            facts.idle.stopWaiting()
            facts.pace.headEnded()
        }
        if !hasBody { resumeReading() }
    }

    /// Notes that a handler waits for the next bytes of the body, and reads the connection again.
    func bodyIsAwaited() {
        let now = NIODeadline.now()
        facts.withLock { facts in
            facts.idle.awaitClient(at: now)
            facts.pace.bodyIsAwaited(at: now)
        }
        resumeReading()
    }

    /// Notes that a handler has what it waited for.
    func bodyCame() {
        let now = NIODeadline.now()
        facts.withLock { facts in
            facts.idle.stopWaiting()
            facts.pace.bodyCame(at: now)
        }
    }

    /// Notes that nothing goes on before the client sends or closes.
    func clientIsAwaited() {
        facts.withLock { $0.idle.awaitClient(at: .now()) }
    }

    /// Notes whether the client takes what is sent to it.
    ///
    /// - Parameter isWritable: Whether more can be sent.
    func writabilityChanged(to isWritable: Bool) {
        facts.withLock { $0.stalledSince = isWritable ? nil : .now() }
    }

    /// Judges whether the client keeps the connection waiting.
    ///
    /// - Returns: Whether to close it, or when to ask again.
    func verdict() -> Verdict {
        let now = NIODeadline.now()
        return facts.withLock { facts in
            // The loop was blocked: what the client has sent or taken meanwhile is not known yet.
            if 4 * (now - facts.nextLook) > limits.headTimeout {
                facts.pace.startAnew(at: now)
                if facts.stalledSince != nil { facts.stalledSince = now }
            }
            if let stalled = facts.stalledSince, now - stalled >= limits.writeStall { return .close }
            switch facts.pace.verdict(at: now) {
            case .fine: break
            case .slowHead: return .refuseHead
            case .slowBody: return .failBody
            }
            guard case .lookAgain(let end) = facts.idle.verdict(at: now) else { return .close }
            let pace = facts.pace.headEnd ?? now + min(limits.bodyStretch, limits.writeStall)
            facts.nextLook = min(end, pace)
            return .lookAgain(at: facts.nextLook)
        }
    }

    /// Tells when the current request began to arrive.
    ///
    /// A request that was sent before the last one was answered starts only now: its bytes can't be told
    /// from those of the one before.
    ///
    /// - Returns: When its first bytes were read.
    func requestStart() -> NIODeadline {
        facts.withLock { $0.requestStart } ?? .now()
    }

    /// Notes that the current request is read and answered.
    func requestEnded() {
        facts.withLock { facts in
            facts.requestStart = nil
            facts.headScanner = HeadScanner()
            facts.idle.awaitClient(at: .now())
            facts.pace.requestEnded()
        }
    }

    /// Reads the connection again.
    func resumeReading() {
        let read = facts.withLock { facts in
            facts.isPaused = false
            defer { facts.heldRead = nil }
            return facts.heldRead
        }
        read?()
    }

    /// Keeps a wish to read for later if reading is paused.
    ///
    /// - Parameter read: Reads, on the loop, from whatever thread it is called.
    /// - Returns: False if reading goes on and the wish is to be fulfilled now.
    func holdsRead(_ read: @escaping @Sendable () -> Void) -> Bool {
        facts.withLock { facts in
            if facts.isPaused { facts.heldRead = read }
            return facts.isPaused
        }
    }

    /// Notes that the client closed its side, or the connection is gone.
    func disconnected() {
        let action = facts.withLock { facts in
            facts.isDisconnected = true
            defer { facts.onDisconnect = nil }
            return facts.onDisconnect
        }
        action?()
    }

    /// Asks for a call when the client goes away; at once if it has.
    ///
    /// - Parameter action: Called at most once, on the loop or right here. Nil withdraws the one before.
    func onDisconnect(_ action: (@Sendable () -> Void)?) {
        let isDisconnected = facts.withLock { facts in
            facts.onDisconnect = facts.isDisconnected ? nil : action
            return facts.isDisconnected
        }
        if isDisconnected { action?() }
    }
}
