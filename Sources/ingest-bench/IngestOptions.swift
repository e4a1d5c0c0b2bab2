import ArgumentParser
import Foundation
import HTTPServing
import IngestServer
import S3Wire

/// The flags of the ingest server, alone or inside `run`.
struct IngestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Store images in this S3 service (default: an embedded S3Lite).", valueName: "url")
    )
    var s3: String?

    @Option(help: ArgumentHelp("The bucket to store in.", valueName: "name"))
    var bucket = "documents"

    @Option(help: ArgumentHelp("Event loops of the ingest server.", valueName: "n"))
    var loops = 1

    @Option(
        help: ArgumentHelp(
            "Threads that read PDFs for the async route (default: one a core).",
            valueName: "n"
        )
    )
    var workers: Int?

    @Option(help: "Where handlers run: on the event loop, or on Swift's cooperative pool.")
    var executor: HandlerExecutor = .loop

    @Option(
        help: "How images become PNG: fast, or byte for byte as MuPDF writes them. The pixels are the same."
    )
    var png: IngestConfiguration.PNG = .fast

    /// How many threads read PDFs.
    var workerCount: Int { workers ?? ProcessInfo.processInfo.activeProcessorCount }

    /// Checks what can be checked before anything is started.
    ///
    /// - Throws: ``UsageError``.
    func validate() throws {
        for (flag, value) in [("--loops", loops), ("--workers", workerCount)]
        where !(1...1024).contains(value) {
            throw UsageError(message: "\(flag) \(value): expected a whole number from 1 to 1024")
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
            name: bucket,
            isCreated: false
        )
    }
}

extension HandlerExecutor: ExpressibleByArgument {}
extension IngestConfiguration.PNG: ExpressibleByArgument {}
