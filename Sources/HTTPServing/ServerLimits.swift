package import NIOCore

/// What a server allows its clients.
package struct ServerLimits: Sendable {
    /// How long a client may send nothing while the server waits for it: for a request, or for the rest of one.
    package var idleTimeout: TimeAmount = .seconds(60)

    /// How long a request's head may take from its first byte to its end.
    package var headTimeout: TimeAmount = .seconds(10)

    /// How long a body is waited for before it is asked how much came.
    package var bodyStretch: TimeAmount = .seconds(30)

    /// How many bytes of a body must come in such a stretch: one kilobyte a second.
    package var bodyBytesPerStretch = 30 * 1024

    /// How long a client may take nothing of an answer that is there for it.
    package var writeStall: TimeAmount = .seconds(60)

    /// How many connections may wait for being accepted.
    package var backlog = 1024

    /// How many connections may be open; more wait in the backlog.
    package var connections = 4096

    /// The largest request head, in bytes.
    package var headBytes = 32 * 1024

    /// The most header fields of a request.
    package var headFields = 200

    /// How much is read of a connection before others get their turn, in bytes.
    package var readBytes = 16 * 1024

    /// How much of a body nobody wants is read to keep its connection; past it the connection closes.
    package var discardedBodyBytes = 64 * 1024

    /// How long a closing connection is still read, so that its client gets to the answer.
    package var lingering: TimeAmount = .seconds(1)

    /// The limits a server has if nobody says otherwise.
    package init() {}
}
