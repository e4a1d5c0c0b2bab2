import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// One accepted connection: its HTTP channel and what the loop knows of it.
struct HTTPConnection: ServerChildChannelValue {
    let http: HTTP1Channel.Value
    let state: ConnectionState

    var channel: any Channel { http.channel }
}

/// Hummingbird's HTTP/1.1 connection handling, on the executor asked for and with its limits.
struct HTTPConnectionSetup: ServerChildChannel {
    let limits: ServerLimits
    /// The executor of each loop; empty where handlers run on the cooperative pool.
    let executors: [ObjectIdentifier: EventLoopTaskExecutor]
    let refuseHead: HTTPServer.HeadRefusal
    let cutOff: CutOff
    let respond: HTTPServer.Responder

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTPConnection> {
        let state = ConnectionState(limits: limits)
        do {
            // A loop that finds a hundred connections readable reads from each before it does anything else; by
            // itself NIO takes up to 256 kB of each, which made turns of 20 ms.
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            try channel.syncOptions?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2048, maximum: limits.readBytes)
            )
            try channel.pipeline.syncOperations.addHandler(
                ConnectionWatch(state: state, limits: limits, refuse: refuseHead)
            )
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        // The responder only serves `handle`, where each connection gets its own.
        return HTTP1Channel(responder: { _, _, _ in }, configuration: http1Configuration)
            .setup(channel: channel, logger: logger)
            .flatMapThrowing { http in
                let pipeline = channel.pipeline.syncOperations
                let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try pipeline.addHandler(HeadFaultHandler(), position: .after(parser))
                return HTTPConnection(http: http, state: state)
            }
    }

    func handle(value connection: HTTPConnection, logger: Logger) async {
        let http = HTTP1Channel(
            responder: { request, writer, channel in
                var exchange = HTTPExchange(
                    request: request,
                    writer: writer,
                    channel: channel,
                    connection: connection.state,
                    limits: limits
                )
                try await respond(&exchange)
                try await exchange.finish()
            },
            configuration: http1Configuration
        )
        let executor = executors[ObjectIdentifier(connection.channel.eventLoop)]
        await cutOff.wait(
            for: Task(executorPreference: executor) {
                await http.handle(value: connection.http, logger: logger)
            }
        )
    }

    private var http1Configuration: HTTP1Channel.Configuration {
        // Without its time-out, which takes a body that the server has not asked for yet for a silent client.
        .init(
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headBytes,
                maxHeaderListSize: limits.headBytes,
                maxHeaderFieldCount: limits.headFields
            )
        )
    }
}
