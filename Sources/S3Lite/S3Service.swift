import HTTPServing
public import Logging
import NIOCore
public import S3Wire

/// A small S3 server: one owner, one node, plain HTTP/1.1.
///
/// It has event loops and threads of its own, so that its work never shows on another server's loop.
public final class S3Service: Sendable {
    /// Where clients find it.
    public let endpoint: S3Endpoint
    /// The first of the key pairs it accepts.
    public let credentials: S3Credentials

    private let store: ObjectStore
    private let server: HTTPServer

    /// Starts a store; it accepts connections when this returns, until it is stopped.
    ///
    /// - Parameters:
    ///   - configuration: How it is run.
    ///   - logger: Where the HTTP server reports; nil for nowhere.
    /// - Returns: The running store, which the caller must stop.
    /// - Throws: ``S3LiteError``.
    public static func start(
        _ configuration: S3Configuration = S3Configuration(),
        logger: Logger? = nil
    ) async throws(S3LiteError) -> S3Service {
        var generator = SystemRandomNumberGenerator()
        let credentials =
            configuration.credentials.isEmpty ? [.random(using: &generator)] : configuration.credentials
        let store = try open(configuration)
        let handler = RequestHandler(
            store: store,
            configuration: configuration,
            credentials: credentials,
            idPrefix: UInt32.random(in: .min ... .max, using: &generator)
        )
        do {
            let server = try await HTTPServer.start(
                HTTPServer.Configuration(
                    host: configuration.host,
                    port: configuration.port,
                    loops: configuration.eventLoops,
                    executor: .loop,
                    limits: configuration.limits,
                    logger: logger ?? Logger(label: "s3lite") { _ in SwiftLogNoOpLogHandler() }
                ),
                respond: { exchange in try await handler.respond(to: &exchange) }
            )
            return S3Service(configuration, credentials: credentials[0], store: store, server: server)
        } catch {
            // The address is the news; a store nobody used closes without loss.
            try? await store.close()
            throw .cannotListen(message: error.message, hint: error.hint)
        }
    }

    /// Runs a store while a closure runs.
    ///
    /// - Parameters:
    ///   - configuration: How the store is run.
    ///   - body: Uses the store.
    /// - Returns: What the closure returns.
    /// - Throws: ``S3LiteError`` if it can't start, or what the closure throws.
    public static func with<Value: Sendable>(
        _ configuration: S3Configuration = S3Configuration(),
        _ body: (S3Service) async throws -> Value
    ) async throws -> Value {
        let service = try await start(configuration)
        do {
            let value = try await body(service)
            await service.stop(grace: .seconds(5))
            return value
        } catch {
            await service.stop(grace: .seconds(5))
            throw error
        }
    }

    private init(
        _ configuration: S3Configuration,
        credentials: S3Credentials,
        store: ObjectStore,
        server: HTTPServer
    ) {
        self.store = store
        self.server = server
        self.credentials = credentials
        endpoint = S3Endpoint(
            host: configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host,
            port: server.port,
            region: configuration.region ?? "us-east-1",
            addressing: .path
        )
    }

    private static func open(_ configuration: S3Configuration) throws(S3LiteError) -> ObjectStore {
        do {
            switch configuration.storage {
            case .memory: return try ObjectStore.inMemory(configuration)
            case .directory(let path, let durability):
                return try ObjectStore.inFolder(
                    path,
                    isDurable: durability == .fsync,
                    configuration: configuration
                )
            }
        } catch let error as S3LiteError {
            throw error
        } catch {
            throw .databaseUnusable(reason: "\(error)")
        }
    }

    /// Stops accepting, lets the requests in flight be answered, and closes the store.
    ///
    /// - Parameter grace: How long the requests in flight may take before they are cut.
    /// - Returns: Whether every request was answered.
    @discardableResult
    public func stop(grace: Duration) async -> Bool {
        let allAnswered = await server.stop(grace: TimeAmount(grace))
        do {
            try await store.close()
        } catch {
            // Every commit is on the disk already: closing adds nothing to what was promised.
        }
        return allAnswered
    }

    /// Removes every bucket and object.
    ///
    /// - Throws: What the database says.
    public func reset() async throws {
        try await store.removeAll(keepingBuckets: false)
    }

    /// Removes every object and every upload under way; buckets stay.
    ///
    /// - Throws: What the database says.
    public func removeAllObjects() async throws {
        try await store.removeAll(keepingBuckets: true)
    }
}
