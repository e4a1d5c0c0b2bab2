import Logging
import S3Lite
import S3Wire
import Synchronization
import Testing

/// What a store writes to its log, at the level that says most.
struct SecretLogTests {
    private typealias Request = SignedRequests.Request

    @Test func `no line shows a secret, a signature or an authorization`() async throws {
        let lines = LogLines()
        var logger = Logger(label: "test") { _ in CapturingLogHandler(lines: lines) }
        logger.logLevel = .trace
        var configuration = S3Configuration()
        configuration.credentials = [S3Credentials(accessKey: "LOGTESTKEY", secretKey: "log-test-secret")]
        let store = try await S3Service.start(configuration, logger: logger)
        let requests = try SignedRequests(store)
        _ = try await requests.send(Request(method: "PUT", target: "/bucket"))
        _ = try await requests.send(Request(target: "/bucket/none"))
        let put = Request(method: "PUT", target: "/bucket/a", body: [1])
        let signed = try requests.signedHeaders(put).fields.dropFirst().map { ($0.name, $0.value) }
        let authorization = try #require(signed.first { $0.0 == "authorization" }?.1)
        _ = try await requests.sendRaw("DELETE", "/bucket/a", signed)
        let signature = String(repeating: "5", count: 64)
        _ = try await requests.sendRaw("GET", "/bucket/a?X-Amz-Signature=\(signature)")
        requests.stop()
        await store.stop(grace: .seconds(5))
        #expect(!lines.all.isEmpty)
        for line in lines.all {
            for secret in ["log-test-secret", signature, authorization, "Signature="] {
                #expect(!line.contains(secret))
            }
        }
    }
}

private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func append(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct CapturingLogHandler: LogHandler {
    let lines: LogLines
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.append("\(event.message) \(event.metadata ?? [:]) \(metadata)")
    }
}
