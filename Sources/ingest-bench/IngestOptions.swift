import ArgumentParser
import Foundation
import HTTPServing
import IngestServer
import S3Wire

/// The flags of the ingest server, alone or inside `run`.
struct IngestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Store images in this S3 service (default: an embedded S3Lite). They stay in its bucket afterwards.",
            valueName: "url"
        )
    )
    var s3: String?

    @Option(help: ArgumentHelp("The bucket to store in (default: documents).", valueName: "name"))
    var bucket: String?

    @Option(help: ArgumentHelp("Event loops of the ingest server (default: 1).", valueName: "n"))
    var loops: Int?

    @Option(
        help: ArgumentHelp(
            "Threads or processes that read PDFs (default: one a core).",
            valueName: "n"
        )
    )
    var workers: Int?

    @Option(help: "Where handlers run: on the event loop (default), or on Swift's cooperative pool.")
    var executor: HandlerExecutor?

    @Option(help: "How images become PNG: fast (default), or byte for byte as MuPDF does. Same pixels.")
    var png: IngestConfiguration.PNG?

    @Flag(
        inversion: .prefixedNo,
        help: "Read PDFs in processes of their own: one that crashes costs a request. (serve: yes, run: no)"
    )
    var isolate: Bool?

    @Option(
        help: ArgumentHelp(
            "How long an event loop may serve nobody before that counts as a block; 0 is off (default: 10ms).",
            valueName: "time"
        )
    )
    var watch: TimeArgument?

    /// The bucket to store in.
    var bucketName: String { bucket ?? "documents" }

    /// How many event loops the server has.
    var loopCount: Int { loops ?? 1 }

    /// Where handlers run.
    var handlerExecutor: HandlerExecutor { executor ?? .loop }

    /// The flags that were given, as they were typed.
    var given: [String] {
        [
            s3.map { _ in "--s3" }, bucket.map { _ in "--bucket" }, loops.map { _ in "--loops" },
            workers.map { _ in "--workers" }, executor.map { _ in "--executor" }, png.map { _ in "--png" },
            isolate.map { $0 ? "--isolate" : "--no-isolate" }, watch.map { _ in "--watch" },
        ].compactMap { $0 }
    }

    /// How long an event loop may serve nobody; nil for a server that does not watch.
    var watchThreshold: Duration? {
        guard let watch else { return .milliseconds(10) }
        return watch.duration == .zero ? nil : watch.duration
    }

    /// How many threads read PDFs.
    var workerCount: Int { workers ?? ProcessInfo.processInfo.activeProcessorCount }

    /// Checks what can be checked before anything is started.
    ///
    /// - Throws: ``UsageError``.
    func validate() throws {
        for (flag, value) in [("--loops", loopCount), ("--workers", workerCount)]
        where !(1...1024).contains(value) {
            throw UsageError(message: "\(flag) \(value): expected a whole number from 1 to 1024")
        }
        if let watch, watch.duration != .zero, watch.duration < .milliseconds(1) {
            throw UsageError(message: "--watch \(watch): expected 1ms or more, or 0 for off")
        }
    }

    /// The bucket of the S3 service that was named, with credentials from the environment.
    ///
    /// - Parameter environment: The variables of the process.
    /// - Returns: nil if the embedded store is to be used.
    /// - Throws: `S3WireError` for a URL that is none, or without credentials.
    func namedBucket(_ environment: [String: String]) throws -> IngestConfiguration.Bucket? {
        guard let s3 else { return nil }
        let credentials = try S3Credentials.fromEnvironment(environment)
        let endpoint = try S3Endpoint(url: s3, region: credentials.region ?? "us-east-1")
        return IngestConfiguration.Bucket(
            endpoint: endpoint,
            credentials: credentials,
            name: bucketName,
            isCreated: false
        )
    }
}

extension HandlerExecutor: ExpressibleByArgument {}
extension IngestConfiguration.PNG: ExpressibleByArgument {}
