import Measurements

/// Where the time of an upload went: the median of each phase.
struct UploadPhases {
    static let names = ["queued", "connect", "send", "server", "receive"]

    private let medians: [Double?]

    private static let phases: [@Sendable (Sample) -> Nanoseconds] = [
        { $0.sent - $0.intended },
        { max(0, $0.connect) + max(0, $0.tls) },
        { $0.bodySent - $0.sent },
        { $0.firstByte - $0.bodySent },
        { $0.done - $0.firstByte },
    ]

    /// Splits the successful uploads of rounds into phases; nil without any.
    init?(_ rounds: [RunDocument.Round]) {
        let count = rounds.reduce(0) { $0 + $1.summary.succeeded }
        // One phase after the other: of millions of uploads there is no room for all at once.
        medians = Self.phases.map { phase in
            var times: [Nanoseconds] = []
            times.reserveCapacity(count)
            for round in rounds {
                for sample in round.record.samples where Self.isWhole(sample) { times.append(phase(sample)) }
            }
            return Percentile.p50.value(selectedFrom: &times).map { Double($0) / 1e9 }
        }
        guard medians.contains(where: { $0 != nil }) else { return nil }
    }

    private static func isWhole(_ sample: Sample) -> Bool {
        sample.outcome == .ok && sample.sent >= 0 && sample.bodySent >= 0 && sample.firstByte >= 0
    }

    /// The medians as text.
    var texts: [String] {
        medians.map { $0.map { DurationFormat.text(seconds: max(0, $0)) } ?? "" }
    }
}
