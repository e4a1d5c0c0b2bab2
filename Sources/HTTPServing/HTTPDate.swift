import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The current time as the `Date` header wants it, made once a second.
package enum HTTPDate {
    private static let latest = Mutex((second: 0, text: ""))

    /// Formats the current second, as `Sun, 06 Nov 1994 08:49:37 GMT`.
    ///
    /// - Returns: The text of RFC 9110's IMF-fixdate.
    package static func now() -> String {
        let second = time(nil)
        return latest.withLock { latest in
            if latest.second != second { latest = (second, text(second: second)) }
            return latest.text
        }
    }

    /// Formats a second in English, whatever the locale.
    ///
    /// - Parameter second: Seconds since 1970.
    /// - Returns: The text of RFC 9110's IMF-fixdate.
    package static func text(second: Int) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = "\(days[Int(parts.tm_wday)]), \(padded(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        let clock = "\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))"
        return "\(day) \(parts.tm_year + 1900) \(clock) GMT"
    }

    private static func padded(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
