import Measurements

/// What a sweep says of each target: how much it serves, and from which load on.
struct SweepCapacity {
    /// One target's way through the sweep.
    struct Target {
        let name: String
        /// Rising by load.
        let points: [Point]
        /// The first load that brings nearly all; nil where nothing was served.
        let knee: Load?
    }

    /// One target at one load.
    struct Point {
        let load: Load
        let throughput: Double
        let p99: MetricResult.Level?
    }

    private(set) var targets: [Target]
    private let header: String

    /// Reads a sweep out of a run's results; nil for a run with one load.
    init?(of document: RunDocument) {
        let loads = document.loads
        guard loads.count > 1 else { return nil }
        header = document.plan.loadHeader
        targets = document.comparedTargets.map { target in
            let points = loads.compactMap { load -> Point? in
                let throughput = document.result(.throughput, of: target.name, at: load)
                return throughput.map { throughput in
                    Point(
                        load: load,
                        throughput: throughput.level.value,
                        p99: document.result(.response(.percentile(.p99)), of: target.name, at: load)?.level
                    )
                }
            }
            let knee = Knee.first(of: points.map { ($0.load, $0.throughput) })
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
            guard let knee = target.knee, let point = target.points.first(where: { $0.load == knee })
            else { return nil }
            defer { isFirst = false }
            let rate = FixedPoint.significant(point.throughput)
            // A server that still gains at the end of a sweep may serve more than was tried.
            let isOpen = knee == target.points.last?.load
            let verb = isOpen ? "still gains" : "saturates"
            guard isFirst else {
                return "\(target.name) \(isOpen ? "still gains " : "")at \(rate) with \(knee.brief)"
            }
            return "\(target.name) \(verb) at \(rate) req/s with \(knee.offer)"
        }
        return parts.isEmpty ? nil : "Capacity: " + parts.joined(separator: ", ")
    }

    /// The header and the rows of a table: a row for each load, two columns a target.
    var cells: [[String]] {
        let header = [header] + targets.flatMap { ["\($0.name) req/s", "p99"] }
        let loads = Set(targets.flatMap { $0.points.map(\.load) }).sorted()
        return [header]
            + loads.map { load in
                [load.amountText]
                    + targets.flatMap { target -> [String] in
                        guard let point = target.points.first(where: { $0.load == load }) else {
                            return ["", ""]
                        }
                        let mark = target.knee == load ? "◂ " : ""
                        return [mark + FixedPoint.significant(point.throughput), Self.text(point.p99)]
                    }
            }
    }

    private static func text(_ level: MetricResult.Level?) -> String {
        guard let level else { return "" }
        return (level.isCensored ? "≥ " : "") + DurationFormat.text(seconds: level.value)
    }
}

extension Load {
    /// What a target is given, in the sentence: "2 uploads in flight", "50/s offered".
    fileprivate var offer: String {
        if rate != nil { return "\(name) offered" }
        return "\(concurrency) \(concurrency == 1 ? "upload" : "uploads") in flight"
    }

    /// The same where the sentence has said what is counted.
    fileprivate var brief: String { rate == nil ? amountText : name }
}
