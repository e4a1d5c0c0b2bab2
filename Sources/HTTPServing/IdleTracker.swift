package import NIOCore

/// Decides when a client has kept its connection waiting for too long.
///
/// Only the time counts in which the server waits for the client's bytes. An upload that the server itself
/// holds back is never idle, however long that takes.
package struct IdleTracker: Sendable {
    /// What to do with a connection now.
    package enum Verdict: Sendable, Equatable {
        /// The client had its time: close.
        case idle
        /// Ask again then, and not before.
        case lookAgain(at: NIODeadline)
    }

    private let timeout: TimeAmount
    private var awaitedSince: NIODeadline?
    private var nextLook: NIODeadline

    /// Begins to wait for a client.
    ///
    /// - Parameters:
    ///   - timeout: How long the client may send nothing while it is waited for.
    ///   - now: When the connection was made.
    package init(timeout: TimeAmount, now: NIODeadline) {
        self.timeout = timeout
        awaitedSince = now
        nextLook = now + timeout
    }

    /// Notes that the server waits for the client from now on.
    ///
    /// - Parameter now: The current time.
    package mutating func awaitClient(at now: NIODeadline) {
        awaitedSince = now
    }

    /// Notes that the next step is the server's, not the client's.
    package mutating func stopWaiting() {
        awaitedSince = nil
    }

    /// Notes bytes of the client, which begin its time anew if it was waited for.
    ///
    /// - Parameter now: The current time.
    package mutating func clientSent(at now: NIODeadline) {
        if awaitedSince != nil { awaitedSince = now }
    }

    /// Judges the connection.
    ///
    /// - Parameter now: The current time, at or after the one the last verdict named.
    /// - Returns: What to do.
    package mutating func verdict(at now: NIODeadline) -> Verdict {
        // The loop was blocked: what the client has sent meanwhile may not have been read yet.
        let isLate = 4 * (now - nextLook) > timeout
        if isLate { clientSent(at: now) }
        let end = (awaitedSince ?? now) + timeout
        if end <= now { return .idle }
        nextLook = end
        return .lookAgain(at: end)
    }
}
