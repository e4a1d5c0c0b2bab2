import HTTPTypes
import NIOCore

/// Tells a connection's state what its bytes and events say, holds back reading while that is paused, and closes
/// when the client is idle.
final class ConnectionWatch: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let state: ConnectionState
    private let limits: ServerLimits
    private let refuse: HTTPServer.HeadRefusal
    private var nextLook: Scheduled<Void>?
    /// Whether the next look was brought forward for a head that came in pieces.
    private var isInHead = false
    /// Whether the connection's last answer was given here: all that still comes is dropped.
    private var hasRefused = false

    init(state: ConnectionState, limits: ServerLimits, refuse: @escaping HTTPServer.HeadRefusal) {
        self.state = state
        self.limits = limits
        self.refuse = refuse
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { look(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        nextLook?.cancel()
    }

    func channelActive(context: ChannelHandlerContext) {
        look(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if hasRefused { return }
        if state.bytesArrived(unwrapInboundIn(data)), !isInHead {
            isInHead = true
            look(context)
        }
        context.fireChannelRead(data)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        state.writabilityChanged(to: context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        let channel = context.channel
        // The channel's own read comes back to here, and then passes.
        if !state.holdsRead({ channel.read() }) { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            state.disconnected()
            // It has its answer, and has seen the end of it.
            if hasRefused { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // Nothing is answered any more: all that is left is the client's turn to close.
        if mode == .output { state.clientIsAwaited() }
        context.close(mode: mode, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        nextLook?.cancel()
        state.disconnected()
        context.fireChannelInactive()
    }

    /// Answers a head that no handler gets, and closes so that the client still reads that.
    ///
    /// - Parameters:
    ///   - fault: What is wrong with the head.
    ///   - context: This handler's.
    func answer(_ fault: HeadFault, _ context: ChannelHandlerContext) {
        guard !hasRefused else { return }
        hasRefused = true
        nextLook?.cancel()
        let channel = context.channel
        var (fields, body) = refuse(fault)
        fields[.connection] = "close"
        fields[.contentLength] = "\(body.readableBytes)"
        fields[.date] = HTTPDate.now()
        var bytes = channel.allocator.buffer(capacity: 512 + body.readableBytes)
        bytes.writeString("HTTP/1.1 \(fault.status.code) \(fault.status.reasonPhrase)\r\n")
        for field in fields { bytes.writeString("\(field.name): \(field.value)\r\n") }
        bytes.writeString("\r\n")
        bytes.writeBuffer(&body)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
        context.close(mode: .output, promise: nil)
        nextLook = channel.eventLoop.assumeIsolated().scheduleTask(in: limits.lingering) {
            channel.close(promise: nil)
        }
        state.resumeReading()
    }

    /// Judges the client, and says when to do it again.
    private func look(_ context: ChannelHandlerContext) {
        nextLook?.cancel()
        switch state.verdict() {
        case .close: context.close(promise: nil)
        case .refuseHead: answer(.slow, context)
        case .failBody:
            // Whoever reads the body can answer; in case nobody does, the connection is closed next.
            context.fireErrorCaught(SlowBodyError())
            nextLook = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(5)) {
                context.close(promise: nil)
            }
        case .lookAgain(let time):
            nextLook = context.eventLoop.assumeIsolated().scheduleTask(deadline: time) {
                self.isInHead = false
                self.look(context)
            }
        }
    }
}
