import Foundation

/// Measures what LoopWatch promises: one part a process, so that none disturbs the next.
///
/// All of it waits on the main thread, which is not watched.
@main
@MainActor
enum LoopWatchBench {
    static func main() async throws {
        guard let options = Options(CommandLine.arguments.dropFirst()) else {
            FileHandle.standardError.write(Data("\(Options.usage)\n".utf8))
            exit(64)
        }
        switch options.part {
        case .serve: return try await EchoServer.serve(isWatched: options.isWatched)
        case .spin: ChildProcess.spin()
        case .accuracy, .falseReports, .idle, .cost, .soak: break
        }
        var report = Report(options)
        switch options.part {
        case .accuracy: try await Accuracy(options).run(&report)
        case .falseReports: try await FalseReports(options).run(&report)
        case .idle: try await IdleCost(options).run(&report)
        case .cost: try await EchoCost(options).run(&report)
        case .soak: Soak(options).run(&report)
        case .serve, .spin: break
        }
        exit(report.end())
    }
}
