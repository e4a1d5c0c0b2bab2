/// When uploads start.
package enum ArrivalModel: Sendable, Codable, Equatable {
    /// All at one instant.
    case burst
    /// A new one when one ends.
    case closed
    /// By the clock, whatever the server does.
    case open(ArrivalSchedule)

    /// Whether the clock alone says when uploads start.
    package var isOpen: Bool {
        if case .open = self { true } else { false }
    }
}

/// How the arrivals of an open loop are spread.
package enum ArrivalSpread: String, Sendable, Codable, CaseIterable {
    /// At equal distances.
    case constant
    /// As independent users would come: at random, by the seed.
    case poisson
}

/// A rate at one moment of an open loop, to which the rate before it changes in a straight line.
package struct RateStage: Sendable, Codable, Equatable {
    /// How long the change takes; zero makes the rate jump.
    package let duration: Duration
    /// Arrivals a second at its end.
    package let rate: Double

    /// Makes a stage.
    ///
    /// - Parameters:
    ///   - duration: How long the change takes.
    ///   - rate: Arrivals a second at its end.
    package init(duration: Duration, rate: Double) {
        self.duration = duration
        self.rate = rate
    }
}

/// The arrivals of an open loop.
package struct ArrivalSchedule: Sendable, Codable, Equatable {
    /// How the rate goes on.
    package enum Rate: Sendable, Codable, Equatable {
        /// The same rate for ever.
        case constant(Double)
        /// From zero on through these stages, and then no more.
        case stages([RateStage])
    }

    /// How the rate goes on.
    package let rate: Rate
    /// How arrivals are spread.
    package let spread: ArrivalSpread

    /// Makes a schedule.
    ///
    /// - Parameters:
    ///   - rate: How the rate goes on.
    ///   - spread: How arrivals are spread.
    package init(rate: Rate, spread: ArrivalSpread) {
        self.rate = rate
        self.spread = spread
    }
}

extension ArrivalSchedule {
    /// The rate, if it stays the same.
    package var constantRate: Double? {
        guard case .constant(let rate) = rate else { return nil }
        return rate
    }

    /// The stages as they are typed, such as "10s:50/s,30s:200/s"; nil if the rate stays the same.
    package var stagesText: String? {
        guard case .stages(let stages) = rate else { return nil }
        return stages.map { "\(PlanError.flagText($0.duration)):\(PlanError.flagText($0.rate))" }
            .joined(separator: ",")
    }

    /// How many arrivals are expected in a time from go.
    ///
    /// - Parameter duration: The time, of stages all of theirs.
    /// - Returns: The integral of the rate.
    func expectedArrivals(in duration: Duration) -> Double {
        switch rate {
        case .constant(let rate): return rate * (duration / .seconds(1))
        case .stages(let stages):
            var before = 0.0
            return stages.reduce(0) { sum, stage in
                defer { before = stage.rate }
                return sum + (before + stage.rate) / 2 * (stage.duration / .seconds(1))
            }
        }
    }
}
