/// When not to trust the numbers, as data: the same text stands in every export.
package struct ReportWarning: Sendable, Equatable {
    /// How much it takes from the numbers.
    package enum Severity: String, Sendable, Comparable, CaseIterable {
        case error, warning, note

        package static func < (left: Severity, right: Severity) -> Bool {
            left.rank < right.rank
        }

        private var rank: Int {
            switch self {
            case .error: 0
            case .warning: 1
            case .note: 2
            }
        }
    }

    /// What it is about.
    package enum Code: String, Sendable, CaseIterable {
        case partial
        case fewRounds = "few_rounds"
        case tailThin = "tail_thin"
        case burstIdentity = "burst_identity"
        case noiseUnstable = "aa_unstable"
        case validity
        case errors
        case timeouts
        case repeated
        case dropped
        case overloaded
        case closedLoop = "closed_loop"
        case fresh
        case drained
        case noSteadyState = "no_steady_state"
        case debugBuild = "debug_build"
        case traced
        case notScheduled = "not_scheduled"
        case noFont = "no_font"
        case environmentDiffers = "environment_differs"
        case shardsApart = "shards_apart"

        /// How much it takes from the numbers.
        package var severity: Severity {
            switch self {
            case .partial: .error
            case .validity, .errors, .fewRounds, .noiseUnstable, .timeouts, .dropped, .noSteadyState,
                .debugBuild,
                .traced, .notScheduled, .noFont, .overloaded, .environmentDiffers, .shardsApart:
                .warning
            case .tailThin, .burstIdentity, .repeated, .closedLoop, .fresh, .drained: .note
            }
        }
    }

    package var code: Code
    package var severity: Severity
    /// The target it is about; nil when it is about the run.
    package var target: String?
    /// The block it is about; nil when it is about the run.
    package var round: Int?
    package var text: String

    /// Makes a warning of its code's severity.
    ///
    /// - Parameters:
    ///   - code: What it is about.
    ///   - target: The target it is about.
    ///   - round: The block it is about.
    ///   - text: The sentence.
    package init(_ code: Code, target: String? = nil, round: Int? = nil, text: String) {
        self.init(code, severity: code.severity, target: target, round: round, text: text)
    }

    init(_ code: Code, severity: Severity, target: String?, round: Int?, text: String) {
        self.code = code
        self.severity = severity
        self.target = target
        self.round = round
        self.text = text
    }
}
