import ArgumentParser
import Foundation
import IngestServer
import LoadGenerator
import Logging

/// `ingest-bench serve`: the ingest server alone.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the ingest server alone; without --s3 it brings a store in memory."
    )

    @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("Port to listen on; 0 takes a free one.", valueName: "port"))
    var port = 8000

    @OptionGroup var ingest: IngestOptions

    @Option(help: ArgumentHelp("The largest request body.", valueName: "size"))
    var maxBody: SizeArgument = .mebibytes(64)

    @Option(help: ArgumentHelp("The most uploads admitted and not yet answered.", valueName: "n"))
    var maxQueue = 1024

    @Option(help: ArgumentHelp("How long uploads in flight may take at the end.", valueName: "time"))
    var grace: TimeArgument = .seconds(10)

    func run() async throws {
        try ListeningPort.check(port)
        guard (1...1_000_000).contains(maxQueue) else {
            throw UsageError(message: "--max-queue \(maxQueue): expected a whole number from 1 to 1000000")
        }
        // A burst needs more sockets than the usual soft limit allows.
        _ = SystemLimits.raised()
        let signals = TerminationSignals()
        let ending = try await EmbeddedStack.with(
            ingest,
            environment: ProcessInfo.processInfo.environment,
            grace: grace.duration,
            configure: {
                $0.host = host
                $0.port = port
                $0.maximumBody = maxBody.bytes
                $0.maximumQueue = maxQueue
                $0.isolation = ingest.isolate == false ? nil : .running
                $0.workerWait = .seconds(60)
                $0.uploadLimit = .seconds(120)
                $0.whenFull = .refuse
                $0.maximumHeldBytes = max(1 << 30, maxBody.bytes)
                $0.version = Version.text
                $0.logger.logLevel = .info
            }
        ) { stack in
            try writeToStandardOutput(
                "ingest server listens on \(stack.ingest.baseURL) (store: \(stack.storeName))\n"
            )
            await signals.wait()
        }
        guard ending.allAnswered else { throw CommandEnding(status: .failed) }
    }
}
