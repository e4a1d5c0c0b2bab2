import Foundation
import HTTPServing
import IngestServer
import S3Lite
import S3Wire

/// The ingest server inside this process, with the store that it writes to.
struct EmbeddedStack {
    /// The ingest server.
    let ingest: IngestService
    /// What the server stores in, as the run document names it: "s3lite memory", or the URL of a service.
    let storeName: String

    private let store: S3Service?

    /// Whether it stores inside this process.
    var hasOwnStore: Bool { store != nil }

    /// Runs a server, and a store unless another was named, while a closure runs.
    ///
    /// - Parameters:
    ///   - options: The server's flags.
    ///   - environment: The variables of the process.
    ///   - grace: How long requests in flight may take at the end.
    ///   - configure: Sets what the caller decides.
    ///   - body: Uses the stack.
    /// - Returns: What the closure returns, and whether every request was answered.
    /// - Throws: What starting a server throws, or what the closure throws.
    static func with<Value: Sendable>(
        _ options: IngestOptions,
        environment: [String: String],
        grace: Duration,
        configure: (inout IngestConfiguration) -> Void,
        _ body: (EmbeddedStack) async throws -> Value
    ) async throws -> (value: Value, allAnswered: Bool) {
        try IngestProcess.prepare()
        let named = try options.namedBucket(environment)
        let store = named == nil ? try await S3Service.start(S3Configuration(storage: .memory)) : nil
        do {
            let stack = try await start(options, named: named, store: store, configure: configure)
            let value: Value
            do {
                value = try await body(stack)
            } catch {
                await stack.ingest.stop(grace: grace)
                throw error
            }
            let allAnswered = await stack.ingest.stop(grace: grace)
            await store?.stop(grace: grace)
            return (value, allAnswered)
        } catch {
            await store?.stop(grace: .zero)
            throw error
        }
    }

    private static func start(
        _ options: IngestOptions,
        named: IngestConfiguration.Bucket?,
        store: S3Service?,
        configure: (inout IngestConfiguration) -> Void
    ) async throws -> EmbeddedStack {
        guard
            let bucket = named
                ?? store.map({
                    IngestConfiguration.Bucket(
                        endpoint: $0.endpoint,
                        credentials: $0.credentials,
                        name: options.bucketName,
                        isCreated: true
                    )
                })
        else { fatalError("a stack has a store of its own or a named one") }
        var configuration = IngestConfiguration(
            bucket: bucket,
            workers: options.workerCount,
            logger: .standardError("ingest")
        )
        configuration.loops = options.loopCount
        configuration.executor = options.handlerExecutor
        configuration.png = options.png ?? .fast
        configuration.isolation = options.isolate == true ? .running : nil
        configuration.watch = options.watchThreshold
        configure(&configuration)
        return EmbeddedStack(
            ingest: try await IngestService.start(configuration),
            storeName: named.map { $0.endpoint.url } ?? "s3lite memory",
            store: store
        )
    }

    /// Empties the embedded store, so that rounds don't pile up gigabytes; a named store is left alone.
    ///
    /// A store that can't be emptied costs memory but no truth, so the run goes on and says so.
    func emptyStore() async {
        do {
            try await store?.removeAllObjects()
        } catch {
            writeToStandardError("ingest-bench: the embedded store could not be emptied: \(error)\n")
        }
    }
}
