import Glibc

/// What a candidate changes against its baseline, paired by round.
///
/// The Hodges-Lehmann estimate over Walsh averages with the Wilcoxon signed-rank interval and test
/// (Hollander, Wolfe, Chicken, "Nonparametric Statistical Methods", 3.1–3.3). Rounds of one block share
/// the machine's mood, so their difference does not carry it.
package struct PairedComparison: Sendable, Equatable {
    /// What an estimate means.
    package enum Kind: String, Sendable, Codable {
        /// The candidate's value over the baseline's, minus 1: 0.284 is +28.4 %.
        case ratio
        /// The candidate's value minus the baseline's, for metrics that may be 0.
        case difference
    }

    package let kind: Kind
    /// The change.
    package let estimate: Double
    /// The lower end of its 95 % interval; nil below 6 rounds.
    package let low: Double?
    /// The upper end of its 95 % interval; nil below 6 rounds.
    package let high: Double?
    /// The two-sided p, exact up to 100 rounds: how often equal targets differ this consistently.
    package let p: Double

    /// Compares values by their ratio.
    ///
    /// - Parameters:
    ///   - baseline: One value a block, all above 0.
    ///   - candidate: The same blocks of the candidate.
    /// - Returns: nil without blocks, with unequal numbers of them, or with a value that has no logarithm.
    package static func ratio(baseline: [Double], candidate: [Double]) -> PairedComparison? {
        guard baseline.count == candidate.count, (baseline + candidate).allSatisfy({ $0 > 0 && $0.isFinite })
        else { return nil }
        let differences = zip(baseline, candidate).map { log($1 / $0) }
        return SignedRank(differences: differences).map { shift in
            PairedComparison(
                kind: .ratio,
                estimate: expm1(shift.estimate),
                low: shift.low.map { expm1($0) },
                high: shift.high.map { expm1($0) },
                p: shift.p
            )
        }
    }

    /// Compares values by their difference.
    ///
    /// - Parameters:
    ///   - baseline: One value a block.
    ///   - candidate: The same blocks of the candidate.
    /// - Returns: nil without blocks or with unequal numbers of them.
    package static func difference(baseline: [Double], candidate: [Double]) -> PairedComparison? {
        guard baseline.count == candidate.count else { return nil }
        return SignedRank(differences: zip(baseline, candidate).map { $1 - $0 }).map { shift in
            PairedComparison(
                kind: .difference,
                estimate: shift.estimate,
                low: shift.low,
                high: shift.high,
                p: shift.p
            )
        }
    }

    /// Whether the interval lies on one side of zero.
    package var excludesZero: Bool {
        guard let low, let high else { return false }
        return low > 0 || high < 0
    }
}
