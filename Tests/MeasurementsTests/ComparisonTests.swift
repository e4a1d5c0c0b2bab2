import Foundation
import Testing

@testable import Measurements

struct ComparisonTests {
    /// Whether two numbers agree to a relative tolerance; `nil` is an open bound.
    private func agree(_ value: Double?, _ expected: Double?, within tolerance: Double = 1e-9) -> Bool {
        guard let value, let expected else { return value == nil && expected == nil }
        return abs(value - expected) <= tolerance * max(abs(value), abs(expected))
            || abs(value - expected) < 1e-15
    }

    @Test func `a paired change and its interval match the reference`() throws {
        for row in Vectors.shared.paired_rounds {
            let comparison = try #require(PairedComparison.ratio(baseline: row.a, candidate: row.b))
            #expect(agree(comparison.estimate + 1, row.ratio), "\(row.name)")
            #expect(agree(comparison.low.map { $0 + 1 }, row.ratio_lo), "\(row.name)")
            #expect(agree(comparison.high.map { $0 + 1 }, row.ratio_hi), "\(row.name)")
            #expect(agree(comparison.p, row.p_exact, within: 1e-6), "\(row.name)")
        }
    }

    @Test func `the signed-rank interval leaves out as many averages as the exact distribution allows`()
        throws
    {
        for row in Vectors.shared.signed_rank_ci_k.rows {
            // Differences 1, 2, 4, … have distinct averages, so the interval's ends name its index.
            let differences = (0..<row.n).map { pow(3, Double($0 % 30)) + Double($0) / 1000 }
            let zeros = differences.map { _ in 0.0 }
            let comparison = try #require(
                PairedComparison.difference(baseline: zeros, candidate: differences)
            )
            var averages: [Double] = []
            for first in differences.indices {
                for second in differences[first...] { averages.append((differences[first] + second) / 2) }
            }
            averages.sort()
            #expect(comparison.low == row.k.map { averages[$0] }, "\(row.n) rounds")
            #expect(comparison.high == row.k.map { averages[averages.count - 1 - $0] }, "\(row.n) rounds")
        }
    }

    @Test func `swapping the targets inverts the change`() throws {
        for row in Vectors.shared.paired_rounds {
            let forward = try #require(PairedComparison.ratio(baseline: row.a, candidate: row.b))
            let back = try #require(PairedComparison.ratio(baseline: row.b, candidate: row.a))
            #expect(agree(1 / (1 + forward.estimate), 1 + back.estimate))
            #expect(agree(forward.low.map { 1 / (1 + $0) }, back.high.map { 1 + $0 }))
            #expect(agree(forward.p, back.p))
        }
    }

    @Test func `rescaling both targets changes nothing`() throws {
        let row = Vectors.shared.paired_rounds[0]
        let plain = try #require(PairedComparison.ratio(baseline: row.a, candidate: row.b))
        let scaled = try #require(
            PairedComparison.ratio(baseline: row.a.map { $0 * 1024 }, candidate: row.b.map { $0 * 1024 })
        )
        #expect(plain == scaled)
    }

    @Test func `a value without a logarithm has no ratio`() {
        #expect(PairedComparison.ratio(baseline: [1, 2], candidate: [1, 0]) == nil)
        #expect(PairedComparison.ratio(baseline: [1, -2], candidate: [1, 1]) == nil)
        #expect(PairedComparison.ratio(baseline: [], candidate: []) == nil)
        #expect(PairedComparison.ratio(baseline: [1], candidate: [1, 2]) == nil)
        #expect(UnpairedComparison(baseline: [0], candidate: [1]) == nil)
        #expect(UnpairedComparison(baseline: [], candidate: [1]) == nil)
    }

    @Test func `an unpaired change matches the reference`() throws {
        for (row, pair) in zip(Vectors.shared.unpaired_rounds, Vectors.shared.paired_rounds) {
            let comparison = try #require(UnpairedComparison(baseline: pair.a, candidate: pair.b))
            #expect(row.name == pair.name)
            #expect(agree(comparison.estimate + 1, row.ratio), "\(row.name)")
            #expect(agree(comparison.low.map { $0 + 1 }, row.ratio_lo), "\(row.name)")
            #expect(agree(comparison.high.map { $0 + 1 }, row.ratio_hi), "\(row.name)")
            #expect(agree(comparison.p, row.p, within: 1e-6), "\(row.name)")
        }
    }

    @Test func `the rank-sum test matches the reference with and without ties`() {
        for row in Vectors.shared.two_sample {
            let isTied = Set(row.x + row.y).count < row.x.count + row.y.count
            let expected = isTied ? row.p_asymptotic : row.p_exact ?? row.p_asymptotic
            #expect(agree(RankSum.p(row.x, row.y), expected, within: 1e-6))
            #expect(agree(RankSum.p(row.y, row.x), expected, within: 1e-6))
        }
    }

    @Test func `the unpaired interval leaves out as many shifts as the exact distribution allows`() throws {
        for row in Vectors.shared.mwu_ci_k.rows {
            let before = (0..<row.n1).map { 1 + Double($0) / 7 }
            let after = (0..<row.n2).map { pow(1.3, Double($0)) * 3.1 }
            let comparison = try #require(UnpairedComparison(baseline: before, candidate: after))
            let shifts = after.flatMap { later in before.map { log(later) - log($0) } }.sorted()
            let index = row.k < 0 ? nil : row.k
            #expect(comparison.low == index.map { expm1(shifts[$0]) }, "\(row.n1) and \(row.n2)")
            #expect(
                comparison.high == index.map { expm1(shifts[shifts.count - 1 - $0]) },
                "\(row.n1) and \(row.n2)"
            )
        }
    }

    @Test(arguments: [40, 60, 100])
    func `a normal interval is within one rank of the exact one`(rounds: Int) throws {
        let signed = try #require(SignedRank.exactIndex(count: rounds))
        #expect(abs(try #require(SignedRank.normalIndex(count: rounds)) - signed) <= 1)
        let half = rounds / 2
        let summed = try #require(RankSum.exactIndex(half, half))
        #expect(abs(try #require(RankSum.normalIndex(half, half)) - summed) <= 1)
        let ranks = (1...rounds).map { 2 * $0 }
        let smaller = 2 * signed
        let exact = SignedRank.exactP(smaller: smaller, ranks: ranks)
        #expect(abs(SignedRank.normalP(smaller: smaller, ranks: ranks) - exact) < 0.002)
    }

    @Test func `a normal interval that would begin below zero is open`() {
        #expect(RankSum.intervalIndex(1, 2600) == nil)
        #expect(SignedRank.normalIndex(count: 3) == nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `many rounds are compared as few are`() throws {
        var generator = SplitMix64(seed: 7)
        let baseline = (0..<300).map { _ in 1 + Double(generator.next() % 1000) / 10_000 }
        let candidate = (0..<300).map { _ in 1.1 + Double(generator.next() % 1000) / 10_000 }
        let paired = try #require(PairedComparison.ratio(baseline: baseline, candidate: candidate))
        let unpaired = try #require(UnpairedComparison(baseline: baseline, candidate: candidate))
        for (low, high, estimate, p) in [
            (paired.low, paired.high, paired.estimate, paired.p),
            (unpaired.low, unpaired.high, unpaired.estimate, unpaired.p),
        ] {
            #expect(try #require(low) < estimate)
            #expect(try #require(high) > estimate)
            #expect(abs(estimate - 0.1 / 1.05) < 0.01)
            #expect(p < 1e-6)
        }
        let same = try #require(PairedComparison.ratio(baseline: baseline, candidate: baseline))
        #expect(same.p == 1 && same.low == 0 && same.high == 0)
    }

    @Test func `Fisher's exact test matches the reference`() {
        for row in Vectors.shared.fisher_exact.rows {
            #expect(
                agree(
                    FisherExact.p(failures: row.a, of: row.n1, against: row.b, of: row.n2),
                    row.p,
                    within: 1e-6
                )
            )
            #expect(
                agree(
                    FisherExact.p(failures: row.b, of: row.n2, against: row.a, of: row.n1),
                    row.p,
                    within: 1e-6
                )
            )
        }
        #expect(FisherExact.p(failures: 0, of: 0, against: 0, of: 0) == 1)
    }

    @Test func `Holm's adjustment matches the reference`() {
        for row in Vectors.shared.holm {
            for (value, expected) in zip(HolmAdjustment.adjusted(row.p), row.adjusted) {
                #expect(agree(value, expected))
            }
        }
        #expect(HolmAdjustment.adjusted([]).isEmpty)
    }

    @Test func `the noise floor is never below one percent and covers both ends`() throws {
        #expect(NoiseFloor.floor(selfComparison: nil) == 0.01)
        let equal = try #require(
            PairedComparison.ratio(baseline: [1, 1, 1, 1, 1, 1], candidate: [1, 1, 1, 1, 1, 1])
        )
        #expect(NoiseFloor.floor(selfComparison: equal) == 0.01)
        let slower = try #require(
            PairedComparison.ratio(baseline: [1, 1, 1, 1, 1, 1], candidate: [0.95, 0.99, 1, 1, 1.01, 1.02])
        )
        #expect(agree(NoiseFloor.floor(selfComparison: slower), 0.05))
    }
}
