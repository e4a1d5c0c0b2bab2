package import HTTPServing
package import Logging
package import MuPDF
package import S3Wire

/// How an ingest server is run.
package struct IngestConfiguration: Sendable {
    /// Where a server stores images.
    package struct Bucket: Sendable {
        /// The S3 service.
        package var endpoint: S3Endpoint
        /// The key pair that signs requests.
        package var credentials: S3Credentials
        /// The bucket's name.
        package var name: String
        /// Whether the server makes the bucket when it starts; never to be done in a store of others.
        package var isCreated: Bool
        /// The most time for one put with its retries; clients should not wait longer for a store that is down.
        package var timeout = Duration.seconds(10)

        /// Describes a bucket.
        ///
        /// - Parameters:
        ///   - endpoint: The S3 service.
        ///   - credentials: The key pair that signs requests.
        ///   - name: The bucket's name.
        ///   - isCreated: Whether the server makes the bucket when it starts.
        package init(endpoint: S3Endpoint, credentials: S3Credentials, name: String, isCreated: Bool) {
            self.endpoint = endpoint
            self.credentials = credentials
            self.name = name
            self.isCreated = isCreated
        }
    }

    /// How decoded pixels are written.
    package enum PNG: String, Sendable, CaseIterable {
        /// The same pixels as ``reference`` for about a third less CPU.
        case fast
        /// Byte for byte as MuPDF's own writer has it.
        case reference

        var encoding: PNGEncoding { self == .fast ? .fast : .exact }
    }

    /// What becomes of an upload that finds no room for its body.
    package enum WhenFull: Sendable {
        /// It waits before its body is read, so that a burst of any size is served.
        case wait
        /// It is refused at once, so that its client can go elsewhere.
        case refuse
    }

    /// Where images go.
    package var bucket: Bucket
    /// How many threads, or processes, read PDFs for the async route.
    package var workers: Int
    /// The program whose processes read PDFs, so that a PDF that kills one costs a request; nil reads them here.
    package var isolation: PDFWorkerProgram?
    /// How many documents such a process reads before it is replaced: what MuPDF leaks doesn't pile up.
    package var documentsPerProcess = 1000
    /// How long an upload may wait for a worker; nil is as long as it takes.
    package var workerWait: Duration?
    /// How long an upload may take after its last byte; nil is as long as it takes.
    package var uploadLimit: Duration?
    /// Where the server reports.
    package var logger: Logger
    /// The program's version, for who asks.
    package var version = "unknown"
    /// The address or name to listen on.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one.
    package var port = 0
    /// How many event loops share the connections; one mirrors one worker of an asyncio server.
    package var loops = 1
    /// Where handlers run.
    package var executor = HandlerExecutor.loop
    /// The largest request body, in bytes.
    package var maximumBody = 64 << 20
    /// The most uploads admitted and not yet answered.
    package var maximumQueue = 1024
    /// How many bytes of bodies are held at one time.
    ///
    /// One body at a time whose length was not declared may pass it where uploads wait, by ``maximumBody`` at most.
    package var maximumHeldBytes = 128 << 20
    /// What becomes of uploads that find no room for their bodies.
    package var whenFull = WhenFull.wait
    /// What one document may use.
    package var pdfLimits = PDFLimits()
    /// How decoded pixels are written.
    package var png = PNG.fast
    /// How long an event loop may serve nobody before that is kept as a block; nil watches nothing.
    package var watch: Duration? = nil
    /// How many blocks are kept for who asks; older ones are dropped, but counted.
    package var keptBlocks = 256
    /// Whether blocks get their names when somebody asks for them, not as they come.
    package var namesBlocksLater = false
    /// What clients are allowed.
    package var limits = ServerLimits()
    /// How long uploads in flight may take when the server stops.
    package var grace = Duration.seconds(10)

    /// Describes a server on a free port of this machine.
    ///
    /// - Parameters:
    ///   - bucket: Where images go.
    ///   - workers: How many threads read PDFs for the async route.
    ///   - logger: Where the server reports.
    package init(bucket: Bucket, workers: Int, logger: Logger) {
        self.bucket = bucket
        self.workers = workers
        self.logger = logger
    }
}
