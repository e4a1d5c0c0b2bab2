import HTTPServing
import HTTPTypes
import Logging
import NIOCore

/// Says hello over HTTP, on Hummingbird.
enum HelloServer {
    /// The end of each answer.
    static let body = "hello"

    /// Starts a server on a free port of this machine.
    ///
    /// - Parameters:
    ///   - executor: Where handlers run.
    ///   - work: What a handler does before it answers.
    /// - Returns: The server, which must be stopped.
    /// - Throws: What the system says.
    static func start(
        _ executor: HandlerExecutor,
        work: @escaping @Sendable () -> Void = {}
    ) async throws -> HTTPServer {
        let configuration = HTTPServer.Configuration(
            host: "127.0.0.1",
            port: 0,
            loops: 1,
            executor: executor,
            logger: Logger(label: "hello", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let answer = ByteBuffer(string: body)
        return try await HTTPServer.start(configuration) { exchange in
            respondsSlowly(work)
            try await exchange.respond(HTTPResponse(status: .ok), body: answer)
        }
    }
}

@inline(never) private func respondsSlowly(_ work: @escaping @Sendable () -> Void) {
    work()
    // Not the last thing done here: the optimizer would leave this function before the call.
    withExtendedLifetime(work) {}
}
