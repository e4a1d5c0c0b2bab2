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

/// Has a head that can't be parsed answered, behind the parser.
///
/// What is wrong with a body goes on to who reads it.
final class HeadFaultHandler: ChannelInboundHandler, RemovableChannelHandler {
    // Whatever the parser gives; it is only passed on.
    typealias InboundIn = Never

    private let state: ConnectionState

    init(state: ConnectionState) {
        self.state = state
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        state.headWasRead()
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        do {
            guard let error = error as? HTTPParserError, !state.hasRequest else {
                context.fireErrorCaught(error)
                return
            }
            let place = try context.pipeline.syncOperations.context(handlerType: ConnectionWatch.self)
            guard let watch = place.handler as? ConnectionWatch else { return context.fireErrorCaught(error) }
            watch.answer(error == .headerOverflow ? .tooLarge : .malformed, place)
        } catch {
            // The connection is gone, and its handlers with it.
            context.fireErrorCaught(error)
        }
    }
}
