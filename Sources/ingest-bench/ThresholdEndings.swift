import BenchReport
import Measurements

/// Thresholds that the run did not keep.
struct BrokenThresholds: UserFacingError {
    let message: String
    let hint: String? = nil
    var exitStatus: ExitStatus { .thresholdFailed }

    /// Finds the thresholds that failed; nil if none did.
    ///
    /// - Parameter document: The run.
    init?(_ document: RunDocument) {
        let failed = document.thresholds.filter { $0.verdict == .fail }
        guard !failed.isEmpty else { return nil }
        let noun = failed.count == 1 ? "a threshold failed" : "\(failed.count) thresholds failed"
        message = "\(noun): \(failed.map { "\($0.expression) (\($0.text))" }.joined(separator: "; "))"
    }
}

/// A run that can't tell what it was asked.
struct Inconclusive: UserFacingError {
    let message: String
    let hint: String? = "measure longer: more --rounds, or more uploads"
    var exitStatus: ExitStatus { .inconclusive }

    /// Finds what a run can't tell; nil if it tells everything.
    ///
    /// - Parameter document: The run.
    init?(_ document: RunDocument) {
        let open = document.openQuestions
        guard !open.isEmpty else { return nil }
        message = "the run can't tell: \(open.joined(separator: "; "))"
    }
}
