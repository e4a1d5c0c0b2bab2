import NIOCore
import NIOPosix

/// What came of a run.
struct LoadResult {
    let seconds: Double
    let latencies: [Double]

    /// Requests a second and three quantiles in milliseconds.
    var line: String {
        let sorted = latencies.sorted()
        func quantile(_ share: Double) -> Double {
            sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
        }
        let values = [
            Double(sorted.count) / seconds, quantile(0.5), quantile(0.99), sorted[sorted.count - 1],
        ]
        return values.map { "\((($0 * 1000).rounded()) / 1000)" }.joined(separator: " ")
    }
}

/// Keeps so many connections busy from one thread, each with one request at a time.
struct LoadLoop {
    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    /// Sends requests and waits for all answers.
    func send(_ requests: [BenchRequest]) async throws -> LoadResult {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let count = min(options.connections, requests.count)
        let source = try await loop.submit { NIOLoopBound(RequestSource(requests), eventLoop: loop) }.get()
        var channels: [any Channel] = []
        for _ in 0..<count {
            let bootstrap = ClientBootstrap(group: loop)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = OneAtATime(source.value, channel.eventLoop.makePromise())
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
            channels.append(try await bootstrap.connect(host: options.host, port: options.port).get())
        }
        let connected = channels
        let start = NIODeadline.now()
        let done = try await loop.flatSubmit {
            EventLoopFuture.andAllSucceed(
                connected.map { channel in
                    do {
                        let handler = try channel.pipeline.syncOperations.handler(type: OneAtATime.self)
                        handler.begin(channel)
                        return handler.finished.futureResult
                    } catch {
                        return loop.makeFailedFuture(error)
                    }
                },
                on: loop
            ).map { NIODeadline.now() }
        }.get()
        let latencies = try await loop.submit { source.value.latencies }.get()
        // A connection that the store has closed already is as good.
        for channel in channels { try? await channel.close() }
        try await group.shutdownGracefully()
        return LoadResult(seconds: Double((done - start).nanoseconds) / 1e9, latencies: latencies)
    }
}

/// The requests not sent yet, and how long the others took; belongs to one loop.
final class RequestSource {
    private let requests: [BenchRequest]
    private var next = 0
    var latencies: [Double] = []

    init(_ requests: [BenchRequest]) {
        self.requests = requests
        latencies.reserveCapacity(requests.count)
    }

    func take() -> BenchRequest? {
        guard next < requests.count else { return nil }
        defer { next += 1 }
        return requests[next]
    }
}

/// Sends a request when the last one is answered.
final class OneAtATime: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let finished: EventLoopPromise<Void>
    private let source: RequestSource
    private var unread = ByteBuffer()
    private var bodyLeft: Int?
    private var sent = NIODeadline.now()

    init(_ source: RequestSource, _ finished: EventLoopPromise<Void>) {
        self.source = source
        self.finished = finished
    }

    func begin(_ channel: any Channel) {
        guard let request = source.take() else { return finished.succeed() }
        sent = .now()
        channel.write(request.head, promise: nil)
        if request.rest.readableBytes > 0 { channel.write(request.rest, promise: nil) }
        channel.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if unread.readableBytes > 0 || bodyLeft == nil { unread.writeBuffer(&bytes) }
        if bodyLeft == nil {
            guard let end = unread.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            let head = String(decoding: unread.readableBytesView[..<end.lowerBound], as: UTF8.self)
            guard head.hasPrefix("HTTP/1.1 2") else {
                return finished.fail(BenchError(message: "answered: \(head)"))
            }
            let field = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            bodyLeft = field?.split(separator: " ").last.flatMap { Int($0) } ?? 0
            unread.moveReaderIndex(to: end.upperBound)
            if head.lowercased().contains("transfer-encoding: chunked") {
                return finished.fail(BenchError(message: "chunked answers are not read here"))
            }
        }
        let come = unread.readableBytes + bytes.readableBytes
        guard let left = bodyLeft, come >= left else {
            bodyLeft = bodyLeft.map { $0 - come }
            unread.clear()
            return
        }
        unread.clear()
        bodyLeft = nil
        source.latencies.append(Double((NIODeadline.now() - sent).nanoseconds) / 1e6)
        begin(context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finished.fail(BenchError(message: "the store closed the connection"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { finished.fail(error) }
}
