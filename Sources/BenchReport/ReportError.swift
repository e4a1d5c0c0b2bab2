package import Zlib

/// What can go wrong with a run's document and its files.
package enum ReportError: Error, Equatable {
    /// No block has a round of every target.
    case noCompleteRound
    /// Samples could not be packed.
    case packing(ZlibError)

    /// What went wrong.
    package var message: String {
        switch self {
        case .noCompleteRound: "no complete round: nothing to report"
        case .packing(let error): error.message
        }
    }

    /// What to try.
    package var hint: String? {
        switch self {
        case .noCompleteRound: nil
        case .packing(let error): error.hint
        }
    }
}
