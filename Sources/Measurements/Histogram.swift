/// Counts values by size with three significant digits, in memory that does not grow with their number.
///
/// The layout is that of HdrHistogram (Gil Tene): each doubling of the value has 1024 buckets of equal width,
/// so that a bucket is at most a thousandth of its values wide, and ``encoded()`` is what its libraries read.
/// Values are whole numbers of any unit.
package struct Histogram: Sendable, Equatable {
    /// An hour in nanoseconds: the highest time of an upload that keeps its digits.
    package static let longestNanoseconds: Int64 = 3_600_000_000_000
    /// An hour in microseconds, the unit of exported histograms.
    package static let longestMicroseconds: Int64 = 3_600_000_000

    /// Buckets of one doubling, as a power of two.
    private static let halfBits = 10
    private static let half = 1 << halfBits
    /// What a text of version 2 begins with; the digit 1 says that counts are of variable length.
    static let cookie: UInt32 = 0x1c84_9313

    /// The highest value that is told apart; higher ones count as this one.
    package let highest: Int64
    /// How many values were recorded.
    package private(set) var count = 0
    private var counts: [Int64]

    /// Makes an empty histogram.
    ///
    /// - Parameter highest: The highest value that is told apart, at least 2.
    package init(highest: Int64 = longestNanoseconds) {
        self.highest = max(2, highest)
        let length = (Self.bucket(of: self.highest) + 2) << Self.halfBits
        counts = Array(repeating: 0, count: length)
    }

    /// How many buckets there are.
    package var bucketCount: Int { counts.count }

    /// Records a value; below zero it counts as zero.
    ///
    /// - Parameter value: The value.
    package mutating func record(_ value: Int64) {
        counts[Self.index(of: min(max(0, value), highest))] &+= 1
        count &+= 1
    }

    /// Records the values of one bucket.
    ///
    /// - Parameters:
    ///   - number: How many values there are.
    ///   - index: The bucket.
    mutating func add(_ number: Int64, at index: Int) {
        counts[index] &+= number
        count &+= Int(number)
    }

    /// Adds what another histogram counted.
    ///
    /// - Parameter other: One with the same highest value.
    package mutating func merge(_ other: Histogram) {
        precondition(other.highest == highest, "histograms of different ranges have different buckets")
        for index in counts.indices { counts[index] &+= other.counts[index] }
        count &+= other.count
    }

    /// A percentile by nearest rank: the highest value of the bucket that its sample lies in.
    ///
    /// - Parameter percentile: Which one.
    /// - Returns: At most a thousandth above the sample; nil without samples.
    package func value(_ percentile: Percentile) -> Int64? {
        guard count > 0 else { return nil }
        var left = Int64(percentile.rank(of: count))
        for (index, counted) in counts.enumerated() where counted > 0 {
            left -= counted
            if left <= 0 { return Self.values(at: index).upperBound }
        }
        return nil
    }

    /// The lowest value of the lowest bucket in use; nil without samples.
    package var minimum: Int64? {
        counts.firstIndex { $0 > 0 }.map { Self.values(at: $0).lowerBound }
    }

    /// The highest value of the highest bucket in use; nil without samples.
    package var maximum: Int64? {
        counts.lastIndex { $0 > 0 }.map { Self.values(at: $0).upperBound }
    }

    /// The buckets in use with their counts, rising.
    package var buckets: [(values: ClosedRange<Int64>, count: Int64)] {
        counts.indices.filter { counts[$0] > 0 }.map { (Self.values(at: $0), counts[$0]) }
    }

    /// The histogram as the HdrHistogram libraries write it: version 2, not yet compressed.
    ///
    /// Big endian: cookie, length of what follows the head, offset, digits, lowest and highest value, ratio.
    /// Then the counts up to the last in use as zigzag LEB128, a negative one for so many empty buckets.
    ///
    /// - Returns: The bytes.
    package func encoded() -> [UInt8] {
        var body: [UInt8] = []
        var zeros: Int64 = 0
        let end = counts.lastIndex { $0 > 0 }.map { $0 + 1 } ?? 0
        for value in counts[..<end] {
            if value == 0 {
                zeros += 1
                continue
            }
            if zeros > 0 { Self.append(zeros == 1 ? 0 : -zeros, to: &body) }
            zeros = 0
            Self.append(value, to: &body)
        }
        var bytes: [UInt8] = []
        bytes.appendBigEndian(Self.cookie)
        bytes.appendBigEndian(UInt32(body.count))
        bytes.appendBigEndian(UInt32(0))
        bytes.appendBigEndian(UInt32(3))
        bytes.appendBigEndian(UInt64(1))
        bytes.appendBigEndian(UInt64(highest))
        bytes.appendBigEndian(Double(1).bitPattern)
        return bytes + body
    }

    /// A histogram of nanoseconds in whole microseconds.
    package var inMicroseconds: Histogram {
        var scaled = Histogram(highest: Self.longestMicroseconds)
        for (values, counted) in buckets {
            // The middle of a bucket stays within it.
            let value = (values.lowerBound + (values.upperBound - values.lowerBound) / 2) / 1000
            scaled.counts[Self.index(of: min(value, scaled.highest))] += counted
        }
        scaled.count = count
        return scaled
    }

    private static func append(_ value: Int64, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        // The ninth byte carries eight bits, so that no tenth is needed.
        for _ in 0..<8 where rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// By how many powers of two the buckets of a value are wide.
    @inline(__always)
    private static func bucket(of value: Int64) -> Int {
        63 - halfBits - (value | Int64(2 * half - 1)).leadingZeroBitCount
    }

    @inline(__always)
    private static func index(of value: Int64) -> Int {
        let bucket = bucket(of: value)
        return bucket << halfBits + Int(value >> Int64(bucket))
    }

    /// The values that share a bucket.
    private static func values(at index: Int) -> ClosedRange<Int64> {
        let bucket = max(0, index >> halfBits - 1)
        let first = Int64(index - bucket << halfBits) << Int64(bucket)
        return first...first + (1 << Int64(bucket)) - 1
    }
}

extension [UInt8] {
    /// Appends a whole number, its highest byte first.
    ///
    /// - Parameter number: The number.
    package mutating func appendBigEndian(_ number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}
