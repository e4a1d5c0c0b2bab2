import Foundation

/// An echo server that does nothing wrong, on a machine with too much to do.
@MainActor
struct FalseReports {
    private static let spinners = 6
    private let seconds: Int

    /// Takes the options.
    ///
    /// - Parameter options: `--seconds` is how long, 60 by itself.
    init(_ options: Options) { seconds = options.seconds ?? 60 }

    /// Measures.
    ///
    /// - Parameter report: Where the figures go.
    /// - Throws: What went wrong before there was a figure.
    func run(_ report: inout Report) async throws {
        let server = try ServerChild(isWatched: true)
        let before = try server.state()
        let spinners = try (0..<Self.spinners).map { _ in try ChildProcess(["spin"]) }
        let answers = try EchoLoad.run(port: server.port, seconds: Double(seconds))
        for spinner in spinners { try spinner.end() }
        let state = try server.state()
        try server.end()
        Report.say(" \(seconds) s of echo beside \(Self.spinners) spinning processes")
        report.figure("answers", "\(answers)")
        let busy = state.busy - before.busy
        let waited = state.notScheduled - before.notScheduled
        report.figure("the loop was busy", "\(busy) ms", goal: "> 0: it was watched", isMet: busy > 0)
        report.figure("of it without a processor", "\(waited) ms")
        report.figure("false reports", "\(state.blocks)", goal: "0", isMet: state.blocks == 0)
    }
}
