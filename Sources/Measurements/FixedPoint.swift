import Glibc

/// Decimal text with a fixed number of places, rounded correctly from the binary value.
package enum FixedPoint {
    /// Writes a number.
    ///
    /// - Parameters:
    ///   - value: The number.
    ///   - decimals: How many places follow the point; 17 at most.
    /// - Returns: The text, with a hyphen before negative numbers and never "-0".
    package static func text(_ value: Double, decimals: Int) -> String {
        let text = withVaList([Int32(min(max(0, decimals), 17)), value]) { arguments in
            // The largest double has 309 digits before its point.
            String(unsafeUninitializedCapacity: 344) { buffer in
                buffer.withMemoryRebound(to: CChar.self) { characters in
                    let length = vsnprintf(characters.baseAddress, characters.count, "%.*f", arguments)
                    return max(0, min(Int(length), characters.count - 1))
                }
            }
        }
        return text.hasPrefix("-") && !text.contains { ("1"..."9").contains($0) }
            ? String(text.dropFirst()) : text
    }

    /// How many places show a magnitude with three significant digits: 3.86, 33.7, 118.
    ///
    /// The limits lie where rounding would add a digit: 9.995 is 10.0, not 9.99 or 10.00.
    ///
    /// - Parameter value: The number.
    /// - Returns: 2, 1 or 0; more below 0.01, so that two digits remain.
    package static func decimals(for value: Double) -> Int {
        let magnitude = abs(value)
        if magnitude > 0, magnitude < 0.01 {
            return min(17, Int(-log10(magnitude).rounded(.down)) + 1)
        }
        return magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0
    }

    /// Writes a number with three significant digits, whole numbers above 99.95 with all of theirs.
    ///
    /// - Parameter value: The number.
    /// - Returns: The text; "0" for zero.
    package static func significant(_ value: Double) -> String {
        value == 0 ? "0" : text(value, decimals: decimals(for: value))
    }
}
