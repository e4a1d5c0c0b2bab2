import Glibc

extension Histogram {
    /// Reads what ``encoded()`` writes; nil for bytes that are no histogram of this layout.
    ///
    /// - Parameter bytes: Version 2, unpacked, with three digits and values from 1 on.
    package init?(decoding bytes: [UInt8]) {
        var input = ByteInput(bytes)
        guard input.bigEndian(4) == UInt64(Self.cookie), let length = input.bigEndian(4),
            input.bigEndian(4) == 0, input.bigEndian(4) == 3, input.bigEndian(8) == 1,
            let highest = input.bigEndian(8), (2...UInt64(Self.longestNanoseconds)).contains(highest),
            input.bigEndian(8) != nil, length == UInt64(input.left)
        else { return nil }
        self.init(highest: Int64(highest))
        var index = 0
        while input.left > 0 {
            guard let value = input.zigzag() else { return nil }
            if value < 0 {
                // So many empty buckets.
                guard value > -Int64(bucketCount) else { return nil }
                index += Int(-value)
            } else {
                guard index < bucketCount, value <= Int64(Int32.max) else { return nil }
                add(value, at: index)
                index += 1
            }
        }
    }

    /// The mean of the values, each taken for the middle of its bucket; nil without values.
    package var mean: Double? {
        guard count > 0 else { return nil }
        return buckets.reduce(0) { $0 + Self.middle(of: $1.values) * Double($1.count) } / Double(count)
    }

    /// The standard deviation of all values, each taken for the middle of its bucket; nil without values.
    package var standardDeviation: Double? {
        guard let mean else { return nil }
        let squares = buckets.reduce(0) { sum, bucket in
            let distance = Self.middle(of: bucket.values) - mean
            return sum + distance * distance * Double(bucket.count)
        }
        return (squares / Double(count)).squareRoot()
    }

    /// The value that stands for all of a bucket, as the HdrHistogram libraries choose it.
    private static func middle(of values: ClosedRange<Int64>) -> Double {
        Double(values.lowerBound + (values.upperBound - values.lowerBound + 1) / 2)
    }
}

/// Bytes read from the front.
private struct ByteInput {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var left: Int { bytes.count - place }

    /// The next number, its highest byte first; nil where the bytes end.
    mutating func bigEndian(_ width: Int) -> UInt64? {
        guard left >= width else { return nil }
        defer { place += width }
        return bytes[place..<place + width].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The next number in zigzag LEB128, whose ninth byte has eight bits; nil where the bytes end.
    mutating func zigzag() -> Int64? {
        var value: UInt64 = 0
        for step in 0..<9 {
            guard left > 0 else { return nil }
            let byte = bytes[place]
            place += 1
            if step == 8 {
                value |= UInt64(byte) << 56
                break
            }
            value |= UInt64(byte & 0x7F) << UInt64(7 * step)
            if byte & 0x80 == 0 { break }
        }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
