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
        case .serve: return try await EchoServer.serve(isWatched: options.isWatched, isHTTP: options.isHTTP)
        case .spin: ChildProcess.spin()
        default: break
        }
        var report = Report(options)
        switch options.part {
        case .accuracy: try await Accuracy(options).run(&report)
        case .falseReports: try await FalseReports(options).run(&report)
        case .idle: try await IdleCost(options).run(&report)
        case .cost: try await RequestCost(options, of: .echo).run(&report)
        case .http: try await RequestCost(options, of: .http).run(&report)
        case .soak: Soak(options).run(&report)
        case .names: try await Naming().run(&report)
        case .symbols: try await Symbolication(options).run(&report)
        case .leaks: try await Leaks().run(&report)
        case .serve, .spin: break
        }
        exit(report.end())
    }
}
