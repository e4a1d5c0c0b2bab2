import Foundation

/// What watching costs a server that echoes or says hello over HTTP, and has nothing else to do: more than it would
/// cost any other.
@MainActor
struct RequestCost {
    private let pairs: Int
    private let kind: Connection.Exchange

    /// Takes the options.
    ///
    /// - Parameters:
    ///   - options: `--seconds` is how long, 60 by itself; a pair of rounds takes two.
    ///   - kind: What is served.
    init(_ options: Options, of kind: Connection.Exchange) {
        pairs = max(1, (options.seconds ?? 60) / 2)
        self.kind = kind
    }

    /// Measures.
    ///
    /// - Parameter report: Where the figures go.
    /// - Throws: What went wrong before there was a figure.
    func run(_ report: inout Report) async throws {
        let watched = try ServerChild(kind, isWatched: true)
        let unwatched = try ServerChild(kind, isWatched: false)
        _ = try cost(watched)
        _ = try cost(unwatched)
        var ratios: [Double] = []
        var costs: [Double] = []
        for _ in 0..<pairs {
            // In random order, so that whatever else the machine does meets both alike.
            let first = Bool.random()
            let one = try cost(first ? watched : unwatched)
            let other = try cost(first ? unwatched : watched)
            ratios.append(first ? one / other : other / one)
            costs.append(first ? other : one)
        }
        try watched.end()
        try unwatched.end()
        let name = kind == .http ? "Hummingbird's server saying hello" : "an echo of 100 bytes"
        Report.say(" \(name): \(pairs) pairs of rounds of 1 s, 8 connections")
        report.figure("an unwatched request, median", "\((costs.median ?? 0).text(2)) us of processor time")
        let ratio = ratios.median ?? .infinity
        let range = "\((ratios.min() ?? 0).text(3)) to \((ratios.max() ?? 0).text(3))"
        report.figure(
            "watched to unwatched, median",
            "\(ratio.text(3)), \(range)",
            goal: "<= 1.02",
            isMet: ratio <= 1.02
        )
    }

    /// Microseconds of the server's processor time for one request.
    private func cost(_ server: ServerChild) throws -> Double {
        let before = try server.state()
        let answers = try EchoLoad.run(port: server.port, kind, seconds: 1)
        return Double(try server.state().cpu - before.cpu) / Double(max(1, answers)) / 1000
    }
}
