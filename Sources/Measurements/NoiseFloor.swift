/// The smallest change that is taken for one.
package enum NoiseFloor {
    /// What is assumed where the baseline was not measured against itself.
    package static let assumed = 0.01

    /// The floor that a comparison of the baseline with itself shows.
    ///
    /// - Parameters:
    ///   - selfComparison: The baseline against the baseline; nil where that was not measured.
    ///   - assumed: The least that it is, in the unit of the comparison.
    /// - Returns: The larger end of its interval, and never less than `assumed`.
    package static func floor(selfComparison: PairedComparison?, assumed: Double = assumed) -> Double {
        guard let selfComparison else { return assumed }
        return [selfComparison.low, selfComparison.high].compactMap { $0 }.map(abs).reduce(assumed, max)
    }
}
