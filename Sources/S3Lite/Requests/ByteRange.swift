/// The one range of a `Range` header.
package enum ByteRange: Sendable, Hashable {
    /// From a byte to a byte, both included; no end means to the end.
    case from(Int64, to: Int64?)
    /// The last bytes.
    case suffix(Int64)

    /// Reads a header; other units, several ranges and bad syntax are no range, and the whole is sent.
    ///
    /// - Parameter header: The value of `Range`.
    package init?(_ header: String) {
        guard header.hasPrefix("bytes=") else { return nil }
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy(Self.isDigit) }) else { return nil }
        switch (parts[0].isEmpty, parts[1].isEmpty) {
        case (true, true): return nil
        case (true, false): self = .suffix(Int64(parts[1]) ?? .max)
        case (false, true): self = .from(Int64(parts[0]) ?? .max, to: nil)
        case (false, false):
            let (first, last) = (Int64(parts[0]) ?? .max, Int64(parts[1]) ?? .max)
            guard first <= last else { return nil }
            self = .from(first, to: last)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// The bytes of an object that are meant.
    ///
    /// - Parameter size: The object's size.
    /// - Returns: Their offsets, or nil if the range lies outside.
    package func offsets(in size: Int64) -> Range<Int64>? {
        switch self {
        case .from(let first, let last):
            guard first < size else { return nil }
            return first..<min(last ?? size - 1, size - 1) + 1
        case .suffix(let count):
            guard count > 0, size > 0 else { return nil }
            return max(0, size - count)..<size
        }
    }
}
