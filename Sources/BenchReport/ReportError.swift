import Glibc
package import Zlib

/// What can go wrong with a run's document and its files.
package enum ReportError: Error, Equatable {
    /// Not one measured upload to these targets succeeded; the failures by kind: "6 × 500".
    case nothingSucceeded(targets: [String], failures: [String], firstAnswer: String?)
    /// The run judged itself INVALID.
    case invalid(reasons: [String])
    /// Samples could not be packed.
    case packing(ZlibError)
    /// There is no run where one was named.
    case noRun(path: String)
    /// A run left no block that is whole.
    case noCompleteRound(path: String)
    /// A run that has not ended yet.
    case stillMeasured(path: String)
    /// The folder that was asked for is not empty.
    case outputTaken(path: String)
    /// A file is no run document.
    case document(path: String, fault: DocumentFault)
    /// The system refused a file or folder; the code is from errno.
    case file(path: String, code: Int32)
    /// Two runs that have no target to compare.
    case noSharedTarget(baseline: [String], candidate: [String])
    /// Runs that are not all the shards of one plan.
    case merge(reason: String)
    /// A shard that kept no samples to join.
    case unmergeable(path: String)
    /// The disk is too small for the samples.
    case space(path: String, needed: Int, free: Int)
    /// The document could not be written to its place, and lies elsewhere.
    case savedElsewhere(path: String, code: Int32, rescue: String)
    /// The document could be written nowhere.
    case savedNowhere(path: String, code: Int32)
    /// An export could not be written or drawn; the document is safe.
    case export(path: String, reason: String, folder: String)
    /// A part of a comparison could not be written or drawn.
    case comparison(path: String, reason: String)

    /// What went wrong.
    package var message: String {
        switch self {
        case .nothingSucceeded(let targets, let failures, let answer):
            "\(targets.joined(separator: ", ")): no upload succeeded"
                + (failures.isEmpty ? "" : " (\(failures.joined(separator: ", ")))")
                + (answer.map { "; first answer: \($0)" } ?? "")
        case .invalid(let reasons):
            "the run is INVALID" + (reasons.isEmpty ? "" : ": \(reasons.joined(separator: "; "))")
        case .packing(let error): error.message
        case .noRun(let path): "no run.json in \(path)"
        case .noCompleteRound: "no complete round: nothing to report"
        case .stillMeasured(let path): "\(path): the run is still being measured"
        case .outputTaken(let path): "\(path) already holds files"
        case .document(let path, let fault): "\(path) \(fault.message)"
        case .file(let path, let code), .savedNowhere(let path, let code): "\(path): \(Self.reason(code))"
        case .noSharedTarget(let baseline, let candidate):
            "the runs share no target: \(baseline.joined(separator: ", ")) and \(candidate.joined(separator: ", "))"
        case .merge(let reason): reason
        case .unmergeable(let path): "\(path) kept no samples, so its rounds can't be joined"
        case .space(let path, let needed, let free):
            "\(path): \(NumberText.bytes(needed)) are needed, \(NumberText.bytes(free)) are free"
        case .savedElsewhere(let path, let code, let rescue):
            "\(path): \(Self.reason(code)); saved as \(rescue)"
        case .export(let path, let reason, _), .comparison(let path, let reason): "\(path): \(reason)"
        }
    }

    /// What to try.
    package var hint: String? {
        switch self {
        case .nothingSucceeded, .invalid, .file, .space, .noCompleteRound, .noSharedTarget, .merge,
            .unmergeable:
            nil
        case .packing(let error): error.hint
        case .noRun: "list them: ls results/*/run.json"
        case .stillMeasured: "wait for its end, or end it with Ctrl-C: it reports what it has by then"
        case .outputTaken: "choose another --output"
        case .document(_, let fault): fault.hint
        case .savedElsewhere: "move it, then: ingest-bench report"
        case .savedNowhere: "nor could it be written to the folder for temporary files"
        case .comparison: "both runs are safe; compare them again with another --output"
        case .export(_, _, let folder): "run.json is safe; ingest-bench report \(folder) rebuilds the rest"
        }
    }

    /// Whether the command was wrong rather than the world.
    package var isUsage: Bool {
        switch self {
        case .noRun, .outputTaken, .noSharedTarget, .merge: true
        default: false
        }
    }

    /// The same error about another path: a temporary file's name means nothing to a reader.
    func naming(_ path: String) -> ReportError {
        if case .file(_, let code) = self { .file(path: path, code: code) } else { self }
    }

    /// The system's words for a code, in lower case.
    static func reason(_ code: Int32) -> String {
        let text = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
