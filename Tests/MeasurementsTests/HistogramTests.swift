import Measurements
import Testing

struct HistogramTests {
    /// Powers of two and their neighbours are where buckets begin and end.
    private static let edges: [Int64] = (0..<42).flatMap { power in
        [-1, 0, 1].map { (Int64(1) << power) + $0 }
    }

    @Test func `a value lies in its bucket, a thousandth wide at most`() throws {
        for value in Self.edges where value >= 0 && value <= Histogram.longestNanoseconds {
            var histogram = Histogram()
            histogram.record(value)
            let bucket = try #require(histogram.buckets.first).values
            #expect(bucket.contains(value), "\(value) in \(bucket)")
            #expect(bucket.upperBound - bucket.lowerBound <= value / 1000, "\(value) in \(bucket)")
        }
    }

    @Test func `buckets adjoin without gaps`() throws {
        var histogram = Histogram(highest: 1 << 20)
        for value in 0...Int64(1 << 20) { histogram.record(value) }
        let buckets = histogram.buckets
        #expect(buckets.first?.values.lowerBound == 0)
        for (left, right) in zip(buckets, buckets.dropFirst()) {
            #expect(left.values.upperBound + 1 == right.values.lowerBound)
        }
        #expect(buckets.dropLast().allSatisfy { $0.count == Int64($0.values.count) })
    }

    @Test func `percentiles are those of the sorted values, to a thousandth`() throws {
        var random = SplitMix64(seed: 5)
        var values: [Int64] = []
        var histogram = Histogram()
        for _ in 0..<5000 {
            let value = Int64(random.below(1 << random.below(40)))
            values.append(value)
            histogram.record(value)
        }
        values.sort()
        for parts in stride(from: 1000, through: 1_000_000, by: 1000) {
            let percentile = Percentile(partsPerMillion: parts)
            let exact = try #require(percentile.value(in: values))
            let counted = try #require(histogram.value(percentile))
            #expect(counted >= exact && counted - exact <= exact / 1000, "\(percentile)")
        }
    }

    @Test func `merged shards equal the whole`() {
        var random = SplitMix64(seed: 9)
        var whole = Histogram()
        var shards = [Histogram(), Histogram(), Histogram()]
        for place in 0..<3000 {
            let value = Int64(random.below(1 << 38))
            whole.record(value)
            shards[place % 3].record(value)
        }
        var merged = Histogram()
        for shard in shards { merged.merge(shard) }
        #expect(merged == whole)
    }

    @Test func `what is out of range counts as its end`() {
        var histogram = Histogram(highest: 10_000)
        histogram.record(-5)
        histogram.record(1 << 60)
        #expect(histogram.count == 2)
        #expect(histogram.minimum == 0)
        #expect(histogram.buckets.last?.values.contains(10_000) == true)
    }

    @Test func `an empty histogram has no values`() {
        let histogram = Histogram()
        #expect(histogram.value(.p50) == nil)
        #expect(histogram.minimum == nil)
        #expect(histogram.maximum == nil)
        #expect(histogram.encoded().count == 40)
    }

    @Test func `the reference histogram has the reference values`() throws {
        let vector = Vectors.shared.hdr
        var histogram = Histogram(highest: vector.highest)
        for value in vector.values { histogram.record(value) }
        #expect(histogram.bucketCount == vector.counts_len)
        #expect(histogram.count == vector.total)
        #expect(histogram.minimum == vector.min)
        #expect(histogram.maximum == vector.max)
        for (name, value) in vector.value_at {
            let parts = try #require(Double(name)) * 10_000
            #expect(histogram.value(Percentile(partsPerMillion: Int(parts.rounded()))) == value, "\(name)")
        }
    }

    @Test func `nanoseconds become microseconds in the bucket of their middle`() {
        var histogram = Histogram()
        for value: Int64 in [999, 1500, 38_000_000, 3_600_000_000_000] { histogram.record(value) }
        let buckets = histogram.inMicroseconds.buckets.map(\.values.lowerBound)
        #expect(buckets.count == 4)
        #expect(histogram.inMicroseconds.count == 4)
        #expect(buckets.prefix(2) == [0, 1])
    }
}

struct HistogramDecodingTests {
    @Test func `what was encoded decodes to the same histogram`() throws {
        var random = SplitMix64(seed: 11)
        for count in [0, 1, 2, 3000] {
            var histogram = Histogram(highest: Histogram.longestMicroseconds)
            for _ in 0..<count { histogram.record(Int64(random.below(1 << random.below(32)))) }
            #expect(Histogram(decoding: histogram.encoded()) == histogram)
        }
    }

    @Test func `the reference histogram has the reference mean and deviation`() throws {
        let vector = Vectors.shared.hdr
        var histogram = Histogram(highest: vector.highest)
        for value in vector.values { histogram.record(value) }
        #expect(try #require(histogram.mean) == vector.mean)
        #expect(abs(try #require(histogram.standardDeviation) - vector.stddev) < 1e-9 * vector.stddev)
        #expect(Histogram().mean == nil && Histogram().standardDeviation == nil)
    }

    @Test func `bytes that are cut or changed are no histogram, and never a trap`() {
        var histogram = Histogram(highest: Histogram.longestMicroseconds)
        for value: Int64 in [1000, 1250, 38_000, 1_500_000] { histogram.record(value) }
        let whole = histogram.encoded()
        for length in whole.indices { #expect(Histogram(decoding: Array(whole[..<length])) == nil) }
        var random = SplitMix64(seed: 4)
        for _ in 0..<2000 {
            var changed = whole
            changed[Int(random.below(UInt64(whole.count)))] = UInt8(random.below(256))
            _ = Histogram(decoding: changed)
        }
        // A run of empty buckets as long as the range, and a count that no run reaches.
        for body: [UInt8] in [[0xFF, 0xFF, 0xFF, 0x7F, 2], [0xFE, 0xFF, 0xFF, 0xFF, 0x7F]] {
            var bytes = Array(whole[..<40])
            bytes[7] = UInt8(body.count)
            #expect(Histogram(decoding: bytes + body) == nil)
        }
    }
}
