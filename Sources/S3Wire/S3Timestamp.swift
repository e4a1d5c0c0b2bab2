import Foundation

/// A moment in UTC to the millisecond, and the three ways S3 writes it.
///
/// The calendar is computed here: date formatters cost more than signing a request.
public struct S3Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since the start of 1970.
    public let milliseconds: Int64

    /// Makes a moment from milliseconds.
    ///
    /// - Parameter milliseconds: Milliseconds since the start of 1970.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Makes a moment from whole seconds.
    ///
    /// - Parameter seconds: Seconds since the start of 1970.
    public init(seconds: Int64) {
        self.init(milliseconds: seconds * 1000)
    }

    /// Reads the system's wall clock.
    ///
    /// - Returns: The present moment.
    public static func now() -> S3Timestamp {
        S3Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    /// Whole seconds since the start of 1970.
    package var seconds: Int64 { Int64((Double(milliseconds) / 1000).rounded(.down)) }

    /// Whether one moment is before another.
    ///
    /// - Parameters:
    ///   - left: A moment.
    ///   - right: Another moment.
    /// - Returns: True if `left` is earlier.
    public static func < (left: S3Timestamp, right: S3Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The form of `x-amz-date`: `20130524T000000Z`.
    package var basic: String {
        let parts = CalendarParts(seconds: seconds)
        return "\(pad(parts.year, 4))\(pad(parts.month))\(pad(parts.day))T"
            + "\(pad(parts.hour))\(pad(parts.minute))\(pad(parts.second))Z"
    }

    /// The form of XML documents: `2013-05-24T00:00:00.000Z`.
    package var extended: String {
        let parts = CalendarParts(seconds: seconds)
        return "\(pad(parts.year, 4))-\(pad(parts.month))-\(pad(parts.day))T"
            + "\(pad(parts.hour)):\(pad(parts.minute)):\(pad(parts.second))"
            + ".\(pad(Int(milliseconds - seconds * 1000), 3))Z"
    }

    /// The form of HTTP headers: `Fri, 24 May 2013 00:00:00 GMT`.
    package var http: String {
        let parts = CalendarParts(seconds: seconds)
        return "\(Self.weekdays[parts.weekday]), \(pad(parts.day)) \(Self.months[parts.month - 1]) "
            + "\(pad(parts.year, 4)) \(pad(parts.hour)):\(pad(parts.minute)):\(pad(parts.second)) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private func pad(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Reads the form of `x-amz-date`.
    ///
    /// - Parameter basic: A text such as `20130524T000000Z`.
    package init?(basic: String) {
        let text = Array(basic.utf8)
        guard text.count == 16, text[8] == UInt8(ascii: "T"), text[15] == UInt8(ascii: "Z"),
            let date = Self.digits(text[0..<8]), let time = Self.digits(text[9..<15])
        else { return nil }
        let parts = CalendarParts(
            year: date / 10000,
            month: date / 100 % 100,
            day: date % 100,
            hour: time / 10000,
            minute: time / 100 % 100,
            second: time % 100
        )
        guard let seconds = parts.seconds else { return nil }
        self.init(seconds: seconds)
    }

    /// Reads the form of HTTP headers, of which S3 writes and clients send the preferred one only.
    ///
    /// - Parameter http: A text such as `Fri, 24 May 2013 00:00:00 GMT`.
    package init?(http: String) {
        let words = http.split(separator: " ")
        guard words.count == 6, words[5] == "GMT" || words[5] == "UTC",
            let day = Self.digits(Array(words[1].utf8)[...]),
            let month = Self.months.firstIndex(of: String(words[2])),
            let year = Self.digits(Array(words[3].utf8)[...])
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Self.digits(Array($0.utf8)[...]) }
        guard clock.count == 3 else { return nil }
        let parts = CalendarParts(
            year: year,
            month: month + 1,
            day: day,
            hour: clock[0],
            minute: clock[1],
            second: clock[2]
        )
        guard let seconds = parts.seconds else { return nil }
        self.init(seconds: seconds)
    }

    private static func digits(_ text: ArraySlice<UInt8>) -> Int? {
        guard !text.isEmpty, text.count <= 8 else { return nil }
        var number = 0
        for byte in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}

/// A moment as calendar and clock show it, in the proleptic Gregorian calendar.
///
/// The conversions are those of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013.
struct CalendarParts {
    let year: Int
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int

    init(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    init(seconds: Int64) {
        let days = Int((Double(seconds) / 86400).rounded(.down))
        let clock = Int(seconds) - days * 86400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        self.init(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1,
            hour: clock / 3600,
            minute: clock / 60 % 60,
            second: clock % 60
        )
    }

    /// Days since the start of 1970.
    private var days: Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The day of the week; 0 is Sunday.
    var weekday: Int { ((days + 4) % 7 + 7) % 7 }

    /// Seconds since the start of 1970, or nil if no such moment exists.
    var seconds: Int64? {
        guard (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
            (0...59).contains(minute),
            (0...60).contains(second)
        else { return nil }
        return Int64(days) * 86400 + Int64(hour * 3600 + minute * 60 + second)
    }
}
