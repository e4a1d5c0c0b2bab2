import ArgumentParser
import LoadGenerator

/// A rate on the command line: a number and its unit, such as `200/s` or `30/m`.
struct RateArgument: ExpressibleByArgument, Sendable, CustomStringConvertible {
    /// Arrivals a second; zero and below are for the plan to refuse, which knows the flag.
    let perSecond: Double
    /// The text it was read from.
    let description: String

    private static let units: [String: Double] = ["/s": 1, "/m": 60, "/h": 3600]

    /// Reads a rate.
    ///
    /// - Parameter argument: The text; without a unit it is no rate.
    init?(argument: String) {
        let number = argument.prefix { $0 != "/" }
        guard let value = Double(number), value.isFinite,
            let seconds = Self.units[String(argument.dropFirst(number.count))]
        else { return nil }
        perSecond = value / seconds
        description = argument
    }
}

/// Rates on the command line: one, or several for a sweep, such as `50/s,100/s`.
struct RatesArgument: ExpressibleByArgument, Sendable, CustomStringConvertible {
    /// Arrivals a second, as written; the plan knows which are too low or too high.
    let perSecond: [Double]
    /// The text they were read from.
    let description: String

    /// Reads rates.
    ///
    /// - Parameter argument: The text; it is none if a part is no rate.
    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let rates = parts.compactMap { RateArgument(argument: String($0)) }
        guard rates.count == parts.count else { return nil }
        perSecond = rates.map(\.perSecond)
        description = argument
    }
}

/// A rate that changes, on the command line: times and rates, such as `10s:50/s,30s:200/s`.
struct StagesArgument: ExpressibleByArgument, Sendable, CustomStringConvertible {
    /// The stages as written.
    let stages: [RateStage]
    /// The text they were read from.
    let description: String

    /// Reads stages.
    ///
    /// - Parameter argument: The text; it is none if a part is no time and rate.
    init?(argument: String) {
        var stages: [RateStage] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard halves.count == 2, let time = TimeArgument(argument: halves[0]),
                let rate = RateArgument(argument: halves[1])
            else { return nil }
            stages.append(RateStage(duration: time.duration, rate: rate.perSecond))
        }
        self.stages = stages
        description = argument
    }
}

/// Uploads in flight on the command line: a number, or several for a sweep.
struct ConcurrencyArgument: ExpressibleByArgument, Sendable, CustomStringConvertible {
    /// The numbers as written; the plan knows which are too low or too high.
    let numbers: [Int]
    /// The text they were read from.
    let description: String

    /// Reads numbers.
    ///
    /// - Parameter argument: The text; it is none if a part is no whole number.
    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard !numbers.isEmpty, numbers.count == parts.count else { return nil }
        self.numbers = numbers
        description = argument
    }
}
