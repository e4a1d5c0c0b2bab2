import NIOCore
import Synchronization

/// What the loop knows of a connection and its request handlers want to know.
///
/// The connection's loop writes it, handlers read it on whatever thread they run.
final class ConnectionState: Sendable {
    private struct Facts {
        var requestStart: NIODeadline?
        var isDisconnected = false
        var onDisconnect: (@Sendable () -> Void)?
    }

    private let facts = Mutex(Facts())

    /// Notes that bytes came in; the first ones after a request was done start the next request.
    func bytesArrived() {
        facts.withLock { facts in
            if facts.requestStart == nil { facts.requestStart = .now() }
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
        facts.withLock { $0.requestStart = nil }
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

/// Tells a connection's state what its bytes and events say, and passes everything on.
final class ConnectionWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let state: ConnectionState

    init(state: ConnectionState) {
        self.state = state
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        state.bytesArrived()
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { state.disconnected() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.disconnected()
        context.fireChannelInactive()
    }
}
