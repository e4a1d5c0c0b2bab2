package import HTTPTypes
package import NIOCore
import NIOHTTP1

/// What is wrong with a request's head that no handler gets.
package enum HeadFault: Sendable, CaseIterable {
    /// It was not whole in its time.
    case slow
    /// It has more bytes or fields than a head may have.
    case tooLarge
    /// It is not HTTP/1.1.
    case malformed

    /// The status it is answered with.
    package var status: HTTPResponse.Status {
        switch self {
        case .slow: .requestTimeout
        case .tooLarge: .requestHeaderFieldsTooLarge
        case .malformed: .badRequest
        }
    }
}

extension HTTPServer {
    /// Gives the fields and body of the answer to a head that no handler gets.
    package typealias HeadRefusal = @Sendable (HeadFault) -> (fields: HTTPFields, body: ByteBuffer)
}

/// Has a head that can't be parsed answered, right behind the parser: after the answers to the requests before it.
///
/// What is wrong with a body goes on to who reads it.
final class HeadFaultHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Whether a request's head was read and its end was not.
    private var isInRequest = false
    /// Requests whose heads were read and that are not answered yet.
    private var unanswered = 0
    /// Whether the last answer ends the connection.
    private var isClosing = false
    /// What waits for the answers before it.
    private var fault: HeadFault?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isInRequest = true
            unanswered += 1
        case .body: break
        case .end: isInRequest = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        context.write(data, promise: promise)
        switch part {
        case .head(let head): isClosing = head.headers[canonicalForm: "connection"].contains("close")
        case .body: break
        case .end:
            unanswered -= 1
            // Whoever was told that the connection closes gets no other answer.
            if let fault, unanswered == 0, !isClosing { answer(fault, context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, !isInRequest else {
            context.fireErrorCaught(error)
            return
        }
        let fault: HeadFault = error == .headerOverflow ? .tooLarge : .malformed
        if unanswered == 0 { answer(fault, context) } else { self.fault = fault }
    }

    private func answer(_ fault: HeadFault, _ context: ChannelHandlerContext) {
        self.fault = nil
        do {
            let place = try context.pipeline.syncOperations.context(handlerType: ConnectionWatch.self)
            (place.handler as? ConnectionWatch)?.answer(fault, place)
        } catch {
            // The connection is gone, and its handlers with it.
            context.fireErrorCaught(error)
        }
    }
}
