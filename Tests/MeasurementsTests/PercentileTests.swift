import Measurements
import Testing

struct PercentileTests {
    @Test(arguments: Vectors.shared.rank_table.rows)
    func `the rank is the nearest one`(_ row: Vectors.Rank) {
        #expect(Percentile(partsPerMillion: row.ppm).rank(of: row.n) == row.rank_nearest)
    }

    @Test func `ranks are exact where a ceiling of doubles is one too high`() {
        for trap in Vectors.shared.float_ceil_traps.examples {
            #expect(Percentile(partsPerMillion: trap.ppm).rank(of: trap.n) == trap.exact_rank)
        }
    }

    @Test(arguments: Vectors.shared.percentiles.rows)
    func `a percentile is a value that was measured`(_ row: Vectors.PercentileRow) throws {
        let values = try #require(Vectors.shared.percentiles.values(of: row.array))
        let percentile = Percentile(partsPerMillion: row.ppm)
        #expect(percentile.value(in: values.sorted()) == row.nearest_rank)
        var random = SplitMix64(seed: 5)
        var shuffled = values
        random.shuffle(&shuffled)
        #expect(percentile.value(in: shuffled.sorted()) == row.nearest_rank)
    }

    @Test(arguments: [1, 2, 3, 4, 10, 99, 1000])
    func `a percentile of samples in any order is that of the sorted ones`(_ count: Int) {
        var random = SplitMix64(seed: 7)
        let orders: [[Int]] = [
            Array(0..<count), Array((0..<count).reversed()), Array(repeating: 3, count: count),
            (0..<count).map { min($0, count - $0) }, (0..<count).map { $0 % 7 },
            (0..<count).map { _ in Int(random.below(UInt64(count))) },
        ]
        for order in orders {
            for partsPerMillion in [0, 10_000, 500_000, 950_000, 990_000, 1_000_000] {
                let percentile = Percentile(partsPerMillion: partsPerMillion)
                var samples = order
                #expect(percentile.value(selectedFrom: &samples) == percentile.value(in: order.sorted()))
                #expect(samples.sorted() == order.sorted())
            }
        }
        var none: [Int] = []
        #expect(Percentile.p50.value(selectedFrom: &none) == nil)
    }

    @Test func `deciles of pooled rounds are those of the reference`() {
        let rounds = Vectors.shared.cluster_bootstrap
        let (first, second) = (rounds.A_rounds.joined().sorted(), rounds.B_rounds.joined().sorted())
        for row in Vectors.shared.shift_function.deciles {
            let percentile = Percentile(partsPerMillion: row.ppm)
            #expect(percentile.value(in: first) == row.a && percentile.value(in: second) == row.b)
        }
    }

    @Test(arguments: Vectors.shared.quantile_ci_95.rows)
    func `the confidence ranks follow the binomial distribution`(_ row: Vectors.QuantileInterval) {
        let percentile = Percentile(partsPerMillion: row.ppm)
        let ranks = percentile.confidenceRanks(of: row.n)
        #expect(ranks.lower == row.lo_rank)
        #expect(ranks.upper == row.hi_rank)
        #expect(percentile.tailSamples(of: row.n) == row.tail_count)
    }

    @Test(arguments: Vectors.shared.quantile_ci_95.min_n_for_finite_two_sided)
    func `a bound on both sides needs enough samples`(_ partsPerMillion: String, _ least: Int) throws {
        let percentile = Percentile(partsPerMillion: try #require(Int(partsPerMillion)))
        #expect(percentile.leastCountForInterval == least)
        #expect(percentile.confidenceRanks(of: least).upper != nil)
        #expect(percentile.confidenceRanks(of: least - 1).upper == nil)
    }

    @Test func `percentiles rise with their share and stay within the samples`() {
        var random = SplitMix64(seed: 9)
        for count in [1, 2, 7, 100, 1000] {
            let sorted = (0..<count).map { _ in Int(random.below(50)) }.sorted()
            let values = stride(from: 0, through: 1_000_000, by: 12_500)
                .compactMap { Percentile(partsPerMillion: $0).value(in: sorted) }
            #expect(values == values.sorted())
            #expect(values.first == sorted.first && values.last == sorted.last)
        }
    }

    @Test(arguments: [("p50", 500_000), ("p99.9", 999_000), ("p1", 10_000), ("p99.99", 999_900)])
    func `a percentile's name is read and written alike`(_ name: String, _ partsPerMillion: Int) {
        #expect(Percentile(name: name)?.partsPerMillion == partsPerMillion)
        #expect(Percentile(partsPerMillion: partsPerMillion).description == name)
    }

    @Test(arguments: [
        "", "p", "50", "p100", "p0", "p-1", "p99.", "p.5", "p99.99999", "p1e1", "p5 0",
        "p99999999999999999999",
    ])
    func `other text names no percentile`(_ name: String) {
        #expect(Percentile(name: name) == nil)
    }
}
