import Measurements

/// The unit that all values of one axis share, and how numbers are written in it.
struct AxisUnit: Equatable {
    /// What stands behind the numbers: `s`, `ms`.
    let symbol: String
    /// How much one of it is in the unit of the values.
    let size: Double

    /// Chooses the unit of times that stand side by side, as the tables do.
    static func times(_ seconds: [Double]) -> AxisUnit {
        let unit = NumberText.sharedUnit(of: seconds)
        return AxisUnit(symbol: unit.rawValue, size: unit.seconds)
    }

    /// Chooses the unit of a time axis by its greatest value.
    static func time(upTo seconds: Double) -> AxisUnit {
        let unit = DurationFormat.unit(for: seconds)
        return AxisUnit(symbol: unit.rawValue, size: unit.seconds)
    }

    /// A unit for values that are plain numbers.
    static func plain(_ symbol: String) -> AxisUnit {
        AxisUnit(symbol: symbol, size: 1)
    }

    /// Writes a value as the tables do: three significant digits.
    func text(_ value: Double) -> String {
        FixedPoint.significant(value / size)
    }

    /// Writes a tick of an axis whose ticks are a step apart.
    static func tick(_ value: Double, step: Double) -> String {
        guard value != 0 else { return "0" }
        var decimals = 0
        var scaled = step
        while decimals < 6, abs(scaled - scaled.rounded()) > 1e-6 * scaled {
            scaled *= 10
            decimals += 1
        }
        let text = FixedPoint.text(value, decimals: decimals)
        return text.hasPrefix("-") ? "−" + text.dropFirst() : text
    }
}
