import HTTPServing
import HTTPTypes
import Logging
import NIOCore
import S3Wire
import Synchronization

/// A server that gives prepared answers, one to each request, for what no real store can be brought to say.
final class ScriptedStore: Sendable {
    /// One prepared answer; nil cuts the connection.
    struct Answer: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body = ""
    }

    /// A request as it came.
    struct Request: Sendable {
        let method: String
        let target: String
        let headers: [String: String]
    }

    private let answers: Mutex<[Answer?]>
    private let requests = Mutex<[Request]>([])

    /// What was asked, in order.
    var asked: [Request] { requests.withLock { $0 } }

    private init(_ answers: [Answer?]) {
        self.answers = Mutex(answers)
    }

    /// Runs a test with a server.
    static func with(
        _ answers: [Answer?],
        _ test: (ScriptedStore, S3Endpoint) async throws -> Void
    ) async throws {
        let store = ScriptedStore(answers)
        let configuration = HTTPServer.Configuration(
            host: "127.0.0.1",
            port: 0,
            loops: 1,
            executor: .loop,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await HTTPServer.with(
            configuration,
            grace: .seconds(1),
            respond: { try await store.respond(&$0) },
            { server in try await test(store, S3Endpoint(host: "127.0.0.1", port: server.port)) }
        )
    }

    private func respond(_ exchange: inout HTTPExchange) async throws {
        let fields = exchange.head.headerFields.map { ($0.name.canonicalName, $0.value) }
        let request = Request(
            method: exchange.head.method.rawValue,
            target: exchange.head.path ?? "",
            headers: Dictionary(fields) { first, _ in first }
        )
        requests.withLock { $0.append(request) }
        let answer = answers.withLock { answers in answers.count > 1 ? answers.removeFirst() : answers.first }
        while try await exchange.readBody() != nil {}
        guard let answer = answer ?? nil else {
            exchange.channel.close(promise: nil)
            throw CancellationError()
        }
        var head = HTTPResponse(status: .init(code: answer.status))
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { head.headerFields[name] = value }
        }
        try await exchange.respond(head, body: ByteBuffer(string: answer.body))
    }
}
