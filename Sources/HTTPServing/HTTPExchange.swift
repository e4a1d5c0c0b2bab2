package import HTTPTypes
package import HummingbirdCore
package import NIOCore

/// One request and the means to answer it.
///
/// It keeps the rules of HTTP/1.1 that a handler would forget: `100 Continue` is sent when the handler first
/// asks for the body, of which little is read before, and a connection whose body stays unread is closed so
/// that the client still gets its answer.
package struct HTTPExchange: ~Copyable {
    /// The request line and headers; `path` is the target as the client sent it, with nothing decoded.
    package let head: HTTPRequest

    /// The connection.
    package let channel: any Channel

    /// When the first bytes of the request were read.
    package let start: NIODeadline

    /// How many bytes of the body were read so far.
    package private(set) var bodyBytesRead = 0

    /// Whether an answer was sent, or sending one was tried.
    package var isAnswered: Bool { writer == nil }

    private let connection: ConnectionState
    private let limits: ServerLimits
    private var body: RequestBody.AsyncIterator
    private var bodyEnded = false
    private var bodyFailed = false
    private var continueIsExpected: Bool
    private var writer: ResponseWriter?
    private var closes = false

    init(
        request: Request,
        writer: consuming ResponseWriter,
        channel: any Channel,
        connection: ConnectionState,
        limits: ServerLimits
    ) {
        self.head = request.head
        self.body = request.body.makeAsyncIterator()
        self.writer = consume writer
        self.channel = channel
        self.connection = connection
        self.limits = limits
        self.start = connection.requestStart()
        self.continueIsExpected = request.head.expectsContinue
        self.bodyEnded = !request.head.hasBody
        connection.requestBegan(hasBody: !bodyEnded)
    }

    /// The declared length of the body; nil if it is chunked.
    package var contentLength: Int? {
        head.hasBody ? head.headerFields[.contentLength].flatMap { Int($0) } : 0
    }

    /// Reads the next bytes of the body, after sending `100 Continue` if the client waits for it.
    ///
    /// - Returns: Bytes as they came in; nil at the end.
    /// - Throws: What the connection or its HTTP parser says; the request can't be read further then.
    package mutating func readBody() async throws -> ByteBuffer? {
        if bodyEnded { return nil }
        if continueIsExpected { try await sendContinue() }
        connection.bodyIsAwaited()
        defer { connection.bodyCame() }
        do {
            guard let bytes = try await body.next() else {
                bodyEnded = true
                return nil
            }
            bodyBytesRead += bytes.readableBytes
            return bytes
        } catch {
            bodyFailed = true
            throw error
        }
    }

    /// Answers the request with a body that is at hand.
    ///
    /// - Parameters:
    ///   - response: Status and headers; `Content-Length` and `Date` are added unless they are there.
    ///   - body: The body; a HEAD request gets its length only.
    /// - Throws: What the connection says.
    package mutating func respond(_ response: HTTPResponse, body: ByteBuffer = ByteBuffer()) async throws {
        var response = response
        if response.headerFields[.contentLength] == nil, response.status.allowsBody {
            response.headerFields[.contentLength] = String(body.readableBytes)
        }
        let writer = takeWriter(for: &response)
        if head.method == .head || body.readableBytes == 0 {
            try await writer.writeResponse(response)
        } else {
            try await writer.write(response: response, body: ResponseBody(byteBuffer: body))
        }
    }

    /// Answers the request with a body that is written bit by bit.
    ///
    /// - Parameters:
    ///   - response: Status and headers, which should have a `Content-Length`: chunked is used without.
    ///   - write: Writes the body. It waits while the client reads too slowly.
    /// - Throws: What the connection or the closure says; the connection can't be used further then.
    package mutating func respond(
        _ response: HTTPResponse,
        streaming write: (inout any ResponseBodyWriter) async throws -> Void
    ) async throws {
        var response = response
        var body: any ResponseBodyWriter = try await takeWriter(for: &response).writeHead(response)
        try await write(&body)
        try await body.finish(nil)
    }

    /// Whether the client is on this machine.
    package var isFromThisHost: Bool {
        guard let address = channel.remoteAddress?.ipAddress else { return false }
        return address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }

    /// Runs an operation and cancels it when the client goes away, or when it takes too long.
    ///
    /// - Parameters:
    ///   - limit: How long it may take; nil is as long as it takes.
    ///   - operation: The work; it must end soon after its task is cancelled.
    /// - Returns: What the operation returns, even if the client is gone or the time over.
    /// - Throws: What the operation throws, in a ``LateError`` if its time was over before.
    package borrowing func cancellingOnDisconnect<Value: Sendable>(
        orAfter limit: TimeAmount? = nil,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        connection.onDisconnect { end.finish() }
        defer { connection.onDisconnect(nil) }
        let alarm = limit.map { limit in
            channel.eventLoop.scheduleTask(in: limit) {
                end.yield()
                end.finish()
            }
        }
        defer { alarm?.cancel() }
        return try await withThrowingTaskGroup(of: CancellableStep<Value>.self) { group in
            group.addTask { .done(try await operation()) }
            group.addTask {
                for await _ in ends { return .late }
                return .gone
            }
            var isLate = false
            do {
                while let step = try await group.next() {
                    group.cancelAll()
                    switch step {
                    case .done(let value): return value
                    case .late: isLate = true
                    case .gone: break
                    }
                }
            } catch {
                throw isLate ? LateError(cause: error) : error
            }
            throw CancellationError()
        }
    }

    /// Ends the exchange: the connection is left at the next request, or closed.
    ///
    /// - Throws: ``ConnectionClosing`` to end the connection's loop, or what the connection says.
    mutating func finish() async throws {
        connection.resumeReading()
        if !isAnswered { try await respond(HTTPResponse(status: .internalServerError)) }
        if closes, !(bodyEnded && head.asksExactlyForClose) {
            await linger()
            throw ConnectionClosing()
        }
        do {
            while try await readBody() != nil {}
        } catch {
            // The request is answered; Hummingbird would answer what the HTTP parser says once more.
            throw ConnectionClosing()
        }
        connection.requestEnded()
    }

    private mutating func takeWriter(for response: inout HTTPResponse) -> ResponseWriter {
        guard let writer = writer.take() else { fatalError("a request is answered once") }
        closes = head.asksForClose || response.headerFields[.connection] == "close" || !bodyCanBeDiscarded
        if closes { response.headerFields[.connection] = "close" }
        if response.headerFields[.date] == nil { response.headerFields[.date] = HTTPDate.now() }
        return writer
    }

    /// Whether what is left of the body is worth reading to keep the connection.
    private var bodyCanBeDiscarded: Bool {
        if bodyEnded { return true }
        guard !continueIsExpected, !bodyFailed, let contentLength else { return false }
        return contentLength - bodyBytesRead <= limits.discardedBodyBytes
    }

    private mutating func sendContinue() async throws {
        continueIsExpected = false
        guard let writer = writer.take() else { return }
        try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        self.writer = consume writer
    }

    /// Closes the sending side, then reads and drops until the client has seen that, or too long.
    ///
    /// Closing with unread bytes would reset the connection and could take the answer from the client.
    private mutating func linger() async {
        continueIsExpected = false
        let channel = channel
        channel.close(mode: .output, promise: nil)
        let deadline = channel.eventLoop.scheduleTask(in: limits.lingering) { channel.close(promise: nil) }
        // Whatever ends the reading, the connection is closed next.
        while (try? await body.next()) != nil {}
        deadline.cancel()
    }
}

/// What ended an operation that was cancelled since its time was over.
package struct LateError: Error {
    /// What the operation threw.
    package let cause: any Error
}

/// What a task beside an operation, or the operation itself, has to say.
private enum CancellableStep<Value: Sendable>: Sendable {
    case done(Value)
    case late
    case gone
}

/// Thrown to close a connection after its last answer; Hummingbird closes on any error.
struct ConnectionClosing: Error {}

extension HTTPRequest {
    fileprivate var hasBody: Bool {
        if headerFields[.transferEncoding] != nil { return true }
        return headerFields[.contentLength].map { $0 != "0" } ?? false
    }

    fileprivate var expectsContinue: Bool {
        headerFields[.expect]?.lowercased() == "100-continue"
    }

    fileprivate var asksForClose: Bool {
        guard let connection = headerFields[.connection] else { return false }
        return connection.lowercased().split(separator: ",").contains { $0.filter { $0 != " " } == "close" }
    }

    /// The one spelling on which Hummingbird closes by itself.
    fileprivate var asksExactlyForClose: Bool { headerFields[.connection] == "close" }
}

extension HTTPResponse.Status {
    fileprivate var allowsBody: Bool { self != .noContent && self != .notModified }
}
