package import NIOCore

/// Decides when a client is too slow, though it sends something now and then.
///
/// A head must be whole in its time from its first byte. A body must bring a least amount in every stretch of time in
/// which the server waits for it: the time that the server holds it back does not count.
package struct PaceTracker: Sendable {
    /// What is slow.
    package enum Verdict: Sendable, Equatable {
        /// Nothing.
        case fine
        /// The head.
        case slowHead
        /// The body.
        case slowBody
    }

    private enum Phase {
        case idle
        case head(since: NIODeadline)
        /// In a body: how long it was waited for in this stretch, since when it is again, and what came.
        case body(waited: TimeAmount, since: NIODeadline?, bytes: Int)
    }

    private let limits: ServerLimits
    private var phase = Phase.idle

    /// Begins between two requests.
    ///
    /// - Parameter limits: What clients are allowed.
    package init(limits: ServerLimits) {
        self.limits = limits
    }

    /// When a head that has begun must have ended; nil outside of one.
    package var headEnd: NIODeadline? {
        guard case .head(let since) = phase else { return nil }
        return since + limits.headTimeout
    }

    /// Notes bytes of the client.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - now: The current time.
    package mutating func clientSent(_ count: Int, at now: NIODeadline) {
        switch phase {
        case .idle: phase = .head(since: now)
        case .head: break
        case .body(let waited, let since, let bytes):
            phase = .body(waited: waited, since: since, bytes: bytes + count)
        }
    }

    /// Notes that a head is whole, and its body may follow.
    package mutating func headEnded() {
        if case .body = phase { return }
        phase = .body(waited: .zero, since: nil, bytes: 0)
    }

    /// Notes that the server waits for the body from now on.
    ///
    /// - Parameter now: The current time.
    package mutating func bodyIsAwaited(at now: NIODeadline) {
        guard case .body(let waited, nil, let bytes) = phase else { return }
        phase = .body(waited: waited, since: now, bytes: bytes)
    }

    /// Notes that the next step is the server's.
    ///
    /// - Parameter now: The current time.
    package mutating func bodyCame(at now: NIODeadline) {
        guard case .body(let waited, let since?, let bytes) = phase else { return }
        phase = .body(waited: waited + (now - since), since: nil, bytes: bytes)
    }

    /// Notes that the request is read and answered.
    package mutating func requestEnded() { phase = .idle }

    /// Gives the client its time anew: the server did not look for so long that it can't know what was sent.
    ///
    /// - Parameter now: The current time.
    package mutating func startAnew(at now: NIODeadline) {
        switch phase {
        case .idle: break
        case .head: phase = .head(since: now)
        case .body(_, let since, _): phase = .body(waited: .zero, since: since.map { _ in now }, bytes: 0)
        }
    }

    /// Judges the client; a stretch of a body that was fast enough ends here, and another begins.
    ///
    /// - Parameter now: The current time.
    /// - Returns: What is slow.
    package mutating func verdict(at now: NIODeadline) -> Verdict {
        switch phase {
        case .idle: return .fine
        case .head(let since): return now - since >= limits.headTimeout ? .slowHead : .fine
        case .body(let waited, let since, let bytes):
            let total = waited + (since.map { now - $0 } ?? .zero)
            guard total >= limits.bodyStretch else { return .fine }
            guard bytes >= limits.bodyBytesPerStretch else { return .slowBody }
            phase = .body(waited: .zero, since: since.map { _ in now }, bytes: 0)
            return .fine
        }
    }
}

/// A body that came too slowly to go on; thrown where it is read, so that its client can still be told.
package struct SlowBodyError: Error {}
