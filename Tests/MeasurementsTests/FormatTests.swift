import Measurements
import Testing

struct FormatTests {
    @Test(arguments: Vectors.shared.duration_format)
    func `a duration has three digits and a unit`(_ row: Vectors.DurationText) {
        #expect(DurationFormat.text(seconds: row.seconds) == row.text)
    }

    @Test func `ticks are round and enclose the range`() {
        for row in Vectors.shared.heckbert_ticks {
            let scale = TickScale(low: row.lo, high: row.hi, count: row.m)
            #expect(scale.ticks == row.ticks, "\(row.lo) … \(row.hi)")
            #expect(abs(scale.step - row.step) <= 1e-12 * row.step)
        }
    }

    @Test(arguments: [
        (0.0, 0, "0"), (-0.001, 2, "0.00"), (-1.5, 1, "-1.5"), (2.5, 0, "2"), (1e300, 0, nil),
        (0.1, 20, "0.10000000000000001"),
    ])
    func `fixed-point text is rounded from the binary value`(
        _ value: Double,
        _ decimals: Int,
        _ text: String?
    ) {
        let written = FixedPoint.text(value, decimals: decimals)
        if let text { #expect(written == text) } else { #expect(Double(written) == value) }
    }

    @Test(arguments: [
        (0.0, "0"), (0.00123, "0.0012"), (0.05, "0.05"), (9.994, "9.99"), (9.996, "10.0"), (99.96, "100"),
        (1234.6, "1235"),
    ])
    func `numbers keep three significant digits`(_ value: Double, _ text: String) {
        #expect(FixedPoint.significant(value) == text)
    }
}

struct SplitMix64Tests {
    @Test func `equal seeds give the reference's numbers`() throws {
        for row in Vectors.shared.prng_splitmix64 {
            let seed = try #require(UInt64(row.seed))
            var random = SplitMix64(seed: seed)
            #expect(row.u64.map { _ in String(random.next()) } == row.u64)
            random = SplitMix64(seed: seed)
            #expect(row.below_100.map { _ in random.below(100) } == row.below_100)
            random = SplitMix64(seed: seed)
            #expect(row.unit.map { _ in random.unit() } == row.unit)
        }
    }

    @Test func `a shuffle keeps the elements and reaches every order`() {
        var random = SplitMix64(seed: 1)
        var orders: Set<[Int]> = []
        for _ in 0..<200 {
            var elements = [1, 2, 3]
            random.shuffle(&elements)
            #expect(elements.sorted() == [1, 2, 3])
            orders.insert(elements)
        }
        #expect(orders.count == 6)
    }
}
