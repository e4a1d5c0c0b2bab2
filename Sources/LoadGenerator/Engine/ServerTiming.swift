import Measurements

/// What a response's head says of the server's work: `Server-Timing` and `X-Server-Clock`.
///
/// A segment is placed by its `start`, an extension parameter, in milliseconds from the server's zero.
struct ServerTiming: Equatable {
    /// One segment in milliseconds from the server's zero.
    struct Segment: Equatable {
        var name: String
        var startMilliseconds: Double?
        var durationMilliseconds: Double
    }

    /// The server's zero on its monotonic clock.
    struct Clock: Equatable {
        /// The first 8 hex digits of the boot that the clock counts from.
        var boot: String
        var zero: Nanoseconds
    }

    /// Eleven days: no time of an upload is longer, and sums of shorter ones always fit.
    private static let longest: Nanoseconds = 1_000_000_000_000_000

    private(set) var segments: [Segment] = []
    private(set) var clock: Clock?

    /// Reads lines of a head; others than these two fields are passed over.
    ///
    /// - Parameter head: Whole lines.
    init(head: some StringProtocol) {
        for line in head.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            switch line[..<colon].lowercased() {
            case "server-timing": segments += value.split(separator: ",").compactMap { Segment(text: $0) }
            case "x-server-clock":
                let parts = value.split(separator: " ")
                if parts.count == 2, let zero = Int64(parts[1]) {
                    clock = Clock(boot: parts[0].lowercased(), zero: zero)
                }
            default: continue
            }
        }
    }

    /// Places the segments on a round's clock.
    ///
    /// A server on this machine since its last start shares the monotonic clock. For any other, the segment
    /// `total` is taken to end with the first response byte. Without starts nothing is placed.
    ///
    /// - Parameters:
    ///   - go: The round's go on this machine's monotonic clock.
    ///   - boot: The first 8 hex digits of this machine's boot id.
    ///   - firstByte: When the first response byte arrived, from go.
    /// - Returns: The segments in their order, from go; empty if the server's zero is no time of this round.
    func stages(go: Nanoseconds, boot: String?, firstByte: Nanoseconds) -> [StageTiming] {
        let zero: Nanoseconds
        if let clock, clock.boot == boot {
            let (difference, overflows) = clock.zero.subtractingReportingOverflow(go)
            guard !overflows, difference.magnitude < ServerTiming.longest else { return [] }
            zero = difference
        } else if let total = segments.first(where: { $0.name == "total" }),
            let start = total.startMilliseconds,
            firstByte != Sample.absent
        {
            zero = firstByte - Nanoseconds(((start + total.durationMilliseconds) * 1e6).rounded())
        } else {
            return []
        }
        return segments.compactMap { segment in
            guard let start = segment.startMilliseconds else { return nil }
            return StageTiming(
                name: segment.name,
                start: zero + Nanoseconds((start * 1e6).rounded()),
                duration: Nanoseconds((segment.durationMilliseconds * 1e6).rounded())
            )
        }
    }
}

extension ServerTiming.Segment {
    /// Reads one metric of `Server-Timing` (W3C), such as `pdf;start=1.2;dur=38.4`.
    ///
    /// - Parameter text: The metric.
    fileprivate init?(text: some StringProtocol) {
        let parts = text.split(separator: ";").map { $0.drop(while: \.isWhitespace) }
        guard let name = parts.first?.prefix(while: { !$0.isWhitespace }), !name.isEmpty else { return nil }
        var values: [String: Double] = [:]
        for part in parts.dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { continue }
            let number = Double(String(sides[1].filter { $0 != "\"" && !$0.isWhitespace }))
            // Beyond eleven days it is no time of an upload, and might not fit.
            guard let number, number.magnitude < 1e9 else { continue }
            values[sides[0].lowercased()] = number
        }
        guard let duration = values["dur"], duration >= 0 else { return nil }
        self.init(name: String(name), startMilliseconds: values["start"], durationMilliseconds: duration)
    }
}
