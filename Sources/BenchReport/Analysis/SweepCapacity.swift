import Measurements

/// What a sweep says of each target: how much it serves, and from how many uploads in flight on.
struct SweepCapacity {
    /// One target's way through the sweep.
    struct Target {
        let name: String
        /// Rising by the number in flight.
        let points: [Point]
        /// The first number in flight that brings nearly all; nil where nothing was served.
        let knee: Int?
    }

    /// One target at one number of uploads in flight.
    struct Point {
        let inFlight: Int
        let throughput: Double
        let p99: MetricResult.Level?
    }

    private(set) var targets: [Target]

    /// Reads a sweep out of a run's results; nil for a run with one concurrency.
    init?(of document: RunDocument) {
        let numbers = document.concurrencies
        guard numbers.count > 1 else { return nil }
        targets = document.comparedTargets.map { target in
            let points = numbers.compactMap { number -> Point? in
                let throughput = document.result(.throughput, of: target.name, at: number)
                return throughput.map { throughput in
                    Point(
                        inFlight: number,
                        throughput: throughput.level.value,
                        p99: document.result(.response(.percentile(.p99)), of: target.name, at: number)?.level
                    )
                }
            }
            let knee = Knee.first(of: points.map { ($0.inFlight, $0.throughput) })
            return Target(name: target.name, points: points, knee: knee)
        }
    }

    /// The same sweep for some targets, in their order, under other names.
    ///
    /// - Parameters:
    ///   - names: Which targets.
    ///   - rename: What to call each.
    /// - Returns: The sweep; names that it does not hold are left out.
    func restricted(to names: [String], rename: (String) -> String) -> SweepCapacity {
        var copy = self
        copy.targets = names.compactMap { name in
            targets.first { $0.name == name }.map { target in
                Target(name: rename(target.name), points: target.points, knee: target.knee)
            }
        }
        return copy
    }

    /// The sentence, such as "Capacity: blocking saturates at 26.0 req/s with 2 uploads in flight, async at 34.0
    /// with 4"; nil where nothing was served.
    var sentence: String? {
        var isFirst = true
        let parts = targets.compactMap { target -> String? in
            guard let knee = target.knee, let point = target.points.first(where: { $0.inFlight == knee })
            else { return nil }
            defer { isFirst = false }
            let rate = FixedPoint.significant(point.throughput)
            // A server that still gains at the end of a sweep may serve more than was tried.
            let isOpen = knee == target.points.last?.inFlight
            let verb = isOpen ? "still gains" : "saturates"
            guard isFirst else {
                return "\(target.name) \(isOpen ? "still gains " : "")at \(rate) with \(knee)"
            }
            let uploads = knee == 1 ? "upload" : "uploads"
            return "\(target.name) \(verb) at \(rate) req/s with \(knee) \(uploads) in flight"
        }
        return parts.isEmpty ? nil : "Capacity: " + parts.joined(separator: ", ")
    }

    /// The header and the rows of a table: a row for each number in flight, two columns a target.
    var cells: [[String]] {
        let header = ["in flight"] + targets.flatMap { ["\($0.name) req/s", "p99"] }
        let numbers = Set(targets.flatMap { $0.points.map(\.inFlight) }).sorted()
        return [header]
            + numbers.map { number in
                [String(number)]
                    + targets.flatMap { target -> [String] in
                        guard let point = target.points.first(where: { $0.inFlight == number }) else {
                            return ["", ""]
                        }
                        let mark = target.knee == number ? "◂ " : ""
                        return [mark + FixedPoint.significant(point.throughput), Self.text(point.p99)]
                    }
            }
    }

    private static func text(_ level: MetricResult.Level?) -> String {
        guard let level else { return "" }
        return (level.isCensored ? "≥ " : "") + DurationFormat.text(seconds: level.value)
    }
}
