/// How lengths of time are printed: three significant digits and a unit, never "1000 ms".
package enum DurationFormat {
    /// A unit of time.
    package enum Unit: String, Sendable, CaseIterable {
        case nanoseconds = "ns"
        case microseconds = "µs"
        case milliseconds = "ms"
        case seconds = "s"

        /// How many seconds one of it lasts.
        package var seconds: Double {
            switch self {
            case .nanoseconds: 1e-9
            case .microseconds: 1e-6
            case .milliseconds: 1e-3
            case .seconds: 1
            }
        }
    }

    /// Writes a length of time in the unit that suits it.
    ///
    /// - Parameter seconds: The length, in seconds.
    /// - Returns: Such as "0 s", "12.3 µs", "1.25 ms", "29.9 s" or "12 min 34 s".
    package static func text(seconds: Double) -> String {
        if seconds == 0 { return "0 s" }
        if abs(seconds) >= 119.5 { return minutes(seconds) }
        return text(seconds: seconds, in: unit(for: seconds))
    }

    /// Writes a length of time in the unit that suits it.
    ///
    /// - Parameter nanoseconds: The length.
    /// - Returns: The text, as from ``text(seconds:)``.
    package static func text(nanoseconds: Nanoseconds) -> String {
        text(seconds: Double(nanoseconds) / 1e9)
    }

    /// Writes a length of time in a given unit, for columns and pairs that share one.
    ///
    /// - Parameters:
    ///   - seconds: The length, in seconds.
    ///   - unit: The unit.
    /// - Returns: The number, a space and the unit.
    package static func text(seconds: Double, in unit: Unit) -> String {
        "\(number(seconds: seconds, in: unit)) \(unit.rawValue)"
    }

    /// Writes a length of time in a given unit without naming it.
    ///
    /// - Parameters:
    ///   - seconds: The length, in seconds.
    ///   - unit: The unit.
    /// - Returns: The number alone.
    package static func number(seconds: Double, in unit: Unit) -> String {
        let value = seconds / unit.seconds
        return FixedPoint.text(value, decimals: FixedPoint.decimals(for: value))
    }

    /// The largest unit in which a length is not less than one, after rounding.
    ///
    /// - Parameter seconds: The length, in seconds.
    /// - Returns: The unit; seconds for zero.
    package static func unit(for seconds: Double) -> Unit {
        if seconds == 0 { return .seconds }
        return Unit.allCases.first { unit in
            // 999.5 rounds to 1000, which is one of the next unit.
            abs(seconds) / unit.seconds < 999.5
        } ?? .seconds
    }

    private static func minutes(_ seconds: Double) -> String {
        let whole = Int(min(abs(seconds), 1e15).rounded(.toNearestOrEven))
        let rest = whole % 60
        return "\(seconds < 0 ? "-" : "")\(whole / 60) min \(rest < 10 ? "0" : "")\(rest) s"
    }
}
