import ArgumentParser
import Foundation
import HTTPServing
import LoadGenerator
import Logging
import S3Lite
import S3Wire

/// `ingest-bench store`: S3Lite alone.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Run S3Lite, the S3-compatible store, alone."
    )

    @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("Port to listen on; 0 takes a free one.", valueName: "port"))
    var port = 9000

    @Option(help: ArgumentHelp("Keep everything in this folder, safe against crashes.", valueName: "folder"))
    var data: String?

    @Flag(help: "Keep everything in memory (the default).")
    var memory = false

    @Option(help: ArgumentHelp("Access key (better: AWS_ACCESS_KEY_ID).", valueName: "key"))
    var accessKey: String?

    @Option(
        help: ArgumentHelp("Secret key (better: AWS_SECRET_ACCESS_KEY; flags show in ps).", valueName: "key")
    )
    var secretKey: String?

    @Option(help: ArgumentHelp("How long requests in flight may take at the end.", valueName: "time"))
    var grace: TimeArgument = .seconds(10)

    func run() async throws {
        guard !(memory && data != nil) else {
            throw UsageError(message: "--data and --memory exclude each other", hint: "leave one of them out")
        }
        try ListeningPort.check(port)
        let environment = ProcessInfo.processInfo.environment
        let credentials = try credentials(environment)
        var configuration = S3Configuration(
            storage: data.map { .directory($0, durability: .fsync) } ?? .memory
        )
        configuration.host = host
        configuration.port = port
        configuration.credentials = [credentials]
        configuration.region = credentials.region ?? "us-east-1"
        // A file that may not grow is an error of its request, not the end of the store.
        signal(SIGXFSZ, SIG_IGN)
        // A burst needs more sockets and files than the usual soft limit allows.
        _ = SystemLimits.raised()
        let signals = TerminationSignals()
        let store = try await S3Service.start(configuration, logger: .standardError("store"))
        let place = data.map { "in \($0)" } ?? "in memory, nothing is kept"
        try writeToStandardOutput("S3Lite listens on \(store.endpoint.url) (\(place))\n")
        await signals.wait()
        guard await store.stop(grace: grace.duration) else { throw CommandEnding(status: .failed) }
    }

    private func credentials(_ environment: [String: String]) throws -> S3Credentials {
        guard accessKey != nil || secretKey != nil else {
            return try S3Credentials.fromEnvironment(environment)
        }
        guard let accessKey, let secretKey, !accessKey.isEmpty, !secretKey.isEmpty else {
            throw UsageError(message: "--access-key and --secret-key go together, and neither is empty")
        }
        return S3Credentials(accessKey: accessKey, secretKey: secretKey, region: environment["AWS_REGION"])
    }
}

/// The port of a server, as a flag gives it.
enum ListeningPort {
    /// Checks a port.
    ///
    /// - Parameter port: The port; 0 takes a free one.
    /// - Throws: ``UsageError`` for a number that is no port.
    static func check(_ port: Int) throws {
        guard (0...65_535).contains(port) else {
            throw UsageError(message: "--port \(port): expected a whole number from 0 to 65535")
        }
    }
}

extension Logger {
    /// A logger that writes to standard error, so that standard output stays what scripts read.
    ///
    /// - Parameter label: Who reports.
    /// - Returns: The logger, at level `warning`.
    static func standardError(_ label: String) -> Logger {
        var logger = Logger(label: label, factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        return logger
    }
}
