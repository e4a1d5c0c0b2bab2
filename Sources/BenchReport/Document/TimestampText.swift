package import Measurements

/// A wall time in the Gregorian calendar, UTC.
struct CivilTime: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    var millisecond: Int

    /// Places a wall time in the calendar.
    ///
    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`: years of 400 begin
    /// on the first of March, so that the leap day is the last.
    init(_ timestamp: Timestamp) {
        let milliseconds = Self.floor(timestamp.nanosecondsSince1970, 1_000_000)
        let days = Self.floor(milliseconds, 86_400_000)
        let rest = Int(milliseconds - days * 86_400_000)
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1000 % 60
        millisecond = rest % 1000
    }

    /// Days since 1970-01-01, `days_from_civil` of the same source.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }
}

extension Timestamp {
    /// The time in ISO 8601, to the millisecond: "2026-11-22T15:40:00.000Z".
    package var iso8601: String {
        let time = CivilTime(self)
        return "\(date(time))T\(clock(time)).\(padded(time.millisecond, 3))Z"
    }

    /// The time as folders are named: "20261122T154000Z".
    package var stamp: String {
        let time = CivilTime(self)
        let day = padded(time.year, 4) + padded(time.month, 2) + padded(time.day, 2)
        return "\(day)T\(padded(time.hour, 2))\(padded(time.minute, 2))\(padded(time.second, 2))Z"
    }

    /// The time for people: "2026-11-22 15:40 UTC".
    package var minuteText: String {
        let time = CivilTime(self)
        return "\(date(time)) \(padded(time.hour, 2)):\(padded(time.minute, 2)) UTC"
    }

    /// Reads a time as ``iso8601`` writes it, with any number of decimals; nil for other text.
    ///
    /// - Parameter text: The text.
    package init?(iso8601 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40, bytes.last == UInt8(ascii: "Z") else { return nil }
        let shape = zip(bytes, "0000-00-00T00:00:00".utf8)
        guard shape.allSatisfy({ $1 == UInt8(ascii: "0") ? Self.isDigit($0) : $0 == $1 }) else { return nil }
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1) - 48 } }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard (1970...2200).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24,
            minute < 60,
            second < 61
        else { return nil }
        var fraction: Int64 = 0
        if bytes.count > 20 {
            let decimals = bytes[20..<(bytes.count - 1)]
            guard bytes[19] == UInt8(ascii: "."), !decimals.isEmpty, decimals.allSatisfy(Self.isDigit) else {
                return nil
            }
            for place in 0..<9 {
                let index = decimals.startIndex + place
                fraction = fraction * 10 + (index < decimals.endIndex ? Int64(decimals[index]) - 48 : 0)
            }
        }
        let days = CivilTime.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
        // A leap second may lead out of the last year.
        guard seconds < CivilTime.days(year: 2201, month: 1, day: 1) * 86_400 else { return nil }
        self.init(nanosecondsSince1970: Int64(seconds) * 1_000_000_000 + fraction)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private func date(_ time: CivilTime) -> String {
        "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))"
    }

    private func clock(_ time: CivilTime) -> String {
        "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
