import ArgumentParser

/// A time on the command line: a number and its unit, such as `30s`, `250ms`, `1.5m`; 0 needs none.
struct TimeArgument: ExpressibleByArgument, Sendable, CustomStringConvertible {
    /// The time; zero and below are for the plan to refuse, which knows the flag.
    let duration: Duration
    /// The text it was read from.
    let description: String

    private static let units: [(suffix: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]

    /// Reads a time.
    ///
    /// - Parameter argument: The text; without a unit, or beyond a year, it is no time.
    init?(argument: String) {
        let number = argument.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" }
        let unit = argument.dropFirst(number.count)
        guard let value = Double(number),
            let factor = Self.units.first(where: { $0.suffix == unit })?.nanoseconds
                ?? (value == 0 && unit.isEmpty ? 1 : nil),
            abs(value * factor) < 3.2e16
        else { return nil }
        duration = .nanoseconds(Int64(value * factor))
        description = argument
    }

    private init(duration: Duration, description: String) {
        self.duration = duration
        self.description = description
    }

    /// Makes a default.
    ///
    /// - Parameter seconds: Whole seconds.
    /// - Returns: The time.
    static func seconds(_ seconds: Int) -> TimeArgument {
        TimeArgument(duration: .seconds(seconds), description: "\(seconds)s")
    }
}

/// A size on the command line: bytes, or a number with KB, MB, GB (1000) or KiB, MiB, GiB (1024).
struct SizeArgument: ExpressibleByArgument, Sendable, CustomStringConvertible {
    /// The size.
    let bytes: Int
    /// The text it was read from.
    let description: String

    private static let units: [String: Int] = [
        "": 1, "B": 1, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "KiB": 1 << 10, "MiB": 1 << 20,
        "GiB": 1 << 30,
    ]

    /// Reads a size.
    ///
    /// - Parameter argument: The text; zero, below and beyond 2⁶³ are no size.
    init?(argument: String) {
        let digits = argument.prefix(while: \.isNumber)
        guard let value = Int(digits), value > 0,
            let unit = Self.units[String(argument.dropFirst(digits.count))]
        else { return nil }
        let (bytes, overflow) = value.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        self.bytes = bytes
        description = argument
    }

    private init(bytes: Int, description: String) {
        self.bytes = bytes
        self.description = description
    }

    /// Makes a default.
    ///
    /// - Parameter mebibytes: A number of 1024 × 1024 bytes.
    /// - Returns: The size.
    static func mebibytes(_ mebibytes: Int) -> SizeArgument {
        SizeArgument(bytes: mebibytes << 20, description: "\(mebibytes)MiB")
    }
}
