package import Measurements

/// A quantity that each round gives one value of.
package enum Metric: Sendable, Hashable {
    /// Successful uploads a second.
    case throughput
    /// From the intended start to the last response byte.
    case response(TimeStatistic)
    /// From the real start to the last response byte.
    case service(TimeStatistic)
    /// The share of uploads that failed.
    case errors
    /// The response time of the responsiveness probe.
    case probe(TimeStatistic)
    /// The share of probe requests that failed.
    case probeErrors
    /// The share of the round that the target's event loops were blocked.
    case loopBlocked
    /// The longest block of an event loop.
    case loopWorst

    /// Which direction is an improvement.
    package enum Better: String, Sendable {
        case higher, lower
    }

    /// The name in documents, exports and thresholds, such as "p99" or "probe.p99".
    package var name: String {
        switch self {
        case .throughput: "throughput"
        case .response(let statistic): statistic.name
        case .service(let statistic): "service.\(statistic.name)"
        case .errors: "errors"
        case .probe(let statistic): "probe.\(statistic.name)"
        case .probeErrors: "probe.errors"
        case .loopBlocked: "loop.blocked"
        case .loopWorst: "loop.worst"
        }
    }

    /// Finds a metric by its name; nil for a name that no metric has.
    ///
    /// - Parameter name: As from ``name``.
    package init?(name: some StringProtocol) {
        switch name {
        case "throughput": self = .throughput
        case "errors": self = .errors
        case "probe.errors": self = .probeErrors
        case "loop.blocked": self = .loopBlocked
        case "loop.worst": self = .loopWorst
        case _ where name.hasPrefix("service."):
            guard let statistic = TimeStatistic(name: name.dropFirst("service.".count)) else { return nil }
            self = .service(statistic)
        case _ where name.hasPrefix("probe."):
            guard let statistic = TimeStatistic(name: name.dropFirst("probe.".count)) else { return nil }
            self = .probe(statistic)
        default:
            guard let statistic = TimeStatistic(name: name) else { return nil }
            self = .response(statistic)
        }
    }

    /// The unit of its values: "1/s", "s" or "ratio".
    package var unit: String {
        switch self {
        case .throughput: "1/s"
        case .response, .service, .probe, .loopWorst: "s"
        case .errors, .probeErrors, .loopBlocked: "ratio"
        }
    }

    /// Which direction is an improvement.
    package var better: Better { self == .throughput ? .higher : .lower }

    /// Whether it may be 0, so that changes are differences.
    package var mayBeZero: Bool { unit == "ratio" || self == .loopWorst }

    /// Whether it says nothing unless every counted round has it: loops may be watched in some rounds only.
    var needsEveryRound: Bool { self == .loopBlocked || self == .loopWorst }

    /// Its value in a round.
    ///
    /// - Parameter round: What the round adds up to.
    /// - Returns: nil where the round has none, such as a percentile without a reply.
    package func value(in round: RoundSummary) -> Double? {
        switch self {
        case .throughput: round.throughput
        case .response(let statistic): round.response?.seconds(of: statistic)
        case .service(let statistic): round.service?.seconds(of: statistic)
        case .errors: round.uploads == 0 ? nil : Double(round.errors) / Double(round.uploads)
        case .probe(let statistic): round.probe?.times?.seconds(of: statistic)
        case .probeErrors: round.probe.map { $0.count == 0 ? 0 : Double($0.errors) / Double($0.count) }
        case .loopBlocked: round.loops?.blocked
        case .loopWorst: round.loops.map { Double($0.worst) / 1e9 }
        }
    }

    /// Whether its value in a round is only a lower bound.
    ///
    /// - Parameter round: What the round adds up to.
    /// - Returns: Whether an upload that was ended decides it.
    package func isCensored(in round: RoundSummary) -> Bool {
        switch self {
        case .response(let statistic): round.response?.isCensored(statistic) ?? false
        case .service(let statistic): round.service?.isCensored(statistic) ?? false
        case .probe(let statistic): round.probe?.times?.isCensored(statistic) ?? false
        case .throughput, .errors, .probeErrors, .loopBlocked, .loopWorst: false
        }
    }
}
