import Glibc
package import Measurements

/// How changes, shares and pairs of durations are written in sentences and tables.
package enum NumberText {
    /// Writes a change with its sign: "+28.4 %", "−2.10 %" or "0.0 %".
    ///
    /// - Parameter change: 0.284 for +28.4 %.
    /// - Returns: One decimal below 99.95 %, else none.
    package static func percent(_ change: Double) -> String {
        "\(signed(change * 100)) %"
    }

    /// Writes both ends of an interval of changes, in percent without its sign: "+25.8 … +31.1".
    ///
    /// - Parameters:
    ///   - low: The lower end.
    ///   - high: The upper end.
    /// - Returns: The ends and an ellipsis.
    package static func bounds(_ low: Double, _ high: Double) -> String {
        "\(signed(low * 100)) … \(signed(high * 100))"
    }

    /// Writes a number with a sign and one decimal, none from 99.95 on.
    ///
    /// A fall by almost everything keeps the decimals that tell it from everything: "−99.96".
    ///
    /// - Parameter value: The number.
    /// - Returns: With U+2212 for minus and no sign before a zero.
    package static func signed(_ value: Double) -> String {
        let left = 100 + value
        let isAlmostAll = left > 0 && left <= 0.05
        let decimals = isAlmostAll ? min(6, Int((-log10(left)).rounded(.up))) : abs(value) < 99.95 ? 1 : 0
        let magnitude = FixedPoint.text(abs(value), decimals: decimals)
        if magnitude.allSatisfy({ $0 == "0" || $0 == "." }) { return magnitude }
        return (value < 0 ? "−" : "+") + magnitude
    }

    /// Writes a share for a sentence, in whole percent from 10 % on: "28 %", "2.1 %".
    ///
    /// - Parameter share: 0.28 for 28 %.
    /// - Returns: The text.
    package static func rounded(_ share: Double) -> String {
        "\(FixedPoint.text(share * 100, decimals: abs(share) < 0.0995 ? 1 : 0)) %"
    }

    /// Writes a share with at most one decimal and without a trailing zero: "1 %", "5.5 %".
    ///
    /// - Parameter share: 0.01 for 1 %.
    /// - Returns: The text.
    package static func share(_ share: Double) -> String {
        "\(trimmed(share * 100, decimals: 1)) %"
    }

    /// Writes a number without the zeros that end its decimals.
    ///
    /// - Parameters:
    ///   - value: The number.
    ///   - decimals: How many places there may be.
    /// - Returns: Such as "98.8" or "120".
    package static func trimmed(_ value: Double, decimals: Int) -> String {
        var text = FixedPoint.text(value, decimals: decimals)
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// Writes a time limit as it was given: "120 s", "1.5 s", "500 ms".
    ///
    /// - Parameter seconds: The limit.
    /// - Returns: The text.
    package static func limit(_ seconds: Double) -> String {
        seconds >= 1 ? "\(trimmed(seconds, decimals: 3)) s" : "\(trimmed(seconds * 1000, decimals: 6)) ms"
    }

    /// Writes a size in decimal units: "945 kB", "1.50 MB".
    ///
    /// - Parameter count: Bytes.
    /// - Returns: Three significant digits and a unit.
    package static func bytes(_ count: Int) -> String {
        let units = ["kB", "MB", "GB", "TB"]
        guard count >= 1000 else { return "\(count) bytes" }
        var value = Double(count) / 1000
        var unit = 0
        while value >= 999.5, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return "\(FixedPoint.significant(value)) \(units[unit])"
    }

    /// Writes two durations for a sentence, in one unit unless one of them would vanish in it.
    ///
    /// - Parameters:
    ///   - first: A length, in seconds.
    ///   - second: The length it stands beside.
    /// - Returns: Such as "1.84 s" and "0.05 s".
    package static func durations(_ first: Double, _ second: Double) -> (String, String) {
        let larger = max(abs(first), abs(second))
        let isShared = min(abs(first), abs(second)) * leastShare >= larger && larger < 119.5
        guard isShared else {
            return (DurationFormat.text(seconds: first), DurationFormat.text(seconds: second))
        }
        let unit = DurationFormat.unit(for: larger)
        return (DurationFormat.text(seconds: first, in: unit), DurationFormat.text(seconds: second, in: unit))
    }

    /// How many times smaller a length may be than another before it vanishes in the other's unit.
    private static let leastShare = 50.0

    /// The unit that durations side by side share: that of the longest, but milliseconds for seconds if the
    /// shortest would vanish in them.
    ///
    /// - Parameter seconds: The lengths, in seconds.
    /// - Returns: The unit; seconds for none.
    package static func sharedUnit(of seconds: [Double]) -> DurationFormat.Unit {
        let longest = seconds.max() ?? 0
        let unit = DurationFormat.unit(for: longest)
        let shortest = seconds.filter { $0 > 0 }.min() ?? longest
        return unit == .seconds && shortest * leastShare < longest ? .milliseconds : unit
    }
}

extension String {
    /// The text without spaces at its ends.
    var trimmed: String {
        let start = drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}
