import HTTPServing
import HTTPTypes
import Logging
import NIOCore

/// Answers with the body of the request.
let echo: HTTPServer.Responder = { exchange in
    var body = ByteBuffer()
    while var bytes = try await exchange.readBody() { body.writeBuffer(&bytes) }
    try await exchange.respond(HTTPResponse(status: .ok), body: body)
}

/// Answers without a look at the body.
let refuse: HTTPServer.Responder = { exchange in
    try await exchange.respond(HTTPResponse(status: .unauthorized), body: ByteBuffer(string: "no"))
}

/// Writes a POST request.
func post(_ body: String, length: Int? = nil, headers: String = "") -> String {
    "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: \(length ?? body.utf8.count)\r\n\(headers)\r\n\(body)"
}

extension HTTPServer.Configuration {
    /// A server on a free port of the loopback interface that logs nothing.
    static func test(executor: HandlerExecutor = .loop, loops: Int = 1) -> Self {
        Self(
            host: "127.0.0.1",
            port: 0,
            loops: loops,
            executor: executor,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }
}
