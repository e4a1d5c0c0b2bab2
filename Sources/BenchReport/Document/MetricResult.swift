package import Measurements

/// Where one metric of one target stands, and how it changed against the baseline.
package struct MetricResult: Sendable, Equatable {
    package var target: String
    package var load: Load
    /// The size of the uploads that it is about; nil for all of them.
    package var sizeClass: SizeClass?
    package var metric: Metric
    /// How many rounds were counted.
    package var rounds: Int
    /// How many uploads they held; for a probe metric too.
    package var uploads: Int
    /// How many of them failed.
    package var errors: Int
    package var level: Level
    /// nil for the baseline, and where no round can be compared.
    package var change: Change?
    /// The cross-check that does not pair rounds; nil for the baseline and for differences.
    package var unpaired: UnpairedComparison?
    /// How many samples of one round lie at or above the percentile; nil for other metrics.
    package var tailSamples: Int?
    package var flags: [Flag]

    /// What a reader must know about a metric.
    package enum Flag: String, Sendable, CaseIterable {
        /// Two samples of a round or fewer carry it.
        case tailThin = "tail_thin"
        /// It follows from throughput.
        case burstIdentity = "burst_identity"
        /// Fewer than 10 samples of all rounds lie at or above it.
        case uncertain
    }

    /// The median round and its interval.
    package struct Level: Sendable, Equatable {
        package var value: Double
        package var low: Double?
        package var high: Double?
        /// Whether the value is a lower bound, since uploads were ended by a time-out.
        package var isCensored: Bool
    }

    /// What a candidate changes, paired by round.
    package struct Change: Sendable, Equatable {
        /// The name of the target it is compared with.
        package var baseline: String
        package var kind: PairedComparison.Kind
        package var estimate: Double
        package var low: Double?
        package var high: Double?
        package var p: Double
        /// p adjusted for the number of candidates.
        package var adjustedP: Double
        /// The smallest change that is taken for one.
        package var noise: Double
        package var verdict: Verdict
        /// The ratio of the two levels, for comparison with other tools.
        package var ratioOfMedians: Double?
    }

    /// What a change means; always printed as a word.
    package enum Verdict: String, Sendable, CaseIterable {
        case better
        case worse
        case equivalent
        case noClearChange = "no clear change"
        case noInterval = "no interval"
        case notComparable = "not comparable"

        /// The sign that stands before the word.
        package var symbol: String {
            switch self {
            case .better: "▲"
            case .worse: "▼"
            case .equivalent: "="
            case .noClearChange, .noInterval, .notComparable: " "
            }
        }
    }
}
