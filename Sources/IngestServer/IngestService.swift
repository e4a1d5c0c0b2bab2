package import HTTPServing
package import LoopWatch
import Logging
import MuPDF
package import NIOCore
import S3Client

/// A running ingest server: it takes PDFs, stores their images in S3 and answers with their text.
package final class IngestService: Sendable {
    /// Where clients find it, without a slash at the end.
    package var baseURL: String { server.url }

    /// The port it listens on.
    package var port: Int { server.port }

    /// How many bytes of bodies a route has read, framing included.
    ///
    /// - Parameter route: The route.
    /// - Returns: Their number since the server started.
    package func receivedBytes(_ route: IngestRoute) -> Int { received.count(route) }

    /// How many uploads are admitted and not yet answered.
    package var uploadsInFlight: Int { admission.count }

    /// What it has counted since it started.
    package var counts: IngestCounts { metrics.counts }

    private let bucket: S3Bucket?
    private let server: HTTPServer
    let workers: PDFWorkers
    private let admission: Admission
    private let storeWatch: StoreWatch
    private let metrics: IngestMetrics
    private let received: ReceivedBytes
    private let watching: LoopWatching

    /// The loops that serve its connections.
    package var eventLoops: any EventLoopGroup { server.eventLoops }

    /// What watches the event loops; nil where nothing does.
    package var loopBlocks: BlockDetector? { watching.running }

    /// Starts a server; it accepts connections when this returns, until it is stopped.
    ///
    /// - Parameter configuration: How it is run.
    /// - Returns: The running server, which the caller must stop.
    /// - Throws: ``IngestStartError`` if it can't listen or can't make its bucket.
    package static func start(
        _ configuration: IngestConfiguration
    ) async throws(IngestStartError) -> IngestService {
        let bucket: S3Bucket
        do {
            bucket = try S3Bucket(configuration.bucket)
        } catch {
            throw IngestStartError(error)
        }
        do throws(S3ClientError) {
            if configuration.bucket.isCreated { try await bucket.create() }
        } catch {
            bucket.stop()
            throw IngestStartError(error)
        }
        do throws(HTTPServingError) {
            return try await start(configuration, store: bucket.imageStore, bucket: bucket)
        } catch {
            bucket.stop()
            throw .address(error)
        }
    }

    /// Runs a server while a closure runs, and then stops it with the configuration's grace.
    ///
    /// - Parameters:
    ///   - configuration: How it is run.
    ///   - body: Uses the server.
    /// - Returns: What the closure returns.
    /// - Throws: What starting or the closure throws.
    package static func with<Value: Sendable>(
        _ configuration: IngestConfiguration,
        _ body: (IngestService) async throws -> Value
    ) async throws -> Value {
        let service = try await start(configuration)
        do {
            let value = try await body(service)
            await service.stop(grace: configuration.grace)
            return value
        } catch {
            await service.stop(grace: configuration.grace)
            throw error
        }
    }

    /// Starts a server with a store of the caller's; it accepts connections when this returns.
    ///
    /// - Parameters:
    ///   - configuration: How it is run; its bucket is not used.
    ///   - store: Where images go.
    /// - Returns: The running server, which the caller must stop.
    /// - Throws: ``HTTPServingError`` if it can't listen.
    package static func start(
        _ configuration: IngestConfiguration,
        store: ImageStore
    ) async throws(HTTPServingError) -> IngestService {
        try await start(configuration, store: store, bucket: nil)
    }

    private static func start(
        _ configuration: IngestConfiguration,
        store: ImageStore,
        bucket: S3Bucket?
    ) async throws(HTTPServingError) -> IngestService {
        let extractor = PDFExtractor(limits: configuration.pdfLimits, png: configuration.png.encoding)
        let workers = PDFWorkers(
            count: configuration.workers,
            extractor: extractor,
            program: configuration.isolation,
            limit: configuration.workerWait,
            documentsPerProcess: configuration.documentsPerProcess
        )
        let watching = LoopWatching()
        let metrics = IngestMetrics()
        let routes = IngestRoutes(
            handler: IngestHandler(workers: workers, store: store.counted(by: metrics)),
            admission: Admission(limit: configuration.maximumQueue),
            heldBytes: HeldBytes(limit: configuration.maximumHeldBytes, whenFull: configuration.whenFull),
            received: ReceivedBytes(),
            watching: watching,
            storeWatch: StoreWatch(store.ask),
            metrics: metrics,
            build: configuration.buildLabels,
            maximumBody: configuration.maximumBody,
            uploadLimit: configuration.uploadLimit,
            clockDomain: BootID.prefix(),
            logger: configuration.logger
        )
        do throws(HTTPServingError) {
            var serving = configuration.server
            serving.refuseHead = { routes.refusal(of: $0) }
            let server = try await HTTPServer.start(serving) { exchange in
                try await routes.respond(to: &exchange)
            }
            if let threshold = configuration.watch {
                await watch(server, with: watching, threshold: threshold, configuration)
            }
            return IngestService(server: server, workers: workers, bucket: bucket, routes: routes)
        } catch {
            await routes.storeWatch.stop()
            await workers.stop()
            throw error
        }
    }

    /// Watches the server's loops; where that can't be had the server runs all the same, and says so.
    private static func watch(
        _ server: HTTPServer,
        with watching: LoopWatching,
        threshold: Duration,
        _ configuration: IngestConfiguration
    ) async {
        do throws(LoopWatchError) {
            try await watching.start(
                server.eventLoops,
                threshold: threshold,
                capacity: configuration.keptBlocks,
                namesLater: configuration.namesBlocksLater,
                watchesPool: configuration.executor == .pool
            )
            for note in watching.running?.methods.notes ?? [] {
                configuration.logger.notice("watching event loops: \(note)")
            }
        } catch {
            configuration.logger.warning("the event loops are not watched: \(error)")
        }
    }

    private init(server: HTTPServer, workers: PDFWorkers, bucket: S3Bucket?, routes: IngestRoutes) {
        self.bucket = bucket
        self.server = server
        self.workers = workers
        self.admission = routes.admission
        self.storeWatch = routes.storeWatch
        self.metrics = routes.metrics
        self.received = routes.received
        self.watching = routes.watching
    }

    /// Stops accepting, lets uploads in flight be answered, and ends all threads.
    ///
    /// - Parameter grace: How long uploads in flight may take before they are cancelled and undone.
    /// - Returns: Whether every upload was answered.
    @discardableResult
    package func stop(grace: Duration) async -> Bool {
        admission.close()
        await watching.stop()
        await storeWatch.stop()
        let allAnswered = await server.stop(grace: TimeAmount(grace))
        await workers.stop()
        bucket?.stop()
        return allAnswered
    }
}

extension IngestConfiguration {
    fileprivate var buildLabels: BuildLabels {
        BuildLabels(
            version: version,
            mupdf: MuPDFVersion.library,
            png: png.rawValue,
            isIsolated: isolation != nil,
            executor: executor.rawValue
        )
    }

    fileprivate var server: HTTPServer.Configuration {
        HTTPServer.Configuration(
            host: host,
            port: port,
            loops: loops,
            executor: executor,
            limits: limits,
            logger: logger
        )
    }
}
