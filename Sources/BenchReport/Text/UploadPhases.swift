import Measurements

/// Where the time of an upload went: the median of each phase.
struct UploadPhases {
    static let names = ["queued", "connect", "send", "server", "receive"]

    private let medians: [Double?]

    /// Splits successful uploads into phases; nil without any.
    init?(_ samples: [Sample]) {
        let whole = samples.filter {
            $0.outcome == .ok && $0.sent >= 0 && $0.bodySent >= 0 && $0.firstByte >= 0
        }
        guard !whole.isEmpty else { return nil }
        medians = [
            Self.median(whole.map { $0.sent - $0.intended }),
            Self.median(whole.map { max(0, $0.connect) + max(0, $0.tls) }),
            Self.median(whole.map { $0.bodySent - $0.sent }),
            Self.median(whole.map { $0.firstByte - $0.bodySent }),
            Self.median(whole.map { $0.done - $0.firstByte }),
        ]
    }

    /// The medians as text.
    var texts: [String] {
        medians.map { $0.map { DurationFormat.text(seconds: max(0, $0)) } ?? "" }
    }

    private static func median(_ times: [Nanoseconds]) -> Double? {
        Percentile.p50.value(in: times.sorted()).map { Double($0) / 1e9 }
    }
}
